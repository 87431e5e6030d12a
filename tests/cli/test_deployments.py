"""`pages-deploy deployments ...` as a user meets it, but for `prune`."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.models import Deployment
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from tests.cli.reading import complaint, data, facts, rows
from tests.making import NO_DEPLOYMENT, deployed, ids, made, put, served
from tests.world import COMMIT, DEPLOYMENT, DEPLOYMENTS, PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.state.stages import EndStatus
    from tests.cli.reading import AtTerminal
    from tests.world import BuildSite, FakeTime, Outcome, RunCli

pytestmark = pytest.mark.usefixtures("client")
FIELDS = {field.name for field in dataclasses.fields(Deployment)} - {"trigger", "skip_reason"}
FIELDS |= {"deployment_trigger"}


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    with Emulator(settings=EmulatorSettings(clock=fake_time.read)) as running:
        yield running


def documents(outcome: Outcome) -> list[Any]:
    """Return the JSON documents on stdout, one after the other."""
    assert outcome.exit_code == 0, outcome.stderr
    decoder, text, found = json.JSONDecoder(), outcome.stdout.strip(), []
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].lstrip()
    return found


def test_the_list_is_a_table_the_newest_first(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    fake_time: FakeTime,
) -> None:
    old = made(client, commit=COMMIT)
    fake_time.now += 5 * 3600
    emulator.outcome_next(stage="build", status="failure")
    new = made(client, "feature/x")
    first, second = rows(run_cli("deployments", "list", environ=environ))
    assert first == {
        "id": new.id,
        "environment": "preview",
        "branch": "feature/x",
        "commit": "-",
        "stage": "build",
        "status": "failure",
        "age": "0 s",
        "url": new.url,
    }
    assert second == {
        "id": old.id,
        "environment": "production",
        "branch": "main",
        "commit": COMMIT[:8],
        "stage": "deploy",
        "status": "success",
        "age": "5 h",
        "url": old.url,
    }


def test_the_list_as_json_is_complete_and_has_every_field(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    put(emulator, ["x"] * 60)
    listed = data(run_cli("deployments", "list", "--json", environ=environ))
    assert [one["id"] for one in listed] == ids(emulator)[::-1]
    assert set(listed[0]) == FIELDS
    assert set(listed[0]["latest_stage"]) == {"name", "status"}


def test_no_deployment_is_an_empty_list(run_cli: RunCli, environ: dict[str, str]) -> None:
    assert rows(run_cli("deployments", "list", environ=environ)) == []
    assert data(run_cli("deployments", "list", "--json", environ=environ)) == []


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (["--branch", "x"], [1, 2, 4]),
        (["--status", "failure"], [4]),
        (["--environment", "production"], [0, 3]),
        (["--branch", "x", "--status", "success"], [1, 2]),
        (["--limit", "2"], [3, 4]),
        (["--branch", "main", "--limit", "1"], [3]),
        (["--branch", "nowhere"], []),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_the_list_can_be_narrowed(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    options: list[str],
    places: list[int],
) -> None:
    there = put(emulator, ["main", "x", "x", "main"])
    emulator.outcome_next(status="failure")
    there += put(emulator, ["x"])
    listed = data(run_cli("deployments", "list", "--json", *options, environ=environ))
    assert [one["id"] for one in listed] == [there[place] for place in places][::-1]


def test_no_more_pages_are_asked_for_than_are_shown(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    put(emulator, ["x"] * 60)
    outcome = run_cli("deployments", "list", "--limit", "25", environ=environ)
    assert len(rows(outcome)) == 25
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 1


def test_one_deployment_is_shown_by_its_id_or_the_start_of_it(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    deployment = made(client, "x", commit=COMMIT)
    for name in (deployment.id, deployment.short_id):
        shown = facts(run_cli("deployments", "get", name, environ=environ))
        assert shown["Id"] == deployment.id
        assert shown["URL"] == deployment.url
        assert shown["Aliases"].startswith("http://x.demo.localhost")
        assert shown["Environment"] == "preview"
        assert shown["Stage"] == "deploy: success"
        assert shown["Commit"] == COMMIT
        document = data(run_cli("deployments", "get", name, "--json", environ=environ))
        assert set(document) == FIELDS
        assert document["id"] == deployment.id


@pytest.mark.parametrize("field", ["url", "alias", "id", "branch", "environment", "aliases"])
def test_one_field_can_be_printed_alone(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, field: str
) -> None:
    deployment = made(client, "x")
    outcome = run_cli("deployments", "latest", "--print", field, environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    alias = deployment.aliases[0]
    if field == "aliases":
        assert json.loads(outcome.stdout) == [alias]
    else:
        expected = alias if field == "alias" else getattr(deployment, field)
        assert outcome.stdout == f"{expected}\n"


def test_the_latest_is_that_of_the_environment(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    production, preview = made(client), made(client, "x")
    for options, expected in (
        ([], preview),
        (["--environment", "preview"], preview),
        (["--environment", "production"], production),
    ):
        outcome = run_cli("deployments", "latest", *options, "--print", "url", environ=environ)
        assert outcome.stdout == f"{expected.url}\n"


def test_a_project_without_deployments_says_so(run_cli: RunCli, environ: dict[str, str]) -> None:
    for command in ("latest", "wait", "logs"):
        text = complaint(run_cli("deployments", command, environ=environ), 1)
        assert "Project 'demo' has no deployment." in text


@pytest.mark.parametrize(
    "command", [["get"], ["wait"], ["logs"], ["retry"], ["rollback"], ["delete", "--yes"]], ids=str
)
def test_a_deployment_that_does_not_exist_is_named(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, command: list[str]
) -> None:
    made(client)
    text = complaint(run_cli("deployments", *command, NO_DEPLOYMENT, environ=environ), 1)
    assert NO_DEPLOYMENT in text
    assert "'demo'" in text
    text = complaint(run_cli("deployments", *command, "xyzxyzxy", environ=environ), 1)
    assert "Project 'demo' has no deployment whose id starts with 'xyzxyzxy'" in text


@pytest.mark.parametrize(
    "command",
    [["list"], ["get", NO_DEPLOYMENT], ["latest"], ["logs"], ["rollback"]],
    ids=lambda command: command[0],
)
def test_a_project_that_does_not_exist_is_named(
    run_cli: RunCli, environ: dict[str, str], command: list[str]
) -> None:
    outcome = run_cli("deployments", *command, "--project-name", "nowhere", environ=environ)
    text = complaint(outcome, 1)
    assert "'nowhere'" in text
    assert "Project not found" in text


@pytest.mark.parametrize(
    "command", [["get"], ["retry"], ["delete", "--yes"], ["delete", "--yes", "--force"]], ids=str
)
def test_an_empty_id_is_refused_and_not_taken_for_the_newest(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: list[str],
) -> None:
    """A script may call with a variable that is not set."""
    made(client)
    emulator.outcome_next(status="failure")
    made(client, "x")
    before = ids(emulator)
    complaint(run_cli("deployments", *command, "", environ=environ), 2)
    assert ids(emulator) == before


@pytest.mark.parametrize("short", [" ", "a", "1234567"])
@pytest.mark.parametrize(
    "command",
    [["get"], ["wait"], ["logs"], ["retry"], ["rollback"], ["delete", "--yes", "--force"]],
    ids=lambda command: command[0],
)
def test_an_id_that_says_too_little_is_refused(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: list[str],
    short: str,
) -> None:
    made(client)
    only = ids(emulator)
    complaint(run_cli("deployments", *command, short, environ=environ), 2)
    # Even though it would fit one alone.
    complaint(run_cli("deployments", *command, only[0][:7], environ=environ), 2)
    assert ids(emulator) == only
    assert asked(emulator, "DELETE", "*") == []


@pytest.mark.parametrize("command", ["wait", "logs", "rollback"])
def test_an_empty_id_is_no_missing_id(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: str,
) -> None:
    made(client)
    made(client)
    complaint(run_cli("deployments", command, "", environ=environ), 2)
    assert asked(emulator, "POST", f"{DEPLOYMENT}/rollback") == []


def test_waiting_ends_with_the_deployment(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=6))
    deployment = made(client)
    outcome = run_cli("deployments", "wait", "--print", "url", environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{deployment.url}\n"
    assert "Stage build: active" in outcome.stderr
    assert "Stage deploy: success" in outcome.stderr


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_waiting_for_one_that_fails_is_exit_code_4_with_its_log(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    status: EndStatus,
) -> None:
    emulator.outcome_next(
        stage="build", status=status, policy=StagePolicy(polls=3), error="no such module"
    )
    deployment = made(client)
    outcome = run_cli("deployments", "wait", deployment.short_id, environ=environ)
    assert f"Deployment {deployment.id}" in complaint(outcome, 4)
    assert "  | " in outcome.stderr
    assert outcome.stdout == ""


def test_waiting_for_one_that_does_not_end_is_exit_code_5(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="active")
    deployment = made(client)
    outcome = run_cli("deployments", "wait", "--timeout", "30", environ=environ)
    text = complaint(outcome, 5)
    assert f"{deployment.id} of project 'demo' did not finish within 30 seconds" in text


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05.0749819Z", "2026-01-02T03:04:05.12Z"])
def test_a_time_is_printed_as_the_server_spells_it(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator, text: str
) -> None:
    made_one = made(client)
    shown = {
        "id": made_one.id,
        "environment": made_one.environment,
        "url": made_one.url,
        "created_on": text,
    }
    envelope = {"success": True, "errors": [], "messages": [], "result": shown}
    emulator.fail_next("GET", DEPLOYMENT, Answer(status=200, body=json.dumps(envelope)), times=3)
    get = ("deployments", "get", made_one.id)
    assert data(run_cli(*get, "--json", environ=environ))["created_on"] == text
    assert facts(run_cli(*get, environ=environ))["Created"] == text
    assert run_cli(*get, "--print", "created_on", environ=environ).stdout == f"{text}\n"


def test_the_log_of_the_newest_is_printed_line_by_line(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    deployment = made(client)
    lines = client.deployments.logs(PROJECT, deployment.id)
    outcome = run_cli("deployments", "logs", environ=environ)
    assert outcome.stdout.splitlines() == [f"{line.time}  {line.text}" for line in lines]
    printed = data(run_cli("deployments", "logs", deployment.short_id, "--json", environ=environ))
    assert printed == [{"ts": str(line.time), "line": line.text} for line in lines]


def test_a_log_is_followed_to_its_end(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    policy = StagePolicy(polls=8)
    emulator.outcome_next(policy=policy, times=2)
    first, second = made(client), made(client)
    outcome = run_cli("deployments", "logs", first.id, "--follow", environ=environ)
    printed = outcome.stdout.splitlines()
    lines = client.deployments.logs(PROJECT, first.id)
    assert printed == [f"{line.time}  {line.text}" for line in lines]
    assert printed[-1].endswith("Stage deploy ended: success")
    followed = documents(
        run_cli("deployments", "logs", second.id, "--follow", "--json", environ=environ)
    )
    assert [line["line"] for line in followed] == [line.text for line in lines]


def test_a_log_that_does_not_end_is_exit_code_5(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="active")
    made(client)
    outcome = run_cli("deployments", "logs", "--follow", "--timeout", "10", environ=environ)
    assert "did not finish within 10 seconds" in complaint(outcome, 5)
    assert "Stage build started" in outcome.stdout


def test_server_trouble_does_not_end_a_command(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    deployment = made(client)
    emulator.fail_next("GET", DEPLOYMENT, Answer.error(503, 8000000), times=2)
    outcome = run_cli("deployments", "get", deployment.id, environ=environ)
    assert facts(outcome)["Id"] == deployment.id


def test_a_retry_is_a_new_deployment(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    old = made(client, "x", commit=COMMIT)
    outcome = run_cli("deployments", "retry", old.short_id, environ=environ)
    new = ids(emulator)[-1]
    assert facts(outcome)["Id"] == new
    assert f"Retried {old.id} as {new}" in outcome.stderr
    document = data(run_cli("deployments", "retry", old.id, "--json", environ=environ))
    assert set(document) == FIELDS
    assert document["commit_hash"] == COMMIT


def test_a_retry_can_be_waited_for(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    old = made(client, "x")
    emulator.outcome_next(policy=StagePolicy(polls=3))
    outcome = run_cli("deployments", "retry", old.id, "--wait", environ=environ)
    assert facts(outcome)["Stage"] == "deploy: success"
    emulator.outcome_next(status="failure", policy=StagePolicy(polls=3))
    complaint(run_cli("deployments", "retry", old.id, "--wait", environ=environ), 4)


def test_a_rollback_without_an_id_goes_to_the_one_before(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
) -> None:
    old = deployed(client, site({"index.html": "old"}))
    new = deployed(client, site({"index.html": "new"}))
    deployed(client, site({"index.html": "preview"}), "x")
    assert served(emulator) == b"new"
    outcome = run_cli("deployments", "rollback", "--wait", environ=environ)
    assert facts(outcome)["Id"] == old.id
    assert f"from {new.id} (" in outcome.stderr
    assert f"to {old.id} (" in outcome.stderr
    assert served(emulator) == b"old"


@pytest.mark.parametrize("flags", [[], ["--wait"]])
def test_a_rollback_that_says_yes_and_does_nothing_is_exit_code_5_in_time(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    fake_time: FakeTime,
    flags: list[str],
) -> None:
    old, _new = made(client), made(client)
    result = {"id": old.id, "environment": "production", "url": old.url}
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    emulator.fail_next("POST", "*/rollback", Answer(status=200, body=body))
    began = fake_time.now
    outcome = run_cli("deployments", "rollback", old.id, "--timeout", "20", *flags, environ=environ)
    assert f"did not move to {old.id} within 20 seconds" in complaint(outcome, 5)
    assert outcome.stdout == ""
    assert fake_time.now - began == pytest.approx(20)


def test_a_rollback_goes_to_the_named_one_even_forward(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
) -> None:
    names = ["one", "two", "three"]
    one, _, three = [deployed(client, site({"index.html": name})) for name in names]
    outcome = run_cli("deployments", "rollback", one.short_id, "--print", "id", environ=environ)
    assert outcome.stdout == f"{one.id}\n"
    assert served(emulator) == b"one"
    document = data(run_cli("deployments", "rollback", three.id, "--json", environ=environ))
    assert document["id"] == three.id
    assert served(emulator) == b"three"


def test_production_never_goes_back_to_a_preview_or_a_failure(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
) -> None:
    preview = deployed(client, site({"index.html": "preview"}), "x")
    deployed(client, site({"index.html": "live"}))
    emulator.outcome_next(status="failure")
    failed = made(client)
    for target in (preview, failed):
        text = complaint(run_cli("deployments", "rollback", target.id, environ=environ), 1)
        assert f"{target.id} is not a successful production deployment" in text
    assert served(emulator) == b"live"


def test_a_rollback_with_nothing_before_says_so(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    made(client)
    text = complaint(run_cli("deployments", "rollback", environ=environ), 1)
    assert "'demo' has no successful production deployment before the live one" in text


def test_a_deployment_is_deleted_by_the_start_of_its_id(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    old, new = made(client), made(client)
    outcome = run_cli("deployments", "delete", old.short_id, "--yes", environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"Deleted deployment {old.id}\n"
    assert ids(emulator) == [new.id]


def test_the_live_one_is_not_deleted_and_an_aliased_one_by_force_alone(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    live, preview = made(client), made(client, "x")
    for options in ([], ["--force"]):
        outcome = run_cli("deployments", "delete", live.id, "--yes", *options, environ=environ)
        text = complaint(outcome, 1)
        assert "active production deployment" in text
        assert "deployments rollback" in text
    outcome = run_cli("deployments", "delete", preview.id, "--yes", environ=environ)
    text = complaint(outcome, 1)
    assert "aliased deployment" in text
    assert "--force" in text
    assert ids(emulator) == [live.id, preview.id]
    outcome = run_cli("deployments", "delete", preview.id, "--yes", "--force", environ=environ)
    assert outcome.exit_code == 0
    assert ids(emulator) == [live.id]


@pytest.mark.parametrize(("columns", "is_table"), [("200", True), ("60", False)])
def test_a_terminal_shows_which_one_is_live_and_breaks_no_line(
    at_terminal: AtTerminal,
    environ: dict[str, str],
    client: PagesClient,
    columns: str,
    is_table: bool,
) -> None:
    old, new = made(client), made(client)
    outcome = at_terminal("deployments", "list", environ={**environ, "COLUMNS": columns}, answer="")
    lines = outcome.stdout.splitlines()
    assert outcome.stdout.count("(live)") == 1
    assert all(one.id in outcome.stdout and one.url in outcome.stdout for one in (old, new))
    assert all(len(line) <= int(columns) for line in lines if "http" not in line)
    assert lines[0].startswith("ID ") == is_table


def test_a_terminal_breaks_what_is_told_between_words(
    at_terminal: AtTerminal, environ: dict[str, str], client: PagesClient
) -> None:
    narrow = {**environ, "COLUMNS": "30", "NO_COLOR": "1"}
    lines = at_terminal("deployments", "get", "gone", environ=narrow, answer="").stderr.splitlines()
    assert len(lines) > 1
    assert [line for line in lines if len(line) > 30 and len(line.split()) > 1] == []
