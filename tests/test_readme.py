"""Every command of the README runs as it is written."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from tests.world import RunCli

ROOT = Path(__file__).parent.parent
# In blocks a line, with its comment; in sentences between backticks.
COMMANDS = sorted(
    set(
        re.findall(
            r"^(pages-deploy [^#\n]+?) *(?:#.*)?$|`(pages-deploy [^`]+)`",
            (ROOT / "README.md").read_text("utf-8"),
            flags=re.MULTILINE,
        )
    )
)
LINES = ["".join(found) for found in COMMANDS]
# These run until somebody ends them; tests/cli and tests/acceptance do so.
SERVE = {"pages-deploy emulator"}


def test_the_readme_has_commands() -> None:
    assert len(LINES) >= 4
    assert set(LINES) >= SERVE


@pytest.mark.parametrize("line", [line for line in LINES if line not in SERVE])
def test_a_command_of_the_readme_runs_as_written(
    line: str, run_cli: RunCli, emulator: Emulator, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "examples/site", tmp_path / "examples/site")
    shutil.copytree(ROOT / "examples/site", tmp_path / "dist")
    environ = {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": "my-site"}
    setup = run_cli("projects", "create", "my-site", environ=environ)
    assert setup.exit_code == 0, setup.stderr
    words = shlex.split(line)[1:]
    if words[0] == "preview":
        words.append("--once")
    ran = run_cli(*words, environ=environ)
    assert ran.exit_code == 0, ran.stderr
