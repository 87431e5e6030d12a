"""The real programs: act with the wheels that the Action installs, and wrangler.

wrangler is installed once, into a cache outside the repository.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.runner import PATIENCE_SECONDS, ROOT, new_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.server import Emulator
    from tests.acceptance.runner import Repository

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pages-deploy-tests"
NODE_MAJOR = "22"
WRANGLER = "wrangler@4"
INSTALL_TIMEOUT_SECONDS = 300


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
    if subprocess.run([npm, "ping"], capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("SKIPPED FOR WANT OF THE npm REGISTRY: wrangler was not compared with ours")
    node = _install(npm, f"node-{_system()}", NODE_MAJOR, f"node-{_system()}/bin/node")
    script = _install(npm, "wrangler", WRANGLER.partition("@")[2], "wrangler/bin/wrangler.js")
    return Wrangler((str(node), str(script)))


def _install(npm: str, package: str, version: str, file: str) -> Path:
    """Install an npm package into the cache, whole or not at all; returns one of its files."""
    home = CACHE / f"{package}-{version}"
    if not (home / "node_modules" / file).is_file():
        fresh = CACHE / f"{package}-{version}.{os.getpid()}"
        subprocess.run(
            [
                *(npm, "install", "--prefix", str(fresh), "--no-save", "--no-package-lock"),
                *("--no-audit", "--no-fund", "--silent", f"{package}@{version}"),
            ],
            check=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
        )
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)
    return home / "node_modules" / file


def _system() -> str:
    """Name this machine as the npm packages of Node do."""
    name = {"linux": "linux", "darwin": "darwin", "win32": "win"}[sys.platform]
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "x64")
    return f"{name}-{machine}"
