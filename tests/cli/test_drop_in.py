"""Workflows that were written for other actions: only what they use changes.

The inputs are those of the READMEs of cloudflare/pages-action and
AdrianGonz97/refined-cf-pages-action, and the commands those of cloudflare/wrangler-action.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.wrangler_command import read_command
from tests import platform_readers as read
from tests.forge.forges import REPOSITORY, FakeGitHub, running
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")

GITHUB_TOKEN = "ghs_0123456789abcdefghij"
PAGES_ACTION = {
    "INPUT_PROJECTNAME": PROJECT,
    "INPUT_DIRECTORY": "dist",
    "INPUT_GITHUBTOKEN": GITHUB_TOKEN,
    "INPUT_BRANCH": "main",
    "INPUT_WORKINGDIRECTORY": "my-site",
    "INPUT_WRANGLERVERSION": "3",
}
# Its README also names GitHub's deployment; `githubToken` is the same input in another spelling.
REFINED = {**PAGES_ACTION, "INPUT_DEPLOYMENTNAME": "Production"}


@pytest.fixture
def hub() -> Iterator[FakeGitHub]:
    with running(FakeGitHub()) as forge:
        forge.token = GITHUB_TOKEN
        yield forge


@pytest.fixture
def environ(emulator: Emulator, hub: FakeGitHub, tmp_path: Path, site: BuildSite) -> dict[str, str]:
    """A push of the branch `topic`, as the Action passes it on; inputs not given are empty."""
    site({"dist/index.html": "home"}, name="my-site")
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
        "INPUT_APITOKEN": emulator.api_token,
        "INPUT_ACCOUNTID": emulator.account_id,
        "INPUT_APIBASEURL": emulator.api_base_url,
        "INPUT_BRANCH": "",
        "INPUT_COMMAND": "",
        "INPUT_WRANGLERVERSION": "",
    }


def deployment_of(emulator: Emulator) -> Any:
    project = emulator.store.project(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    return deployment


@pytest.mark.parametrize("inputs", [PAGES_ACTION, REFINED], ids=["pages-action", "refined"])
def test_a_workflow_of_a_pages_action_runs_as_it_is(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    tmp_path: Path,
    inputs: dict[str, str],
) -> None:
    outcome = run_cli(environ={**environ, **inputs})
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    deployment = deployment_of(emulator)
    # What those actions gave, under the names that they gave it.
    assert outputs["id"] == deployment.id
    assert outputs["environment"] == "production"
    assert outputs["url"] == outputs["alias"]
    assert outputs["url"].startswith(f"http://{deployment.id[:8]}.demo.")
    trigger = deployment.trigger
    assert (trigger.branch, trigger.commit_hash, trigger.commit_message, trigger.commit_dirty) == (
        "main",
        "a" * 40,
        "Say so",
        False,
    )


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
    for token in (GITHUB_TOKEN, emulator.api_token):
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
        " --commit-message='Two words' --commit-dirty=true",
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
        ("pages deploy dist 'other", "cannot be read"),
        ("pages deploy dist --project-name=demo\npages deploy dist --project-name=x", "twice"),
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


@pytest.mark.parametrize(
    "command",
    [
        "pages deploy dist --project-name",
        "pages deploy dist --branch --commit-dirty=true --project-name=demo",
    ],
)
def test_a_flag_without_its_value_is_refused_by_name(command: str) -> None:
    """Else the next flag would be the branch, or the branch that of the platform."""
    with pytest.raises(SettingsError, match=r"--(project-name|branch)"):
        read_command(command)


def test_a_value_that_a_template_left_empty_is_none() -> None:
    """`--branch=${{ github.head_ref }}` is empty on a push, and wrangler then asks git."""
    assert not read_command("pages deploy d --branch=").get("BRANCH")


@pytest.mark.parametrize("value", ["true", "false"])
@pytest.mark.parametrize("template", ["{} dist --commit-dirty {}", "{} --commit-dirty {} dist"])
def test_a_switch_takes_its_value_as_a_word_too(template: str, value: str) -> None:
    """As yargs reads it, by which wrangler reads its command line."""
    found = read_command(template.format("pages deploy", value))
    assert found == {"DIRECTORY": "dist", "COMMIT_DIRTY": value}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("pages deploy d --commit-message='it''s'", "its"),
        ('pages deploy d --commit-message "a \\"b\\" $HOME"', 'a "b" $HOME'),
        ("pages deploy d --commit-message=a=b", "a=b"),
        ("pages deploy d --commit-message '-x'", "-x"),
        ("pages deploy d --commit-message=' ::error::x '", " ::error::x "),
    ],
)
def test_quotes_are_a_shells_and_nothing_is_expanded(command: str, message: str) -> None:
    assert read_command(command) == {"DIRECTORY": "d", "COMMIT_MESSAGE": message}


@pytest.mark.parametrize("name", ["publish", "deploy"])
def test_both_names_of_the_command_are_one(name: str) -> None:
    assert read_command(f"wrangler pages {name} d") == read_command(f"  pages\n {name}  d\n")
