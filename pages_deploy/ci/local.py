"""No CI platform: a developer's machine, with or without git.

https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext
from pages_deploy.ci.git import Checkout, is_dirty, read_checkout, read_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "none"
TITLE = "the local git checkout"


def detect(environ: Mapping[str, str]) -> bool:  # noqa: ARG001 - the last resort asks nothing
    return True


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    return from_git(TITLE, directory, is_ci=False, dirty=None)


def from_git(platform: str, directory: Path, *, is_ci: bool, dirty: bool | None) -> BuildContext:
    """Read the build's facts from the checkout; where there is none, nothing is known."""
    checkout = read_checkout(directory)
    if checkout is None:
        return BuildContext(platform, is_ci)
    branch, reason = checkout.branch, ""
    if not branch and len(checkout.remote_branches) == 1:
        branch = checkout.remote_branches[0]
    elif not branch:
        reason = _no_branch_reason(checkout)
    commit_hash = checkout.commit_hash
    return BuildContext(
        platform,
        is_ci,
        branch=branch,
        commit_hash=commit_hash,
        commit_message=read_message(directory, commit_hash) if commit_hash else "",
        commit_dirty=is_dirty(directory) if dirty is None else dirty,
        no_branch_reason=reason,
    )


def _no_branch_reason(checkout: Checkout) -> str:
    if checkout.unreadable:
        return "the git repository keeps its refs in the reftable format"
    if checkout.remote_branches:
        several = ", ".join(checkout.remote_branches)
        return f"the checkout is of several branches at once ({several})"
    return "the checkout is of a commit, not of a branch"
