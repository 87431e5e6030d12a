"""Workflows that were written for other actions: only what they use changes.

The inputs are those of the READMEs of cloudflare/pages-action and
AdrianGonz97/refined-cf-pages-action, and the commands those of cloudflare/wrangler-action.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.settings.options import OPTIONS
from tests import platform_readers as read
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, running
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")

PAGES_ACTION = {
    "INPUT_PROJECTNAME": PROJECT,
    "INPUT_DIRECTORY": "dist",
    "INPUT_GITHUBTOKEN": TOKEN,
    "INPUT_BRANCH": "main",
    "INPUT_WORKINGDIRECTORY": "my-site",
    "INPUT_WRANGLERVERSION": "3",
}
# Its README also names GitHub's deployment; `githubToken` is the same input in another spelling.
REFINED = {**PAGES_ACTION, "INPUT_DEPLOYMENTNAME": "Production", "INPUT_COMMENT": "true"}


@pytest.fixture
def hub() -> Iterator[FakeGitHub]:
    with running(FakeGitHub()) as forge:
        yield forge


@pytest.fixture
def environ(emulator: Emulator, hub: FakeGitHub, tmp_path: Path, site: BuildSite) -> dict[str, str]:
    """A push of the branch `topic`, as the Action passes it on; inputs not given are empty."""
    site({"dist/index.html": "home", "package.json": "{}"}, name="my-site")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"head_commit": {"message": "Say so"}}))
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": hub.url,
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": "refs/heads/topic",
        "GITHUB_REF_NAME": "topic",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_SHA": "a" * 40,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        **{f"INPUT_{option.input.upper()}": "" for option in OPTIONS if option.input},
        "INPUT_APITOKEN": emulator.api_token,
        "INPUT_ACCOUNTID": emulator.account_id,
        "INPUT_APIBASEURL": emulator.api_base_url,
    }


def deployment_of(emulator: Emulator) -> Any:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    return deployment


@pytest.mark.parametrize(
    ("inputs", "recorded"),
    [(PAGES_ACTION, "demo (Production)"), (REFINED, "Production")],
    ids=["pages-action", "refined"],
)
def test_a_workflow_of_a_pages_action_runs_as_it_is(
    run_cli: RunCli,
    emulator: Emulator,
    hub: FakeGitHub,
    environ: dict[str, str],
    tmp_path: Path,
    inputs: dict[str, str],
    recorded: str,
) -> None:
    outcome = run_cli(environ={**environ, **inputs})
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    deployment = deployment_of(emulator)
    # What those actions gave, under the names that they gave it.
    assert outputs["id"] == deployment.id
    assert outputs["environment"] == "production"
    assert outputs["alias"] == outputs["production-url"] == emulator.site_url(PROJECT)
    assert outputs["url"].startswith(f"http://{deployment.id[:8]}.demo.")
    trigger = deployment.trigger
    assert (trigger.branch, trigger.commit_hash, trigger.commit_message, trigger.commit_dirty) == (
        "main",
        "a" * 40,
        "Say so",
        False,
    )
    assert [one["environment"] for one in hub.deployments.values()] == [recorded]


def as_words(name: str, between: str) -> str:
    return re.sub("([A-Z])", rf"{between}\1", name.replace("gitHub", "github")).lower()


@pytest.mark.parametrize(
    "spell",
    [
        str.upper,
        str.lower,
        str,
        lambda name: as_words(name, "-"),
        lambda name: as_words(name, "_").upper(),
    ],
    ids=["GITHUBTOKEN", "githubtoken", "gitHubToken", "github-token", "GITHUB_TOKEN"],
)
def test_an_input_is_the_same_in_every_spelling(
    run_cli: RunCli,
    emulator: Emulator,
    hub: FakeGitHub,
    environ: dict[str, str],
    tmp_path: Path,
    spell: Callable[[str], str],
) -> None:
    """GitHub writes them large, with the hyphens that they have; other runners do not."""
    inputs = {
        "apiToken": emulator.api_token,
        "accountId": emulator.account_id,
        "apiBaseUrl": emulator.api_base_url,
        "projectName": PROJECT,
        "directory": "dist",
        "workingDirectory": "my-site",
        "gitHubToken": TOKEN,
        "deploymentName": "Production",
        "commitMessage": "Another",
        "wranglerVersion": "3",
    }
    outcome = run_cli(
        environ={
            **{name: value for name, value in environ.items() if not name.startswith("INPUT_")},
            **{f"INPUT_{spell(name)}": value for name, value in inputs.items()},
        }
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stderr.count("wranglerVersion") == 1
    assert deployment_of(emulator).trigger.commit_message == "Another"
    assert [one["environment"] for one in hub.deployments.values()] == ["Production"]


def test_an_input_that_only_others_know_changes_nothing(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str]
) -> None:
    """GitHub hands a container action whatever a workflow says, with a warning of its own."""
    others = {
        "INPUT_ENVIRONMENTNAME": "demo (Production)",
        "INPUT_DEPLOYMENTENVIRONMENT": "Demo",
        "INPUT_PACKAGEMANAGER": "pnpm",
        "INPUT_QUIET": "true",
    }
    outcome = run_cli(environ={**environ, **PAGES_ACTION, **others})
    assert outcome.exit_code == 0, outcome.stderr
    names = {command.name for command in read.github_commands(outcome.stdout + outcome.stderr)}
    assert not names & {"warning", "error"}
    assert deployment_of(emulator).trigger.branch == "main"


@pytest.mark.parametrize(
    ("working_directory", "directory"),
    [
        ("my-site", "dist"),
        ("./my-site/", "./dist/"),
        ("my-site/dist", "."),
        ("./my-site/dist", "./"),
        ("./", "my-site/dist"),
        ("", "my-site/dist"),
        ("my-site", "{}/my-site/dist"),
    ],
)
def test_the_directory_is_one_of_the_working_directory(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    tmp_path: Path,
    working_directory: str,
    directory: str,
) -> None:
    inputs = {
        **PAGES_ACTION,
        "INPUT_WORKINGDIRECTORY": working_directory,
        "INPUT_DIRECTORY": directory.format(tmp_path),
    }
    outcome = run_cli(environ={**environ, **inputs})
    assert outcome.exit_code == 0, outcome.stderr
    assert deployment_of(emulator).file_count == 1


def test_the_version_of_wrangler_is_one_notice(run_cli: RunCli, environ: dict[str, str]) -> None:
    outcome = run_cli(environ={**environ, **PAGES_ACTION})
    about = [line for line in outcome.stderr.splitlines() if "wranglerVersion" in line]
    assert len(about) == 1
    assert "ignored" in about[0]
    names = {command.name for command in read.github_commands(outcome.stdout + outcome.stderr)}
    assert not names & {"warning", "error"}
    without = run_cli(environ={**environ, **PAGES_ACTION, "INPUT_WRANGLERVERSION": ""})
    assert "wranglerVersion" not in without.stderr


def test_no_token_is_shown(run_cli: RunCli, emulator: Emulator, environ: dict[str, str]) -> None:
    outcome = run_cli("-v", environ={**environ, **PAGES_ACTION})
    for token in (TOKEN, emulator.api_token):
        assert token not in outcome.stdout + outcome.stderr


def test_without_a_branch_it_is_the_one_that_started_the_workflow(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str], tmp_path: Path
) -> None:
    outcome = run_cli(environ={**environ, **PAGES_ACTION, "INPUT_BRANCH": ""})
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert deployment_of(emulator).trigger.branch == "topic"
    assert outputs["environment"] == "preview"
    assert outputs["alias"].startswith("http://topic.demo.")


def test_a_command_of_wrangler_action_deploys(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str], tmp_path: Path
) -> None:
    inputs = {
        "INPUT_WORKINGDIRECTORY": "my-site",
        "INPUT_WRANGLERVERSION": "4.1.0",
        "INPUT_COMMAND": f"pages deploy dist --project-name={PROJECT} --branch=y"
        ' --commit-message="Two words" --commit-dirty=true',
    }
    outcome = run_cli(environ={**environ, **inputs})
    assert outcome.exit_code == 0, outcome.stderr
    trigger = deployment_of(emulator).trigger
    assert (trigger.branch, trigger.commit_message, trigger.commit_dirty) == (
        "y",
        "Two words",
        True,
    )
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert outputs["deployment-url"] == outputs["url"]
    assert outputs["pages-deployment-id"] == outputs["id"]
    assert outputs["pages-deployment-alias-url"] == outputs["alias"]
    assert outputs["pages-environment"] == "preview"


def test_the_command_line_and_inputs_win_over_the_command(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str]
) -> None:
    inputs = {
        "INPUT_COMMAND": "pages deploy nowhere --project-name=nobodys --branch=nowhere",
        "INPUT_DIRECTORY": "my-site/dist",
        "INPUT_PROJECTNAME": PROJECT,
    }
    outcome = run_cli("--branch=flag", environ={**environ, **inputs})
    assert outcome.exit_code == 0, outcome.stderr
    assert deployment_of(emulator).trigger.branch == "flag"


def test_the_command_wins_over_what_the_platform_says(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str]
) -> None:
    command = f"pages deploy --cwd my-site dist --project-name {PROJECT} --branch y"
    outcome = run_cli("-v", environ={**environ, "INPUT_COMMAND": command})
    assert outcome.exit_code == 0, outcome.stderr
    assert deployment_of(emulator).trigger.branch == "y"
    assert "BRANCH = y from COMMAND" in outcome.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("deploy", "'deploy'"),
        ("pages", "'pages'"),
        ("pages project create x", "'pages project'"),
        ("pages deployment list", "'pages deployment'"),
        ("secret put X", "'secret put'"),
        ("pages deploy dist --project-name=demo --compatibility-date=2026-01-01", "--compat"),
        ("pages deploy dist -c wrangler.toml", "-c"),
        ("pages deploy dist --branch=a --branch=b", "BRANCH twice"),
        ("pages deploy dist --branch=a --branch a", "BRANCH twice"),
        ("pages deploy dist 'other", "DIRECTORY twice"),
        ("pages deploy dist --project-name=demo\npages deploy dist --project-name=x", "line"),
        ("pages deploy dist --project-name=demo && pages deploy dist", "several commands"),
        ("pages deploy dist --commit-dirty=perhaps --project-name=demo", "COMMIT_DIRTY"),
    ],
)
def test_any_other_command_is_refused_by_name_and_nothing_is_sent(
    run_cli: RunCli, emulator: Emulator, environ: dict[str, str], command: str, named: str
) -> None:
    before = len(emulator.requests)
    outcome = run_cli(environ={**environ, "INPUT_COMMAND": command})
    assert outcome.exit_code == 2, outcome.stderr
    (error,) = (found for found in read.github_commands(outcome.stderr) if found.name == "error")
    assert "COMMAND" in error.data
    assert named in error.data
    assert len(emulator.requests) == before
