"""wrangler-action's command: the Pages one is understood, every other is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.settings.wrangler_command import read_command

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

READ = {"DIRECTORY": "dist", "PROJECT_NAME": "demo", "BRANCH": "feature"}


@pytest.mark.parametrize(
    "command",
    [
        "pages deploy dist --project-name=demo --branch=feature",
        "pages publish dist --project-name demo --branch feature",
        "pages deployment create dist --project-name demo --branch feature",
        'wrangler pages deploy --project-name="demo" dist "--branch=feature" --force',
        "npx wrangler pages deploy dist --project-name=demo --branch=feature",
        "npx --yes wrangler@3.99.0 pages deploy dist --project-name=demo --branch=feature",
        "pnpm exec wrangler pages deploy dist --project-name=demo --branch=feature",
        "pages deploy dist --projectName=demo --branch=feature",
        "pages deploy --projectName demo --branch feature dist",
        "--project-name demo pages --branch=feature deploy dist",
        "  pages deploy dist --project-name=demo --branch=feature\n",
    ],
)
def test_the_command_is_read_as_options(command: str) -> None:
    assert read_command(command) == READ


@pytest.mark.parametrize("place", ["--cwd web pages deploy dist", "pages deploy dist --cwd=web"])
def test_the_working_directory_may_stand_before_the_command(place: str) -> None:
    assert read_command(place) == {"WORKING_DIRECTORY": "web", "DIRECTORY": "dist"}


@pytest.mark.parametrize(
    ("flags", "values"),
    [
        ("--commit-dirty=true --skip-caching", {"COMMIT_DIRTY": "true", "SKIP_CACHING": "true"}),
        ("--commitDirty --skipCaching=false", {"COMMIT_DIRTY": "true", "SKIP_CACHING": "false"}),
        ("--commit-dirty true --branch x", {"COMMIT_DIRTY": "true", "BRANCH": "x"}),
        ("--no-commit-dirty --noSkipCaching", {"COMMIT_DIRTY": "false", "SKIP_CACHING": "false"}),
        ("--no-bundle --upload-source-maps", {"NO_BUNDLE": "true", "UPLOAD_SOURCE_MAPS": "true"}),
        ("--noBundle=false --bundle", {"NO_BUNDLE": "false", "BUNDLE": "true"}),
        ("--uploadSourceMaps false", {"UPLOAD_SOURCE_MAPS": "false"}),
        ("--commitHash=a --commitMessage=b", {"COMMIT_HASH": "a", "COMMIT_MESSAGE": "b"}),
    ],
)
def test_flags_are_read_as_yargs_reads_them(flags: str, values: dict[str, str]) -> None:
    for command in (
        f"pages deploy d {flags}",
        f"pages deploy {flags} d",
        f"{flags} pages deploy d",
    ):
        assert read_command(command) == {"DIRECTORY": "d", **values}


@pytest.mark.parametrize(
    "command",
    [
        "pages deploy d --branch=",
        "pages deploy d --branch",
        "pages deploy d --branch ",
        'pages deploy d --branch ""',
        "pages deploy d --branch --commit-dirty=true",
        "pages deploy --branch --project-name=demo d",
        "pages deploy d --project-name --branch=",
    ],
)
def test_a_value_that_a_template_left_empty_is_none(command: str) -> None:
    """`--branch ${{ github.head_ref }}` is empty on a push, and wrangler then asks git."""
    values = read_command(command)
    assert not values.pop("BRANCH")
    assert values.pop("DIRECTORY") == "d"
    assert all(value in {"", "true", "demo"} for value in values.values())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("--commit-message=it's", "it's"),
        ('--commit-message "a \\"b\\" $HOME"', 'a "b" $HOME'),
        ("--commit-message=a=b", "a=b"),
        ('--commit-message "- a list"', "- a list"),
        ('--commit-message=" ::error::x "', " ::error::x "),
        ('--commit-message="Fix; && more', "Fix; && more"),
        (r"--commit-message=a\b", r"a\b"),
    ],
)
def test_quotes_are_those_of_the_action_and_nothing_is_expanded(command: str, message: str) -> None:
    assert read_command(f"pages deploy d {command}") == {
        "DIRECTORY": "d",
        "COMMIT_MESSAGE": message,
    }


@pytest.mark.parametrize(
    ("command", "named", "hint"),
    [
        ("deploy", "'deploy'", "wrangler-action"),
        ("pages project list", "'pages project'", "pages-deploy projects"),
        ("pages project create site --production-branch=main", "'pages project'", "createProject"),
        ("npx wrangler pages project create site", "'pages project'", "createProject"),
        ("pages deployment list", "'pages deployment'", "pages-deploy deployments"),
        ("pages secret put X", "'pages secret'", "wrangler-action"),
        ("pages deploy d --env production", "--env", "--branch"),
        ("pages deploy d -e production", "-e", "--branch"),
        ("pages deploy d --config=x.toml", "--config", "working directory"),
        ("pages deploy d --compatibility-date=2026-01-01", "--compat", "inputs"),
        ("pages deploy d e", "DIRECTORY twice", "inputs"),
        ("pages deploy d --branch=a --branch b", "BRANCH twice", "inputs"),
        ("pages deploy d\npages deployment list", "more than one line", "step of its own"),
        ("pages deploy d && pages deploy e", "several commands", "step of its own"),
        ("pages deploy d; echo", "several commands", "step of its own"),
        ("--branch=x", "''", "inputs"),
    ],
)
def test_what_is_not_understood_is_named(command: str, named: str, hint: str) -> None:
    with pytest.raises(SettingsError) as info:
        read_command(command)
    assert named in info.value.message
    assert hint in info.value.hint


def test_an_input_of_its_own_wins_over_the_command(
    run_cli: RunCli, emulator: Emulator, site: BuildSite
) -> None:
    site({"index.html": "home"}, name="dist")
    environ = {
        **emulator.environ(),
        "INPUT_COMMAND": "pages deploy dist --project-name=demo --branch=feature",
        "INPUT_CREATEPROJECT": "true",
        "INPUT_BRANCH": "main",
        "INPUT_WRANGLERVERSION": "3",
    }
    outcome = run_cli("-v", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Environment: production" in outcome.stdout
    assert outcome.stderr.count("wranglerVersion") == 1
    assert "PROJECT_NAME = demo from COMMAND\n" in outcome.stderr
    assert "ENV_FILE = .env from the default\n" in outcome.stderr
