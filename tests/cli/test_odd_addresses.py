"""Answers that name no address that could be one: an error, and the outputs are there."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.reading import complaint, rows
from tests.making import ids, put
from tests.raw_server import Received, json_answer, passed_on, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")
ODD: list[object] = ["http://[", None, 7, "", {}, "javascript:x", "https://a b/"]


@contextlib.contextmanager
def naming(emulator: Emulator, value: Any, *, at_creation: bool = True) -> Iterator[str]:
    """Stand before the emulator, and name the addresses of deployments otherwise."""

    def answer(received: Received) -> bytes:
        whole = passed_on(emulator, received)
        head, _, body = whole.partition(b"\r\n\r\n")
        document = json.loads(body or b"{}")
        result = document.get("result")
        if received.method == "POST" and not at_creation:
            return whole
        for deployment in result if isinstance(result, list) else [result]:
            if isinstance(deployment, dict) and "latest_stage" in deployment:
                deployment |= {"url": value, "aliases": [value]}
        return json_answer(json.dumps(document).encode(), int(head.split()[1]))

    with serving(answer) as port:
        yield f"http://127.0.0.1:{port}/client/v4"


@pytest.mark.parametrize("at_creation", [True, False])
@pytest.mark.parametrize("verify", ["sample", "off"])
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_deployment_without_an_address_is_an_error_with_outputs(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    site: BuildSite,
    tmp_path: Path,
    value: object,
    verify: str,
    at_creation: bool,
) -> None:
    root = site({"index.html": "home"})
    written = tmp_path / "outputs.json"
    with naming(emulator, value, at_creation=at_creation) as base_url:
        environ["CLOUDFLARE_API_BASE_URL"] = base_url
        outcome = run_cli(
            str(root), "--verify", verify, "--json-file", str(written), environ=environ
        )
    (made,) = ids(emulator)
    text = complaint(outcome, 1)
    assert made in text
    assert "gives no usable address for it" in text
    outputs = json.loads(written.read_text())
    assert outputs["id"] == made
    assert outputs["verified"] == "skipped"
    # That of the creation's own answer, where it was one.
    assert bool(outputs["url"]) is not at_creation


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_listing_is_shown_all_the_same(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, value: object
) -> None:
    put(emulator, ["main", "x"])
    with naming(emulator, value) as base_url:
        environ["CLOUDFLARE_API_BASE_URL"] = base_url
        listed = rows(run_cli("deployments", "list", environ=environ))
    assert [row["id"] for row in listed] == ids(emulator)[::-1]
