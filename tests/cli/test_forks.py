"""Builds that get no secrets by design: nothing is deployed, and nothing is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests import platform_readers as read
from tests.world import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli


def pull_request(repository: str) -> dict[str, object]:
    repo = {"full_name": repository}
    return {"number": 42, "head": {"ref": "main", "sha": "a" * 40, "repo": repo}}


FORK, OURS = pull_request("evil/site"), pull_request("octo/site")


@pytest.fixture
def environ(tmp_path: Path, site: BuildSite) -> dict[str, str]:
    site({"index.html": "home"})
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/site",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "INPUT_PROJECTNAME": "demo",
        "INPUT_DIRECTORY": "site",
    }


def event(tmp_path: Path, pull_request: object) -> None:
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull_request}))


@pytest.mark.parametrize("actor", ["somebody", "dependabot[bot]"])
def test_a_pull_request_without_secrets_is_a_notice_and_no_failure(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, actor: str
) -> None:
    event(tmp_path, OURS if actor == "dependabot[bot]" else FORK)
    outcome = run_cli(environ={**environ, "GITHUB_ACTOR": actor})
    assert outcome.exit_code == 0
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("::notice title=pages-deploy::Nothing is deployed")
    assert not (tmp_path / "output").exists()


def test_it_is_an_error_where_a_token_is_required(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, FORK)
    outcome = run_cli(environ={**environ, "INPUT_REQUIRETOKEN": "true"})
    assert outcome.exit_code == 2
    assert "CLOUDFLARE_API_TOKEN" in outcome.stderr


@pytest.mark.parametrize("name", ["push", "pull_request_target", "workflow_run"])
def test_a_missing_token_is_an_error_where_secrets_exist(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    event(tmp_path, FORK)
    outcome = run_cli(environ={**environ, "GITHUB_EVENT_NAME": name})
    assert outcome.exit_code == 2


def test_a_missing_token_of_our_own_pull_request_is_an_error(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, OURS)
    assert run_cli(environ=environ).exit_code == 2


@pytest.mark.parametrize("flags", [(), ("-q",), ("--json",), ("--print", "url")], ids=" ".join)
def test_without_secrets_nothing_is_sent_written_or_printed(
    run_cli: RunCli,
    environ: dict[str, str],
    tmp_path: Path,
    emulator: Emulator,
    flags: tuple[str, ...],
) -> None:
    event(tmp_path, FORK)
    before = len(emulator.requests)
    files = {
        "CLOUDFLARE_API_BASE_URL": emulator.api_base_url,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "records"),
        "INPUT_JSONFILE": "out.json",
        "INPUT_DOTENVFILE": "gone/out.env",
    }
    outcome = run_cli(*flags, environ={**environ, **files})
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == ""
    (notice,) = read.github_commands(outcome.stderr)
    assert notice.name == "notice"
    assert "REQUIRE_TOKEN" in notice.data
    assert outcome.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["event.json", "site"]
    assert len(emulator.requests) == before


def test_the_flag_requires_a_token_and_the_other_flag_does_not(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, FORK)
    assert run_cli("--require-token", environ=environ).exit_code == 2
    required = {**environ, "PAGES_DEPLOY_REQUIRE_TOKEN": "true"}
    assert run_cli(environ=required).exit_code == 2
    assert run_cli("--no-require-token", environ=required).exit_code == 0


def test_an_empty_secret_is_no_token(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, FORK)
    empty = {"INPUT_APITOKEN": "", "CLOUDFLARE_API_TOKEN": "  "}
    assert run_cli(environ={**environ, **empty}).exit_code == 0


def test_a_token_in_the_files_of_a_fork_counts_for_nothing(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, FORK)
    (tmp_path / ".env").write_text("CLOUDFLARE_API_TOKEN=a-token-of-the-fork\n")
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0
    assert "Nothing is deployed" in outcome.stderr


def test_a_push_of_dependabot_without_a_token_is_an_error(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text("{}")
    push = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    outcome = run_cli(environ={**environ, **push, "GITHUB_ACTOR": "dependabot[bot]"})
    assert outcome.exit_code == 2
    assert "CLOUDFLARE_API_TOKEN" in outcome.stderr


def test_a_merge_request_of_a_fork_on_gitlab_is_the_same(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    gitlab = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "6",
        "CI_MERGE_REQUEST_PROJECT_ID": "5",
        "INPUT_PROJECTNAME": "demo",
        "INPUT_DIRECTORY": "site",
    }
    outcome = run_cli("--dotenv-file=out.env", environ=gitlab)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stderr.startswith("Nothing is deployed")
    assert not (tmp_path / "out.env").exists()
    ours = {**gitlab, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5"}
    assert run_cli(environ=ours).exit_code == 2


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_with_a_token_a_fork_is_deployed_as_a_preview_whatever_its_branch_is_called(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, emulator: Emulator, name: str
) -> None:
    event(tmp_path, FORK)
    forks = {"GITHUB_EVENT_NAME": name, "GITHUB_HEAD_REF": "main"}
    outcome = run_cli(environ={**environ, **emulator.environ(), **forks})
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert outputs["environment"] == "preview"
    assert outputs["alias"].startswith("http://pr-42.demo.")
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    assert (deployment.trigger.branch, deployment.trigger.commit_hash) == ("pr-42", "a" * 40)


@pytest.mark.usefixtures("client")
def test_with_a_token_of_its_own_dependabot_deploys_its_branch(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    repo = {"full_name": "octo/site"}
    event(tmp_path, {"number": 9, "head": {"ref": "dependabot/x", "sha": "b" * 40, "repo": repo}})
    actor = {"GITHUB_ACTOR": "dependabot[bot]"}
    outcome = run_cli(environ={**environ, **emulator.environ(), **actor})
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert outputs["alias"].startswith("http://dependabot-x.demo.")


def test_a_forks_branch_that_is_called_as_production_is_not_deployed_there(
    run_cli: RunCli, emulator: Emulator, client: PagesClient, tmp_path: Path, site: BuildSite
) -> None:
    # By `owner-branch`, which a fork's owner can choose.
    client.projects.create("release", production_branch="release-main")
    site({"index.html": "home"})
    source = {"full_name": "release/site"}
    run = {"head_branch": "main", "head_sha": "a" * 40, "head_repository": source}
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run}))
    environ = {
        **emulator.environ(),
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/site",
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
    }
    command = ("site", "--project-name=release")
    refused = run_cli(*command, environ=environ)
    assert refused.exit_code == 2
    assert "a fork's" in refused.stderr
    assert run_cli(*command, "--branch=release-main", environ=environ).exit_code == 0
