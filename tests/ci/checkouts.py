"""Git checkouts for tests: real ones, made with git, and ones made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def git(directory: Path, *arguments: str) -> str:
    """Run git as on a machine without any configuration."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.test",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.test",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def make_repository(root: Path, *, branch: str = "feature/x") -> Path:
    """Make a repository with one commit."""
    root.mkdir()
    git(root, "init", "--quiet", f"--initial-branch={branch}")
    (root / "index.html").write_text("home")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=Subject\n\nBody é")
    return root


def fake_git_dir(directory: Path, files: Mapping[str, str]) -> Path:
    """Write files below `.git`."""
    for name, text in files.items():
        file = directory / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory
