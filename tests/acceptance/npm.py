"""Packages of npm, each installed once into a cache outside the repository."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pages-deploy-tests"
INSTALL_TIMEOUT_SECONDS = 300
NODE_MAJOR = "22"
WRANGLER = "4.164.0"


class NpmError(Exception):
    """A package cannot be installed; says what npm said."""


def install(npm: str, package: str, version: str, *, cache: Path = CACHE) -> Path:
    """Install a package, whole or not at all; returns `node_modules`. Raises NpmError."""
    home = cache / f"{package}-{version}"
    if not home.exists():
        fresh = cache / f"{package}-{version}.{os.getpid()}"
        try:
            _run(npm, "install", f"--prefix={fresh}", f"{package}@{version}")
            fresh.rename(home)
        except OSError as error:
            # Another run may have been faster.
            if not home.exists():
                raise NpmError(f"{npm} install {package}@{version}: {error}") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return home / "node_modules"


def install_wrangler(npm: str) -> tuple[Path, Path]:
    """Install wrangler and a Node for it; returns Node and the script. Raises NpmError."""
    system = system_name()
    node = install(npm, f"node-{system}", NODE_MAJOR) / f"node-{system}/bin/node"
    return node, install(npm, "wrangler", WRANGLER) / "wrangler/bin/wrangler.js"


def _run(npm: str, *arguments: str) -> None:
    quiet = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
    try:
        done = subprocess.run(
            [npm, *arguments, *quiet],
            check=False,
            timeout=INSTALL_TIMEOUT_SECONDS,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NpmError(f"{npm} does not come to an end") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NpmError(f"{npm} {' '.join(arguments)}: {said[0] if said else 'no reason given'}")


def system_name() -> str:
    """Name this machine as the npm packages of Node do."""
    name = {"linux": "linux", "darwin": "darwin", "win32": "win"}[sys.platform]
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "x64")
    return f"{name}-{machine}"
