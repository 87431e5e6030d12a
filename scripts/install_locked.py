"""Install a lock file into a virtual environment that may have no pip, for `make demo`.

Usage: .venv/bin/python scripts/install_locked.py LOCK_FILE

To install pip itself takes as long as all that the demo needs. So one that is there is used:

1. the environment's own;
2. else that of the Python that the environment was made of, from 22.3 on, which has `--python`;
3. else the wheel that this Python keeps for ensurepip, started as it is;
4. else the system lacks it, and the error says how to get it.

Most modules are never imported by the demo, so byte-code is left to those that are.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

FIRST_WITH_PYTHON = (22, 3)
OPTIONS = (
    *("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--no-compile"),
)
_TELL_VERSION = "from importlib.metadata import version; print(version('pip'))"


def pip_command(base: str) -> tuple[list[str], dict[str, str]]:
    """Return the beginning of pip's command, and the variables that it needs beside ours.

    `base` is the Python that this environment was made of.
    """
    here = [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("pip") is not None:
        return here, {}
    if _pip_version(base) >= FIRST_WITH_PYTHON:
        return [base, "-m", "pip", "--python", sys.executable], {}
    if (wheel := bundled_pip()) is not None:
        return here, {"PYTHONPATH": str(wheel)}
    sys.exit("This Python has no pip. On Debian and Ubuntu: apt install python3-venv")


def bundled_pip() -> Path | None:
    """Return the wheel of pip that Python, or the system's package of it, brings along."""
    # Debian keeps it apart from Python.
    places = [sysconfig.get_config_var("WHEEL_PKG_DIR")]
    if (found := importlib.util.find_spec("ensurepip")) is not None and found.origin:
        places.append(str(Path(found.origin).with_name("_bundled")))
    for place in filter(None, places):
        if wheels := sorted(Path(place).glob("pip-*.whl")):
            return wheels[-1]
    return None


def _pip_version(python: str) -> tuple[int, ...]:
    told = subprocess.run(  # noqa: S603 - the Python that this environment was made of
        [python, "-c", _TELL_VERSION], capture_output=True, text=True, check=False
    )
    found = re.match(r"([0-9]+)\.([0-9]+)", told.stdout)
    return (int(found[1]), int(found[2])) if found else ()


def main(lock_file: str) -> int:
    """Install what a lock file names; returns pip's exit code."""
    # The only place where Python says it.
    command, variables = pip_command(getattr(sys, "_base_executable", sys.executable))
    done = subprocess.run(  # noqa: S603 - pip, with arguments of ours
        [*command, "install", *OPTIONS, "--requirement", lock_file],
        env={**os.environ, **variables},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
