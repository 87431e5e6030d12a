"""What commands print of others' texts gives no CI platform a command, and JSON keeps the texts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.state.submissions import Submission
from tests import platform_readers as read
from tests.cli.reading import data
from tests.hostile import TEXTS
from tests.world import DEPLOYMENT, PROJECT

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import RunCli

pytestmark = pytest.mark.usefixtures("client")

MORE = ["##VSO[task.complete result=Failed]", "::ERROR::x", "a\ufeff\u200bb"]
MORE += ["--- x", "+++ x", "~~~ x", "^^^ +++"]
HOSTILE = [text for text in [*TEXTS, *MORE] if text and not re.search("[\ud800-\udfff]", text)]
UNSEEN = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\x1b\x85]")
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"


def obeyed(log: str) -> list[Any]:
    """Return what any platform would do on reading a log."""
    return [
        *read.github_commands(log),
        *read.azure_commands(log),
        *read.azure_formats(log),
        *read.teamcity_messages(log),
        *read.gitlab_sections(log),
        *read.travis_folds(log),
        *read.buildkite_headers(log),
    ]


def put_all(emulator: Emulator) -> list[str]:
    """Put a deployment for each text; returns the ids, the newest first."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [
        emulator.store.deployments.create(
            project, Submission(manifest={}, branch=f"b{text}", commit_message=text)
        ).id
        for text in HOSTILE
    ][::-1]


def test_a_table_and_json_of_hostile_texts_are_harmless(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    ids = put_all(emulator)
    table = run_cli("deployments", "list", environ=environ).stdout
    printed = run_cli("deployments", "list", "--json", environ=environ)
    assert data(printed) == sorted(data(printed), key=lambda one: ids.index(one["id"]))
    assert [one["commit_message"] for one in data(printed)] == HOSTILE[::-1]
    for text in (table, printed.stdout):
        assert obeyed(text) == []
        assert not UNSEEN.search(text)
    assert len(table.splitlines()) == 1 + len(HOSTILE)


@pytest.mark.parametrize("field", ["commit_message", "branch"])
def test_a_field_printed_alone_is_harmless(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, field: str
) -> None:
    for deployment_id in put_all(emulator):
        get = ("deployments", "get", deployment_id)
        printed = run_cli(*get, "--print", field, environ=environ).stdout
        assert len(printed.splitlines()) <= 1
        assert obeyed(printed) == []
        assert not UNSEEN.search(printed)
        assert obeyed(run_cli(*get, environ=environ).stdout) == []


@pytest.mark.parametrize("follow", [[], ["--follow"]], ids=["", "follow"])
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["", "json"])
def test_a_log_of_hostile_lines_is_harmless(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    client: PagesClient,
    follow: list[str],
    as_json: list[str],
) -> None:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    emulator.store.deployments.create(project, Submission(manifest={}, branch="main"))
    entries = [{"ts": "", "line": text} for text in HOSTILE]
    result = {"total": len(entries), "data": entries}
    envelope = {"success": True, "errors": [], "messages": [], "result": result}
    emulator.fail_next(
        "GET", f"{DEPLOYMENT}/history/logs", Answer(status=200, body=json.dumps(envelope)), times=9
    )
    outcome = run_cli("deployments", "logs", *follow, *as_json, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert obeyed(outcome.stdout) == []
    assert not UNSEEN.search(outcome.stdout)
    if as_json:
        lines = [json.loads(line) for line in outcome.stdout.splitlines()] if follow else None
        found = [one["line"] for one in lines or data(outcome)]
        assert found == HOSTILE


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_an_error_that_quotes_a_server_is_harmless(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, text: str
) -> None:
    envelope = {"success": False, "errors": [{"code": 1, "message": text}], "result": None}
    refusal = Answer(status=400, body=json.dumps(envelope))
    emulator.fail_next("GET", DEPLOYMENT, refusal)
    outcome = run_cli("deployments", "get", UNKNOWN_ID, environ=environ)
    assert outcome.exit_code == 1
    assert obeyed(outcome.stderr) == []
    assert not UNSEEN.search(outcome.stderr)
