"""`pages-deploy projects ...` as a user meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from tests.cli.reading import complaint, data, facts, rows
from tests.making import ids, made, put
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.state.stages import EndStatus
    from tests.cli.reading import AtTerminal
    from tests.world import FakeTime, RunCli

pytestmark = pytest.mark.usefixtures("client")
FIELDS = {
    *("id", "name", "subdomain", "domains", "production_branch", "created_on"),
    *("latest_deployment", "canonical_deployment"),
    *("source", "build_config", "deployment_configs"),
}
DEMO = "*/pages/projects/demo"


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    with Emulator(settings=EmulatorSettings(clock=fake_time.read)) as running:
        yield running


def names(emulator: Emulator) -> list[str]:
    return [project.name for project in emulator.store.projects.all(emulator.account_id)]


def test_every_project_is_listed_with_its_address_and_age(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, fake_time: FakeTime
) -> None:
    client.domains.add(PROJECT, "www.example.test")
    fake_time.now += 3 * 86400
    for number in range(12):
        client.projects.create(f"p{number}", production_branch="trunk")
    listed = rows(run_cli("projects", "list", environ=environ))
    assert len(listed) == 13
    first, last = listed[0], listed[-1]
    assert (first["name"], first["production branch"], first["created"]) == ("p11", "trunk", "0 s")
    assert (last["name"], last["created"], last["source"]) == ("demo", "3 d", "direct upload")
    assert last["address"].startswith("demo.localhost")
    assert last["address"].endswith(", www.example.test")


def test_the_list_as_json_has_every_field(run_cli: RunCli, environ: dict[str, str]) -> None:
    (project,) = data(run_cli("projects", "list", "--json", environ=environ))
    assert set(project) == FIELDS
    assert project["name"] == PROJECT


def test_no_project_is_an_empty_table_and_an_empty_list(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    client.projects.delete(PROJECT)
    assert rows(run_cli("projects", "list", environ=environ)) == []
    assert data(run_cli("projects", "list", "--json", environ=environ)) == []


def test_one_project_is_shown(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient
) -> None:
    live = made(client)
    shown = facts(run_cli("projects", "get", PROJECT, environ=environ))
    assert shown["Name"] == PROJECT
    assert shown["Address"].startswith("http://demo.localhost:")
    assert shown["Production branch"] == "main"
    assert shown["Live deployment"] == live.id
    project = data(run_cli("projects", "get", PROJECT, "--json", environ=environ))
    assert set(project) == FIELDS
    assert project["canonical_deployment"]["id"] == live.id


def test_a_project_is_created(run_cli: RunCli, environ: dict[str, str], emulator: Emulator) -> None:
    arguments = ["--production-branch", "trunk", "--compatibility-flag", "nodejs_compat"]
    outcome = run_cli("projects", "create", "shop", *arguments, environ=environ)
    assert facts(outcome)["Production branch"] == "trunk"
    held = emulator.store.projects.get(emulator.account_id, "shop")
    assert held.production_branch == "trunk"
    assert held.deployment_configs == {
        environment: {"compatibility_flags": ["nodejs_compat"]}
        for environment in ("production", "preview")
    }
    assert data(run_cli("projects", "create", "b", "--json", environ=environ))["name"] == "b"


def test_a_name_that_is_taken_is_named(run_cli: RunCli, environ: dict[str, str]) -> None:
    text = complaint(run_cli("projects", "create", PROJECT, environ=environ), 1)
    assert "Cannot create project 'demo'" in text
    assert "already exists" in text


def test_variables_and_settings_are_updated_for_one_environment_or_both(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, tmp_path: Path
) -> None:
    file = tmp_path / "variables.json"
    secret = "hidden-and-long"
    file.write_text(
        json.dumps({"PLAIN": "1", "KEY": {"type": "secret_text", "value": secret}, "OLD": None})
    )
    run_cli("projects", "update", PROJECT, "--variable", "OLD=x", environ=environ)
    outcome = run_cli(
        "projects",
        "update",
        PROJECT,
        *("--variables-file", "variables.json"),
        *("--variable", "EQUATION=a=b"),
        *("--production-branch", "trunk"),
        *("--build-command", "make"),
        *("--build-output-directory", "dist"),
        *("--compatibility-date", "2026-01-31"),
        *("--environment", "preview"),
        environ=environ,
    )
    shown = facts(outcome)
    assert shown["preview KEY"] == "(secret)"
    assert shown["preview PLAIN"] == "1"
    assert shown["preview EQUATION"] == "a=b"
    assert shown["production OLD"] == "x"
    assert "preview OLD" not in shown
    assert "production PLAIN" not in shown
    assert secret not in outcome.stdout + outcome.stderr
    project = client.projects.get(PROJECT)
    assert (project.build_command, project.build_output_directory) == ("make", "dist")
    assert project.production_branch == "trunk"
    assert project.environments["preview"].compatibility_date == "2026-01-31"
    outcome = run_cli(
        "projects", "update", PROJECT, "--delete-variable", "OLD", "--json", environ=environ
    )
    assert data(outcome)["deployment_configs"]["production"]["env_vars"] == {}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"A": 1}',
        '{"A": {"type": "other", "value": "x"}}',
        '{"A": {"type": "plain_text"}}',
        None,
    ],
)
def test_an_odd_file_of_variables_is_refused_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    tmp_path: Path,
    content: str | None,
) -> None:
    if content is not None:
        (tmp_path / "variables.json").write_text(content)
    outcome = run_cli(
        "projects", "update", PROJECT, "--variables-file", "variables.json", environ=environ
    )
    text = complaint(outcome, 2)
    assert "Cannot read variables from variables.json" in text
    assert "secret_text" in text
    assert asked(emulator, "PATCH", "*") == []


def test_a_variable_without_a_value_is_refused(run_cli: RunCli, environ: dict[str, str]) -> None:
    outcome = run_cli("projects", "update", PROJECT, "--variable", "NAME", environ=environ)
    assert "NAME=VALUE" in complaint(outcome, 2)


def test_a_project_is_deleted_where_it_was_said_beforehand(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    put(emulator, ["main", "x"])
    outcome = run_cli("projects", "delete", PROJECT, "--yes", environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stdout == "Deleted project demo\n"
    assert "still has 2 deployments" in outcome.stderr
    assert names(emulator) == []


def test_the_question_says_what_is_served_by_the_project(
    at_terminal: AtTerminal, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    client.domains.add(PROJECT, "www.example.test")
    outcome = at_terminal("projects", "delete", PROJECT, environ=environ, answer="n\n")
    address = f"demo.localhost:{emulator.port}, www.example.test"
    assert f"Delete project 'demo', served at {address}? [y/N]" in outcome.stderr
    assert names(emulator) == [PROJECT]


def test_a_project_that_cloudflare_will_not_delete_is_told_with_the_way_out(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    put(emulator, ["x"] * 101)
    outcome = run_cli("projects", "delete", PROJECT, "--yes", environ=environ)
    text = complaint(outcome, 1)
    assert "too many deployments" in text
    assert "deployments prune --project-name demo --keep 0" in outcome.stderr
    assert len(ids(emulator)) == 101


def test_the_status_of_every_project_is_a_table(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    fake_time: FakeTime,
) -> None:
    emulator.outcome_next(stage="build", status="failure")
    failed = made(client, "x")
    client.projects.create("new", production_branch="main")
    fake_time.now += 7200
    new, demo = rows(run_cli("projects", "status", environ=environ))
    assert new["project"] == "new"
    assert new["status"] == "never deployed"
    assert (demo["url"], demo["branch"], demo["age"]) == (failed.url, "x", "2 h")
    assert (demo["stage"], demo["status"]) == ("build", "failure")


def test_the_status_as_json_is_the_projects(run_cli: RunCli, environ: dict[str, str]) -> None:
    (project,) = data(run_cli("projects", "status", "--json", environ=environ))
    assert set(project) == FIELDS


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_a_failed_project_is_an_exit_code_if_asked_for(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    status: EndStatus,
) -> None:
    emulator.outcome_next(status=status)
    made(client)
    assert run_cli("projects", "status", environ=environ).exit_code == 0
    for form in ([], ["--json"]):
        outcome = run_cli("projects", "status", "--fail", *form, environ=environ)
        assert "The latest deployment failed of: demo." in complaint(outcome, 4)
        assert PROJECT in outcome.stdout


def test_where_the_latest_ended_well_or_goes_on_nothing_fails(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(status="failure")
    made(client)
    made(client)
    assert run_cli("projects", "status", "--fail", environ=environ).exit_code == 0
    emulator.outcome_next(stage="build", status="active")
    made(client)
    assert run_cli("projects", "status", "--fail", environ=environ).exit_code == 0


@pytest.mark.parametrize("command", ["get", "update", "delete"])
def test_a_project_that_does_not_exist_is_named(
    run_cli: RunCli, environ: dict[str, str], command: str
) -> None:
    text = complaint(run_cli("projects", command, "nowhere", environ=environ), 1)
    assert "'nowhere'" in text
    assert "Project not found" in text


def test_server_trouble_is_waited_out_and_told(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    emulator.fail_next("GET", DEMO, Answer.error(503, 8000000), times=2)
    outcome = run_cli("projects", "get", PROJECT, environ=environ)
    assert facts(outcome)["Name"] == PROJECT
    assert outcome.stderr.count("Trying again in") == 2
    emulator.fail_next("GET", DEMO, Answer.error(503, 8000000), times=None)
    complaint(run_cli("projects", "get", PROJECT, "-q", environ=environ), 1)


@pytest.mark.parametrize("command", ["get", "create", "update", "delete"])
@pytest.mark.parametrize("name", ["Demo", "de_mo", "-", "a" * 59, "..", "a/b", ""])
def test_a_name_that_pages_does_not_take_is_refused_before_anything_is_sent(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, command: str, name: str
) -> None:
    before = emulator.requests
    outcome = run_cli("projects", command, "--json", "--", name, environ=environ)
    assert "1 to 58 lower-case letters" in complaint(outcome, 2)
    assert emulator.requests == before
