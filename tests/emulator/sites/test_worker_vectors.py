"""What wrangler's own bundles answered, asked of the emulator, which runs ours by workerd."""

from __future__ import annotations

import http.client
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator import EmulatorSettings
from pages_deploy.worker.bundle import bundle_bytes
from pages_deploy.worker.bundler import Bundler
from pages_deploy.worker.programs import Search
from pages_deploy.worker.worker import WorkerSources, find_worker
from tests.emulator.direct_upload import DirectUpload, entry_of, key_of, running
from tests.worker.conftest import workerd_program
from tests.worker.runtime import HOST, OF_THE_CONNECTION
from tests.worker.vectors import assets_of, lay, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.worker.worker import Worker

__all__ = ["workerd_program"]

pytestmark = pytest.mark.xdist_group("workerd")
ALL = [one for one in vectors() if one["worker"] and one["needs"] == "plain"]
# In front of the recording stood rules whose `+`, `$` and `(` were those of a regular expression.
PLAIN_RULES = {"/x+y", "/$cash", "/(group)/z"}
# The emulator's own, and what the recording had besides.
NOT_COMPARED = OF_THE_CONNECTION | {"server", "x-served-by"}


@pytest.fixture(scope="module")
def client(workerd_program: Path) -> Iterator[DirectUpload]:
    with running(EmulatorSettings(workerd=workerd_program)) as connected:
        connected.create_project()
        connected.emulator.store.add_domain("demo", HOST)
        yield connected


def compiled(root: Path, vector: dict[str, Any]) -> Worker:
    metadata = vector["sent"]["metadata"] or {}
    bundler = Bundler(
        Search(root, {"PATH": os.environ["PATH"]}),
        mode="never" if "--no-bundle" in vector.get("args", ()) else "auto",
        compatibility=lambda: (
            metadata.get("compatibility_date", ""),
            tuple(metadata.get("compatibility_flags", ())),
        ),
    )
    worker = find_worker(WorkerSources(root / "public", bundler, root / "functions"))
    assert worker is not None
    return worker


def deploy(client: DirectUpload, vector: dict[str, Any], worker: Worker) -> None:
    assets = assets_of(vector)
    types = {"js": "application/javascript", "css": "text/css", "json": "application/json"}
    entries = []
    for path, content in assets.items():
        entry = entry_of(path, content)
        if (known := types.get(path.rpartition(".")[2])) is not None:
            entry["metadata"] = {"contentType": known}
        entries.append(entry)
    assert client.assets("upload", entries).status_code == 200
    # As the recording has it: the date of the project, where there is no configuration file.
    metadata = {"compatibility_date": "2024-01-01", **(vector["sent"]["metadata"] or {})}
    parts = {"_worker.bundle": bundle_bytes(worker.script, metadata)}
    if worker.routes_json is not None:
        parts["_routes.json"] = worker.routes_json
    manifest = {path: key_of(path, content) for path, content in assets.items()}
    answer = client.submit(manifest, **parts)
    assert answer.json()["result"]["latest_stage"]["status"] == "success", answer.text


def ask(port: int, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = (asked.get("body") or "").encode()
        connection.putrequest(
            asked["method"], asked["path"], skip_host=True, skip_accept_encoding=True
        )
        fields = {"Host": HOST, **(asked.get("headers") or {})}
        if body:
            fields["Content-Length"] = str(len(body))
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        told: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            if key not in NOT_COMPARED:
                told[key] = f"{told[key]}, {value}" if key in told else value
        return response.status, told, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["name"])
def test_a_deployed_tree_answers_as_wranglers_does(
    tmp_path: Path, client: DirectUpload, vector: dict[str, Any]
) -> None:
    deploy(client, vector, compiled(lay(vector, tmp_path), vector))
    differing = []
    direct = vector.get("direct") or vector["expect"]
    for asked, behind_rules, unruled in zip(
        vector["requests"], vector["expect"], direct, strict=True
    ):
        expected = unruled if asked["path"] in PLAIN_RULES else behind_rules
        status, fields, body = ask(client.emulator.port, asked)
        wanted = {
            name: value for name, value in expected["headers"].items() if name not in NOT_COMPARED
        }
        if expected["headers"]["x-served-by"] == "exception":
            # The page shows what was thrown, in its own way.
            is_right = status == 500 and fields["x-emulator-worker"] == "threw"
        else:
            is_right = (status, fields) == (expected["status"], wanted)
            if expected["body"] is not None:
                is_right = is_right and body.decode() == expected["body"]
        if not is_right:
            differing.append((json.dumps(asked), expected, (status, fields, body)))
    assert differing == []
