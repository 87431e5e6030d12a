"""The real programs: act with the wheels that the Action installs, Chromium, and wrangler.

wrangler is installed once, into a cache outside the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.browser import Browser
from tests.acceptance.npm import NpmError, install_wrangler
from tests.acceptance.runner import PATIENCE_SECONDS, ROOT, new_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.emulator.server import Emulator
    from tests.acceptance.runner import Repository


@pytest.fixture(scope="session")
def act() -> str:
    found = os.environ.get("PAGES_DEPLOY_ACT") or shutil.which("act")
    if not found:
        pytest.skip("SKIPPED FOR WANT OF act: `.ci/action` brings it along and runs this")
    return found


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked wheels for this Python, so that most tests need no network."""
    target = tmp_path_factory.mktemp("wheel house")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(target)),
            *("--requirement", str(ROOT / "requirements-action.txt")),
        ],
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    if done.returncode:
        pytest.skip("SKIPPED FOR WANT OF THE PACKAGE INDEX: the Action was not run")
    return target


@pytest.fixture
def empty_repository(act: str, tmp_path: Path) -> Repository:
    return new_repository(act, tmp_path)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    program = os.environ.get("PAGES_DEPLOY_BROWSER") or shutil.which("chromium")
    if not program:
        pytest.skip("SKIPPED FOR WANT OF chromium: `.ci/browser` installs it and runs this")
    running = Browser(program, tmp_path / "profile")
    try:
        running.open_tab()
        yield running
    finally:
        running.close()


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """Where pictures are left for people: the directory of the variable, if it names one."""
    folder = Path(os.environ.get("PAGES_DEPLOY_ARTIFACTS") or tmp_path / "artifacts").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Wrangler:
    """The command of a wrangler that is installed."""

    command: tuple[str, ...]

    def run(
        self, emulator: Emulator, *arguments: str, cwd: Path, environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(cwd),
                "CI": "true",
                "NO_COLOR": "1",
                "WRANGLER_SEND_METRICS": "false",
                "WRANGLER_SEND_ERROR_REPORTS": "false",
                **emulator.environ(),
                **environ,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="session")
def wrangler() -> Wrangler:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("SKIPPED FOR WANT OF npm: wrangler's own manifest was not compared with ours")
    try:
        node, script = install_wrangler(npm)
    except NpmError as error:
        pytest.skip(f"SKIPPED FOR WANT OF AN npm THAT INSTALLS: {error}")
    return Wrangler((str(node), str(script)))
