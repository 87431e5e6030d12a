"""JSON has the API's own names: every field that a command prints is one of the API's answer."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.models import Variable
from pages_deploy.api.projects import EnvironmentChanges
from tests.cli.reading import data
from tests.making import made
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import RunCli

# Of a deployment's trigger, and at the top as well.
ALSO_AT_THE_TOP = {"branch", "commit_hash", "commit_message"}
# What the emulator leaves out where there is nothing to tell.
MAY_BE_LEFT_OUT = {
    *("txt_name", "txt_value", "error_message", "method", "compatibility_date", "source")
}


def answered(emulator: Emulator, path: str) -> Any:
    """Return the API's own result."""
    request = urllib.request.Request(
        f"{emulator.api_base_url}/accounts/{emulator.account_id}/pages/projects/{path}",
        headers={"Authorization": f"Bearer {emulator.api_token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


def unknown(printed: Any, answer: Any, place: str = "") -> Iterator[str]:
    """Yield the fields that the API has not, or has with another value."""
    if isinstance(printed, dict) and isinstance(answer, dict):
        for name, value in printed.items():
            if name in answer:
                yield from unknown(value, answer[name], f"{place}.{name}")
            elif name not in MAY_BE_LEFT_OUT and not (
                name in ALSO_AT_THE_TOP and "deployment_trigger" in printed
            ):
                yield f"{place}.{name}"
    elif isinstance(printed, list) and isinstance(answer, list):
        assert len(printed) == len(answer)
        for one, other in zip(printed, answer, strict=True):
            yield from unknown(one, other, f"{place}[]")
    elif printed != answer and (printed or answer):
        yield f"{place}: {printed!r}, not {answer!r}"


@pytest.fixture
def deployment_id(client: PagesClient, emulator: Emulator) -> str:
    variables = {
        "PLAIN": Variable(is_secret=False, value="1"),
        "SECRET": Variable(is_secret=True, value="never shown"),
    }
    changes = EnvironmentChanges(variables, "2026-01-31", ("nodejs_compat",))
    client.projects.update(PROJECT, build_command="make", environments={"preview": changes})
    client.domains.add(PROJECT, "www.example.test")
    return made(client).id


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("projects get demo", "demo"),
        ("projects list", ""),
        ("projects status", ""),
        ("deployments list", "demo/deployments"),
        ("deployments get ID", "demo/deployments/ID"),
        ("deployments wait ID", "demo/deployments/ID"),
        ("deployments latest", "demo/deployments/ID"),
        ("domains list", "demo/domains"),
        ("domains get www.example.test", "demo/domains/www.example.test"),
    ],
)
def test_what_is_printed_has_the_apis_names_and_values(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    deployment_id: str,
    command: str,
    path: str,
) -> None:
    words = command.replace("ID", deployment_id).split()
    printed = data(run_cli(*words, "--json", environ=environ))
    assert list(unknown(printed, answered(emulator, path.replace("ID", deployment_id)))) == []


def test_a_deployments_branch_and_commit_stand_where_people_look_for_them_too(
    run_cli: RunCli, environ: dict[str, str], deployment_id: str
) -> None:
    printed = data(run_cli("deployments", "get", deployment_id, "--json", environ=environ))
    metadata = printed["deployment_trigger"]["metadata"]
    assert {name: printed[name] for name in ALSO_AT_THE_TOP} == metadata


@pytest.mark.parametrize("follow", [[], ["--follow"]], ids=["", "follow"])
def test_a_log_line_has_ts_and_line(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    deployment_id: str,
    follow: list[str],
) -> None:
    outcome = run_cli("deployments", "logs", deployment_id, "--json", *follow, environ=environ)
    answer = answered(emulator, f"demo/deployments/{deployment_id}/history/logs")
    printed = (
        [json.loads(line) for line in outcome.stdout.splitlines()] if follow else data(outcome)
    )
    assert printed == answer["data"]
