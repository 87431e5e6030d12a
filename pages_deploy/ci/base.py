"""The record that every CI platform fills in, and what a platform module offers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COMMIT_HASH = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
# What checkouts of a pull request are called; no branch of anybody's has such a name.
_MERGE_REF = re.compile(r"\d+/(?:merge|head)")


@dataclass(frozen=True)
class BuildContext:
    """Which build this is; what is not known is empty."""

    # The platform's name in running text.
    platform: str
    # False on a developer's own machine.
    is_ci: bool
    # The branch whose files these are: of a pull request, its source branch.
    branch: str = ""
    # The commit that its author pushed, 40 or 64 hexadecimal digits.
    commit_hash: str = ""
    commit_message: str = ""
    # Whether files differ from the commit; None where nobody can tell.
    commit_dirty: bool | None = None
    # Why there is no branch, where one would be expected.
    no_branch_reason: str = ""


class Platform(Protocol):
    """A module of this package."""

    NAME: str

    def detect(self, environ: Mapping[str, str]) -> bool:
        """Tell whether this process runs on the platform, by a variable that is its alone."""

    def build(self, environ: Mapping[str, str], directory: Path) -> BuildContext:
        """Read the build's facts; `directory` is the working directory, for `.git`."""


def is_branch(name: str) -> bool:
    """Whether a name can be a branch to deploy, rather than what a detached checkout is called."""
    return bool(name) and name != "HEAD" and _MERGE_REF.fullmatch(name) is None


def first_commit_hash(*candidates: str) -> str:
    """Return the first candidate that is a whole commit hash, or nothing."""
    return next((text for text in candidates if _COMMIT_HASH.fullmatch(text)), "")


def first(environ: Mapping[str, str], *names: str) -> str:
    """Return the first of some variables that is not empty, or nothing."""
    return next((value for name in names if (value := environ.get(name, ""))), "")
