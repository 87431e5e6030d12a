"""What looks like a secret is not published by accident, and is when somebody says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import platform_readers as read
from tests.cli.reading import complaint

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")

# In two pieces, so that no scanner of this repository takes it for one.
TOKEN = "ghp_" + "G7kQ2mZ9xW4pL8vN3rT6yB1cF5hJ0dSaUeXi"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "PAGES_DEPLOY_BRANCH": "main"}


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", ".env": "PASSWORD=swordfish", "app.js": f'\nt="{TOKEN}"'})


def test_a_secret_stops_the_run_before_anything_is_sent(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    before = len(emulator.requests)
    outcome = run_cli(str(directory), "-v", environ=environ)
    text = complaint(outcome, 2)
    assert "2 files must not be published" in text
    assert "/.env (environment variables), /app.js line 2 (a GitHub token)" in text
    assert "--allow-secrets (input allowSecrets)" in text
    assert TOKEN not in outcome.stderr
    assert "swordfish" not in outcome.stderr
    assert outcome.stdout == ""
    assert len(emulator.requests) == before


@pytest.mark.parametrize(
    ("flags", "more"),
    [
        (["--allow-secrets"], {}),
        ([], {"PAGES_DEPLOY_ALLOW_SECRETS": "true"}),
        ([], {"INPUT_ALLOWSECRETS": "true"}),
    ],
    ids=["flag", "variable", "input"],
)
def test_who_says_so_publishes_it_with_a_warning(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    flags: list[str],
    more: dict[str, str],
) -> None:
    outcome = run_cli(str(directory), *flags, "-q", "--print", "files", environ=environ | more)
    assert outcome.exit_code == 0
    assert outcome.stdout == "3\n"
    (warning,) = outcome.stderr.splitlines()
    assert warning.startswith(
        "Warning: Without ALLOW_SECRETS 2 files would not be published: /.env"
    )
    assert TOKEN not in warning


def test_a_flag_overrules_the_variable(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    allowed = {**environ, "PAGES_DEPLOY_ALLOW_SECRETS": "true"}
    assert run_cli(str(directory), "--no-allow-secrets", environ=allowed).exit_code == 2


def test_well_known_files_and_other_names_with_a_dot_are_published(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    directory = site(
        {".well-known/security.txt": "Contact: x", ".nojekyll": "", ".env.example": ""}
    )
    outcome = run_cli(str(directory), "--print", "files", environ=environ)
    assert (outcome.exit_code, outcome.stdout) == (0, "3\n")


def test_a_files_name_gives_the_platform_no_orders(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, tmp_path: Path
) -> None:
    directory = site({"x\n::set-output name=url::evil/.env": ""})
    summary = tmp_path / "summary.md"
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    outcome = run_cli(str(directory), environ=environ | github)
    assert outcome.exit_code == 2
    names = [command.name for command in read.github_commands(outcome.stderr)]
    assert names == ["group", "endgroup", "error"]
    assert "must not be published" in summary.read_text()
    assert "\n::set-output" not in summary.read_text()


def test_a_preview_only_warns(run_cli: RunCli, directory: Path) -> None:
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 0
    assert "Warning: Without ALLOW_SECRETS 2 files would not be published" in outcome.stderr
    assert TOKEN not in outcome.stderr
