"""IF_OLDER as a user meets it: who is held back by default, what is told, and who compares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from tests import platform_readers as read
from tests.ci.checkouts import git, make_repository, needs_git
from tests.cli.reading import complaint
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, Reply, history, running
from tests.making import ids, made
from tests.world import DEPLOYMENT, PROJECT, inherited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime, RunCli

Environ = dict[str, str]
OLDER, NEWER = history(1), history(2)
COMPARED = f"/repos/{REPOSITORY}/compare/*"


@pytest.fixture
def hub() -> Iterator[FakeGitHub]:
    with running(FakeGitHub()) as forge:
        yield forge


@pytest.fixture
def environ(emulator: Emulator, hub: FakeGitHub, tmp_path: Path, site: BuildSite) -> Environ:
    """The job of a push of the older commit, with the token that the Action passes on."""
    site({"index.html": "home"})
    return {
        **emulator.environ(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": hub.url,
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_SHA": OLDER,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "INPUT_DIRECTORY": "site",
        "INPUT_GITHUBTOKEN": TOKEN,
        "INPUT_PROJECTNAME": PROJECT,
    }


@pytest.fixture
def newer(client: PagesClient) -> str:
    """The id of a production deployment of a newer commit."""
    return made(client, commit=NEWER).id


def test_a_push_that_production_is_ahead_of_is_superseded_and_good(
    run_cli: RunCli,
    hub: FakeGitHub,
    emulator: Emulator,
    environ: Environ,
    tmp_path: Path,
    newer: str,
) -> None:
    outcome = run_cli("--json", "--json-file", "out.json", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert ids(emulator) == [newer]
    outputs = json.loads(outcome.stdout)
    assert outputs == json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert outputs["status"] == "superseded"
    assert outputs["id"] == newer
    assert newer[:8] in outputs["url"]
    assert outputs["alias"] == outputs["production-url"]
    assert outputs["verified"] == "skipped"
    assert outputs["files"] == 1
    assert outputs["uploaded-files"] == 0
    handed = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert (handed["status"], handed["id"]) == ("superseded", newer)
    assert f"::notice title=pages-deploy::Production of 'demo' serves deployment {newer}" in (
        outcome.stderr
    )
    assert "Superseded: a newer commit is live." in (tmp_path / "summary").read_text("utf-8")
    assert not hub.deployments
    assert not hub.bodies()
    assert [asked.method for asked in hub.asked] == ["GET"]


def test_the_result_for_people_begins_with_what_became_of_the_run(
    run_cli: RunCli, environ: Environ, newer: str
) -> None:
    lines = run_cli(environ=environ).stdout.splitlines()
    assert lines[0].split() == ["Status:", "superseded"]
    assert newer[:8] in lines[-2]


@pytest.mark.parametrize(
    "changes",
    [
        {"GITHUB_EVENT_NAME": "workflow_dispatch"},
        {"GITHUB_RUN_ATTEMPT": "2"},
        {"INPUT_IFOLDER": "deploy"},
        {"GITEA_ACTIONS": "true"},
        {"ACT": "true"},
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("newer")
def test_a_person_gets_what_is_asked_for(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ, changes: Environ
) -> None:
    hub.token = ""
    outcome = run_cli(environ={**environ, **changes, "INPUT_GITHUBTOKEN": ""})
    assert outcome.exit_code == 0, outcome.stderr
    assert len(ids(emulator)) == 2
    assert not hub.asked


@needs_git
def test_without_ci_a_person_goes_back_unless_the_opposite_is_asked_for(
    run_cli: RunCli, client: PagesClient, emulator: Emulator, tmp_path: Path, site: BuildSite
) -> None:
    site({"index.html": "home"})
    repository = make_repository(tmp_path / "repository", branch="main")
    older = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Newer")
    made(client, commit=git(repository, "rev-parse", "HEAD"))
    git(repository, "reset", "--quiet", "--hard", older)
    environ = {**inherited(), **emulator.environ(), "CLOUDFLARE_PROJECT_NAME": PROJECT}
    asked = ("../site", "--if-older", "skip", "--print", "status")
    assert run_cli(*asked, environ=environ, cwd=repository).stdout == "superseded\n"
    assert run_cli("../site", environ=environ, cwd=repository).exit_code == 0
    assert len(ids(emulator)) == 2


def test_a_failure_is_exit_code_1_with_outputs_and_a_summary_that_says_it(
    run_cli: RunCli,
    hub: FakeGitHub,
    emulator: Emulator,
    environ: Environ,
    tmp_path: Path,
    newer: str,
) -> None:
    outcome = run_cli("--if-older", "fail", environ=environ)
    assert outcome.exit_code == 1
    assert "::error title=pages-deploy::Production of 'demo' serves" in outcome.stderr
    assert ids(emulator) == [newer]
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert outputs["status"] == "superseded"
    assert outputs["id"] == newer
    summary = (tmp_path / "summary").read_text("utf-8")
    assert "failed" in summary
    assert "is newer than this run" in summary
    assert not hub.deployments


def test_a_run_that_is_overtaken_at_its_end_retires_its_deployment_on_github(
    run_cli: RunCli,
    client: PagesClient,
    hub: FakeGitHub,
    emulator: Emulator,
    environ: Environ,
    fake_time: FakeTime,
) -> None:
    made(client, commit=history(0))
    # A wait in which the newer one takes production.
    emulator.fail_next("GET", DEPLOYMENT, Answer(status=503))
    newer: list[str] = []

    def overtake(_seconds: float) -> None:
        if not newer:
            newer.append(made(client, commit=NEWER).id)

    fake_time.on_sleep = overtake
    outcome = run_cli("--json", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["id"] == newer[0]
    [deployment] = hub.deployments
    assert hub.states(deployment) == ["in_progress", "inactive"]


@pytest.mark.parametrize("reply", [None, Reply(403, {"message": "Forbidden"}), Reply(500)])
@pytest.mark.usefixtures("newer")
def test_a_forge_that_does_not_tell_stops_nothing(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ, reply: Reply | None
) -> None:
    hub.fail_next("GET", COMPARED, reply, times=99)
    outcome = run_cli("-v", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert len(ids(emulator)) == 2
    assert "Cannot compare two commits" in outcome.stderr
    assert "so this one is deployed" in outcome.stderr
    assert "::warning" not in outcome.stderr


@pytest.mark.usefixtures("newer")
def test_what_cannot_be_told_is_silent_without_v(
    run_cli: RunCli, environ: Environ, hub: FakeGitHub
) -> None:
    without_token = {**environ, "INPUT_GITHUBTOKEN": ""}
    outcome = run_cli(environ=without_token)
    assert outcome.exit_code == 0
    assert "cannot" not in outcome.stderr
    assert not hub.asked


@pytest.mark.usefixtures("newer")
def test_without_checkout_and_token_v_says_why_nothing_was_compared(
    run_cli: RunCli, environ: Environ
) -> None:
    outcome = run_cli("-v", environ={**environ, "INPUT_GITHUBTOKEN": ""})
    assert outcome.exit_code == 0
    assert "there is no token for the forge" in outcome.stderr


@needs_git
def test_git_tells_where_the_history_is_without_asking_the_forge(
    run_cli: RunCli, client: PagesClient, hub: FakeGitHub, environ: Environ, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "repository", branch="main")
    older = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Newer")
    made(client, commit=git(repository, "rev-parse", "HEAD"))
    changes = {**inherited(), "GITHUB_SHA": older, "INPUT_DIRECTORY": "../site"}
    outcome = run_cli("--print", "status", environ={**environ, **changes}, cwd=repository)
    assert outcome.stdout == "superseded\n", outcome.stderr
    assert not hub.asked_for("GET", COMPARED)


@pytest.mark.parametrize("commit", ["--upload-pack=x", "../../user", "0123456789abcdef", ""])
def test_what_pages_calls_a_commit_and_is_none_is_asked_of_nobody(
    run_cli: RunCli, client: PagesClient, hub: FakeGitHub, environ: Environ, commit: str
) -> None:
    made(client, commit=commit)
    assert run_cli(environ=environ).exit_code == 0
    assert not hub.asked_for("GET", COMPARED)


def test_each_question_is_asked_once(
    run_cli: RunCli, client: PagesClient, hub: FakeGitHub, environ: Environ
) -> None:
    made(client, commit=history(0))
    assert run_cli(environ=environ).exit_code == 0
    assert len(hub.asked_for("GET", COMPARED)) == 1


def test_a_word_that_is_none_of_the_choices_is_refused(run_cli: RunCli, environ: Environ) -> None:
    local = {name: value for name, value in environ.items() if name != "GITHUB_ACTIONS"}
    assert "IF_OLDER" in complaint(run_cli(environ={**local, "INPUT_IFOLDER": "maybe"}), 2)
