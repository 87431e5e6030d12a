"""`pages-deploy plan` and `deploy --dry-run`: what they print, how they end, and no change."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.errors import Interrupted
from tests import platform_readers as read
from tests.cli.reading import complaint, data
from tests.cli.test_hostile_results import HOSTILE, obeyed
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, history, running
from tests.making import ids, made
from tests.world import COMMIT, PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime, Outcome, RunCli

FIELDS = [
    *("project_name", "creates_project", "environment", "branch", "alias", "status", "files"),
    *("files_to_send", "bytes_to_send", "upload_requests", "requests", "routes", "findings"),
]
# Two ways to ask the same.
WAYS = (("plan",), ("deploy", "--dry-run"), ("--dry-run",))
WORKER = "export default { fetch: () => new Response('all') };"


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", "a.css": "a", "b.css": "a"})


@pytest.fixture
def ask(
    run_cli: RunCli, emulator: Emulator, client: PagesClient, environ: dict[str, str]
) -> RunCli:
    """Run a command where the project is there, and see that it changes nothing."""
    assert client

    own = environ

    def run(
        *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Outcome:
        before = len(emulator.requests)
        outcome = run_cli(*arguments, environ=environ or own, cwd=cwd)
        changing = {
            one.path for one in emulator.requests[before:] if one.method not in {"GET", "HEAD"}
        }
        assert changing <= {"/pages/assets/check-missing"}
        return outcome

    return run


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_what_would_happen_is_printed_for_people(
    ask: RunCli, emulator: Emulator, directory: Path, way: tuple[str, ...]
) -> None:
    outcome = ask(*way, str(directory), "--branch", "A/b")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == (
        "Project:     demo\n"
        "Environment: preview\n"
        "Branch:      A/b\n"
        f"Address:     {emulator.site_url('a-b.demo')}\n"
        "Files:       3: 3 new or changed, 0 already on Pages\n"
        "To send:     2 files (5 bytes); 4 requests, 2 of them with files\n"
        "Nothing was sent\n"
    )


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_the_json_is_what_a_deployment_then_hands_on(
    ask: RunCli,
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    way: tuple[str, ...],
) -> None:
    outcome = ask(*way, str(directory), "--branch", "feature", "--json")
    foretold = data(outcome)
    assert list(foretold) == FIELDS
    assert outcome.stderr.endswith("Nothing was sent.\n")
    done = data(run_cli(str(directory), "--branch", "feature", "--json", environ=environ))
    assert foretold["environment"] == done["environment"]
    assert foretold["alias"] == done["alias"]
    assert foretold["status"] == done["status"]
    assert foretold["files"] == {"total": done["files"], "new": 3, "unchanged": 0}
    assert foretold["files_to_send"] == done["uploaded-files"]
    assert foretold["bytes_to_send"] == done["uploaded-bytes"]
    again = data(ask(*way, str(directory), "--branch", "feature", "--json"))
    assert again["files"] == {"total": 3, "new": 0, "unchanged": 3}
    assert (again["bytes_to_send"], again["requests"]) == (0, 2)


def test_the_markdown_is_the_whole_of_the_output(ask: RunCli, directory: Path) -> None:
    outcome = ask("plan", str(directory), "--branch", "feature", "--markdown")
    assert outcome.exit_code == 0, outcome.stderr
    page = read.markdown(outcome.stdout)
    assert [heading.text for heading in page.headings] == ["Plan for Cloudflare Pages: demo"]
    assert outcome.stderr.endswith("Nothing was sent.\n")


def test_two_forms_at_once_are_refused(ask: RunCli, directory: Path) -> None:
    told = complaint(ask("plan", str(directory), "--markdown", "--json"), 2)
    assert "--markdown and --json are two forms: choose one." in told


def test_a_dry_run_has_no_output_to_print_alone(ask: RunCli, directory: Path) -> None:
    told = complaint(ask("--dry-run", str(directory), "--print", "url"), 2)
    assert "a dry run has no outputs" in told


@pytest.mark.parametrize("name", ["PAGES_DEPLOY_DRY_RUN", "INPUT_DRYRUN"])
def test_a_dry_run_is_asked_for_by_variable_and_input(
    ask: RunCli, environ: dict[str, str], directory: Path, name: str
) -> None:
    outcome = ask(str(directory), environ={**environ, name: "true"})
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.endswith("Nothing was sent\n")


def test_a_dry_run_that_is_not_wanted_is_a_deployment(
    run_cli: RunCli,
    emulator: Emulator,
    client: PagesClient,
    environ: dict[str, str],
    site: BuildSite,
) -> None:
    assert client
    directory = str(site({"index.html": "home"}))
    assert run_cli(directory, "--dry-run=false", environ=environ).exit_code == 0
    assert len(ids(emulator)) == 1


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_findings_are_told_and_decide_the_exit_code(
    ask: RunCli, site: BuildSite, way: tuple[str, ...]
) -> None:
    directory = str(site({"index.html": "home", "_redirects": "/a /b /c /d\n"}))
    outcome = ask(*way, directory, "--branch", "main")
    assert outcome.exit_code == 0, outcome.stderr
    assert "warning: _redirects:1: " in outcome.stdout
    assert outcome.stdout.endswith("Nothing was sent; found: 1 warning\n")
    strict = ask(*way, directory, "--branch", "main", "--json", "--preflight", "error")
    assert "Nothing was sent." in complaint(strict, 2)
    (finding,) = json.loads(strict.stdout)["findings"]
    assert (finding["code"], finding["line"]) == ("redirect-invalid", 1)
    refused = str(site({"index.html": "home", "_routes.json": "{}", "_worker.js": WORKER}))
    assert ask(*way, refused, "--branch", "main").exit_code == 2


def test_an_alias_of_another_branch_is_among_the_findings(
    ask: RunCli, client: PagesClient, directory: Path
) -> None:
    made(client, "a/b")
    outcome = ask("plan", str(directory), "--branch", "a_b")
    assert outcome.exit_code == 0, outcome.stderr
    assert "warning: http" in outcome.stdout
    assert "docs/findings.md#alias-taken" in outcome.stdout
    assert ask("plan", str(directory), "--branch", "a_b", "--preflight", "error").exit_code == 2


def test_where_the_platform_has_annotations_each_finding_is_one(
    ask: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    directory = site({"index.html": "home", "_redirects": "/a /b /c /d\n"})
    job = {**environ, "GITHUB_ACTIONS": "true", "GITHUB_REF_NAME": "main", "CI": "true"}
    job |= {"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "push"}
    outcome = ask("plan", directory.name, environ=job, cwd=directory.parent)
    assert outcome.exit_code == 0, outcome.stderr
    (warning,) = read.github_commands(outcome.stderr)
    assert (warning.name, warning.properties["file"]) == ("warning", "site/_redirects")
    assert "found: 1 warning" in outcome.stdout


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_what_is_expected_is_checked(ask: RunCli, directory: Path, way: tuple[str, ...]) -> None:
    wrong = ask(*way, str(directory), "--branch", "feature", "--expect", "production")
    assert "EXPECT is 'production'" in complaint(wrong, 2)
    right = ask(*way, str(directory), "--branch", "feature", "--expect", "preview")
    assert right.exit_code == 0, right.stderr


def test_what_a_deployment_would_be_refused_for_is_told_in_the_same_words(
    ask: RunCli, run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    for name, value, exit_code in (
        ("CLOUDFLARE_PROJECT_NAME", "gone", 1),
        ("CLOUDFLARE_PROJECT_NAME", "", 2),
        ("CLOUDFLARE_API_TOKEN", "", 2),
        ("CLOUDFLARE_API_TOKEN", "wrong", 3),
        ("PAGES_DEPLOY_PURGE", "everything", 2),
        ("PAGES_DEPLOY_BRANCH", "HEAD", 2),
        ("PAGES_DEPLOY_DIRECTORY", "gone", 2),
    ):
        given = {"PAGES_DEPLOY_DIRECTORY": str(directory), **environ, name: value}
        told = complaint(ask("plan", environ=given), exit_code)
        met = complaint(run_cli("deploy", environ=given), exit_code)
        # The same request has another number each time.
        assert re.sub("Ray ID [0-9a-f]+", "", told) == re.sub("Ray ID [0-9a-f]+", "", met)


def test_a_project_to_be_created_is_said_to_be_none_yet(
    ask: RunCli, emulator: Emulator, directory: Path
) -> None:
    made_up = ("--project-name", "new", "--create-project", "--production-branch", "trunk")
    outcome = ask("plan", str(directory), *made_up, "--branch", "trunk")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Project:     new, which does not exist and would be created\n" in outcome.stdout
    assert "Environment: production\n" in outcome.stdout
    assert "at most 2 files (5 bytes)" in outcome.stdout
    assert emulator.store.projects.named("new") is None


def test_the_routes_of_a_worker_are_told(ask: RunCli, site: BuildSite) -> None:
    routes = {"version": 1, "include": ["/api/*"], "exclude": ["/api/x"]}
    files = {"index.html": "home", "_worker.js": WORKER, "_routes.json": json.dumps(routes)}
    outcome = ask("plan", str(site(files)), "--json")
    del routes["version"]
    assert data(outcome)["routes"] == routes
    assert "Worker:      /api/*; not /api/x\n" in ask("plan", str(site(files))).stdout


@pytest.mark.parametrize("code", ["const =", "import './gone.js'; export default {};"])
def test_worker_code_that_cannot_be_deployed_fails(ask: RunCli, site: BuildSite, code: str) -> None:
    directory = str(site({"index.html": "home", "_worker.js": code}))
    told = complaint(ask("plan", directory, "--json"), 2)
    assert "_worker.js:1:" in told


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_a_forks_pull_request_without_a_token_is_a_notice(
    ask: RunCli, tmp_path: Path, directory: Path, way: tuple[str, ...]
) -> None:
    repo = {"full_name": "evil/site"}
    pull_request = {"number": 42, "head": {"ref": "main", "sha": COMMIT, "repo": repo}}
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull_request}))
    job = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/site",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/pull/42/merge",
        "INPUT_PROJECTNAME": PROJECT,
    }
    outcome = ask(*way, str(directory), environ=job)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert outcome.stderr.startswith("::notice title=pages-deploy::Nothing is deployed")
    assert ask(*way, str(directory), "--require-token", environ=job).exit_code == 2


def test_nothing_is_handed_on_and_no_forge_is_told(
    ask: RunCli, environ: dict[str, str], client: PagesClient, tmp_path: Path, directory: Path
) -> None:
    newer = made(client, commit=history(2))
    with running(FakeGitHub()) as hub:
        job = {
            **environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": hub.url,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SHA": history(1),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "INPUT_COMMENT": "true",
            "INPUT_GITHUBTOKEN": TOKEN,
            "INPUT_JSONFILE": str(tmp_path / "out.json"),
        }
        for way in WAYS:
            outcome = ask(*way, str(directory), "--json", environ=job)
            foretold = data(outcome)
            # It is the forge that has compared the commits.
            assert foretold["status"] == "superseded"
            assert (foretold["bytes_to_send"], foretold["requests"]) == (0, 0)
            assert newer.id in outcome.stderr
        assert {one.method for one in hub.asked} == {"GET"}
    assert [path.name for path in tmp_path.iterdir()] == [directory.name]


def test_no_branch_of_others_is_obeyed_by_a_log(
    ask: RunCli, client: PagesClient, directory: Path
) -> None:
    for text in HOSTILE:
        made(client, f"a{text}")
        outcome = ask("plan", str(directory), f"--branch=a{text}", "--json")
        if outcome.exit_code == 0:
            assert obeyed(outcome.stdout) == []
            assert json.loads(outcome.stdout)["branch"]
    made(client, "a::error::b ##vso[task.complete result=Failed]")
    outcome = ask("plan", str(directory), "--branch", "a--error--b---vso-task-compl")
    assert "alias-taken" in outcome.stdout
    assert obeyed(outcome.stdout) == []


def test_an_interrupt_says_that_nothing_was_sent(
    ask: RunCli, emulator: Emulator, fake_time: FakeTime, directory: Path
) -> None:
    def interrupt(_seconds: float) -> None:
        raise Interrupted

    emulator.fail_next("GET", "*/projects/demo", Answer(status=502, body="no"))
    fake_time.on_sleep = interrupt
    outcome = ask("plan", str(directory))
    assert outcome.exit_code == 130
    assert "Nothing was sent." in outcome.stderr
    assert asked(emulator, "POST", "*check-missing") == []


def test_what_is_found_out_on_the_way_is_told(
    ask: RunCli,
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    directory: Path,
) -> None:
    again = (str(directory), "--branch", "main", "--if-unchanged", "skip")
    done = run_cli(*again, environ=environ)
    assert done.exit_code == 0, done.stderr
    outcome = ask("plan", *again)
    assert "Nothing to deploy: " in outcome.stderr
    assert "Outcome:     nothing would be deployed: exactly these files" in outcome.stdout
    assert "To send:     nothing\n" in outcome.stdout
    emulator.fail_next("GET", "*/projects/demo/deployments", Answer(status=403, body="no"))
    outcome = ask("plan", str(directory), "--branch", "feature")
    assert outcome.exit_code == 0
    assert "Could not check whether another branch has http://feature.demo" in outcome.stderr
