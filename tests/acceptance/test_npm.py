"""A machine whose npm cannot install is told from one on which the tests fail."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.npm import NpmError, install

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script")


def npm(folder: Path, script: str) -> str:
    """Write a program in place of npm."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_an_npm_that_cannot_install_is_quoted_and_leaves_nothing(tmp_path: Path) -> None:
    """It may answer `npm ping` all the same, where a mirror lacks the package."""
    broken = npm(tmp_path, "echo 'npm error code E404' >&2; exit 1")
    cache = tmp_path / "cache"
    with pytest.raises(NpmError, match="E404"):
        install(broken, "wrangler", "4", cache=cache)
    assert not list(cache.glob("*"))


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    makes = (
        'for word; do case $word in --prefix=*) mkdir -p "${word#*=}/node_modules/x";; esac; done'
    )
    found = install(npm(tmp_path, makes), "x", "1", cache=tmp_path / "cache")
    assert (found / "x").is_dir()
    assert install(npm(tmp_path, "exit 1"), "x", "1", cache=tmp_path / "cache") == found


def test_a_run_that_comes_second_takes_what_the_first_has_installed(tmp_path: Path) -> None:
    home = tmp_path / "cache/x-1/node_modules"
    overtaken = npm(tmp_path, f"mkdir -p '{home}' '{tmp_path}/cache/x-1.'$PPID")
    assert install(overtaken, "x", "1", cache=tmp_path / "cache") == home
