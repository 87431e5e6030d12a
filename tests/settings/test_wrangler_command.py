"""wrangler-action's command: the Pages one is understood, every other is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.settings.wrangler_command import read_command

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli


@pytest.mark.parametrize(
    "command",
    [
        "pages deploy dist --project-name=demo --branch=feature",
        "pages publish dist --project-name demo --branch feature",
        "wrangler pages deploy --project-name='demo' 'dist' --branch=\"feature\" --force",
    ],
)
def test_the_command_is_read_as_options(command: str) -> None:
    assert read_command(command) == {
        "DIRECTORY": "dist",
        "PROJECT_NAME": "demo",
        "BRANCH": "feature",
    }


def test_a_switch_may_stand_alone_or_with_its_value() -> None:
    assert read_command("pages deploy d --commit-dirty=true --skip-caching") == {
        "DIRECTORY": "d",
        "COMMIT_DIRTY": "true",
        "SKIP_CACHING": "true",
    }


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("deploy", "'deploy'"),
        ("pages project list", "'pages project'"),
        ("pages deploy d --env production", "--env"),
        ("pages deploy d e", "DIRECTORY twice"),
        ("pages deploy 'd", "cannot be read"),
    ],
)
def test_what_is_not_understood_is_named(command: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_command(command)


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
