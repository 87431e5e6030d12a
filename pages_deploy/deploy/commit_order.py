"""Which of two commits is the newer one, and what a run does that production is ahead of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.models import Deployment

IfOlder = Literal["skip", "fail"]

SHOWN_DIGITS = 8


@dataclass(frozen=True)
class CommitOrder:
    """How commits are compared, and what becomes of a run with an older one than production's."""

    if_older: IfOlder
    """`skip`: the newer one stays, and the run is good; `fail`: it stays, and the run is not."""
    is_ancestor: Callable[[str, str], bool | None]
    """Whether the first commit is an ancestor of the second; None where nobody can tell."""

    def is_newer(self, deployment: Deployment, than: str) -> bool | None:
        """Whether a deployment is of a newer commit than another one; None where nobody can tell.

        Of the same commit, or of one beside it, none is newer.
        """
        if not deployment.commit_hash or not than:
            return None
        if is_same_commit(deployment.commit_hash, than):
            return False
        return self.is_ancestor(than, deployment.commit_hash)


def is_same_commit(one: str, other: str) -> bool:
    """Whether two hashes are known and of one commit."""
    return bool(one) and one.casefold() == other.casefold()


def described(deployment: Deployment) -> str:
    """Return a deployment's id, with the commit by which people know it."""
    commit = deployment.commit_hash[:SHOWN_DIGITS]
    return f"{deployment.id} of commit {commit}" if commit else deployment.id
