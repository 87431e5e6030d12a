"""Cloudflare's own Python SDK, in a venv of its own outside the repository."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.acceptance.npm import CACHE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGE = "cloudflare"
# The release whose types the emulator was compared with; `.ci/sdk` tells what newer ones add.
VERSION = "5.9.0"
INSTALL_TIMEOUT_SECONDS = 300
RUN_TIMEOUT_SECONDS = 120


class SdkError(Exception):
    """The SDK cannot be installed, or a program that uses it failed; says why."""


def cached_sdk() -> Path:
    """Install the SDK once, whole or not at all; returns its venv's Python. Raises SdkError."""
    # Some of what it needs is compiled for one version of Python.
    home = CACHE / f"{PACKAGE}-sdk-{VERSION}-python{platform.python_version()}"
    if not python_of(home).exists():
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        try:
            install_sdk(f"{PACKAGE}=={VERSION}", fresh)
            shutil.rmtree(home, ignore_errors=True)
            fresh.rename(home)
        except OSError as error:
            # Another run may have been faster.
            if not python_of(home).exists():
                raise SdkError(f"{home}: {error}") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return python_of(home)


def install_sdk(requirement: str, home: Path) -> Path:
    """Make a venv with the SDK and return its Python. Raises SdkError."""
    _run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = python_of(home)
    _run(
        *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
        # Most of the package is about other products, so that it is compiled when it is imported.
        *("--disable-pip-version-check", "--no-compile", "--only-binary=:all:", requirement),
    )
    return python


def python_of(venv: Path) -> Path:
    """Return where a venv has its Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run_program(python: Path, *arguments: str, environ: Mapping[str, str]) -> Any:
    """Run one of our programs by the Python that has the SDK; returns the JSON that it prints.

    Raises SdkError with what it says where it fails.
    """
    done = subprocess.run(
        [str(python), *arguments],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=RUN_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SdkError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command,
            check=False,
            timeout=INSTALL_TIMEOUT_SECONDS,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise SdkError(f"{' '.join(command)} does not come to an end") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SdkError(f"{' '.join(command)}: {said[-1] if said else 'no reason given'}")
