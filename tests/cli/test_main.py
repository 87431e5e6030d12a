"""The one door: commands, help, version, and the bar that is always taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy import __version__
from pages_deploy.cli.commands import COMMANDS

if TYPE_CHECKING:
    from tests.world import RunCli


def test_the_version_is_printed(run_cli: RunCli, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli("--version").exit_code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_lists_every_command(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    assert run_cli(flag).exit_code == 0
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert f"  {name} " in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run_cli(name, "--help").exit_code == 0
    assert "Usage: pages-deploy" in capsys.readouterr().out


def test_a_build_directory_that_is_missing_in_ci_is_a_failed_deployment(run_cli: RunCli) -> None:
    environ = {
        "CI": "true",
        "PAGES_DEPLOY_BRANCH": "main",
        "CF_API_TOKEN": "token-of-mine",
        "CF_PROJECT": "demo",
        "CF_ACCOUNT_ID": "a" * 32,
    }
    outcome = run_cli("no-such-command", environ=environ)
    assert outcome.exit_code == 2
    assert "no-such-command does not exist" in outcome.stderr
