"""What a platform does not say of the build, filled in from the git checkout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import BuildContext, is_branch
from pages_deploy.ci.git import Checkout, is_dirty, read_checkout, read_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def with_git(context: BuildContext, directory: Path, environ: Mapping[str, str]) -> BuildContext:
    """Fill in from the checkout what a platform does not say; without a checkout, nothing.

    The branch is left alone where the platform has a reason for naming none. The checkout of a pull
    request is often of a merge that nobody pushed, on the branch that it is to be merged into.
    """
    checkout = read_checkout(directory)
    if checkout is None:
        return context
    is_ours = not context.pull_request and not context.is_fork
    branch, reason = context.branch, context.no_branch_reason
    if not branch and not reason and is_ours:
        branch, reason = _branch_of(checkout)
    commit_hash = context.commit_hash
    if not commit_hash and is_ours:
        commit_hash = checkout.commit_hash
    message = context.commit_message
    if not message and commit_hash:
        message = read_message(checkout, commit_hash, environ)
    dirty = context.commit_dirty
    if dirty is None and commit_hash:
        dirty = is_dirty(checkout, environ)
    return replace(
        context,
        branch=branch,
        no_branch_reason=reason,
        commit_hash=commit_hash,
        commit_message=message,
        commit_dirty=dirty,
    )


def _branch_of(checkout: Checkout) -> tuple[str, str]:
    """Return the branch, or why there is none."""
    if is_branch(checkout.branch):
        return checkout.branch, ""
    if len(checkout.remote_branches) == 1:
        return checkout.remote_branches[0], ""
    if checkout.unreadable:
        return "", "the git repository keeps its refs in the reftable format"
    if checkout.remote_branches:
        several = ", ".join(checkout.remote_branches)
        return "", f"the checkout is of several branches at once ({several})"
    return "", "the checkout is of a commit, not of a branch"
