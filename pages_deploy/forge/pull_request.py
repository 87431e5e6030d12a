"""One pull or merge request: whether it is open, and as which branches it was deployed."""

from __future__ import annotations

from dataclasses import dataclass

from pages_deploy.ci.build_context import fork_branch


@dataclass(frozen=True)
class PullRequest:
    """What a forge knows of a pull request."""

    is_open: bool
    branches: frozenset[str]
    """As which it was deployed; of a fork's, also the name that it gets where only its commit is
    known."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the files of a pull request come from; what is not known is empty."""

    branch: str
    is_fork: bool
    owner: str = ""
    """Whose the fork is."""

    def branches(self, number: str) -> frozenset[str]:
        """Return the branches as which the pull request of a number may have been deployed."""
        own_name = self.branch
        if self.is_fork:
            own_name = fork_branch(pull_request="", owner=self.owner, branch=self.branch)
        # By its number a fork's is deployed, and also the commit of a merge queue.
        return frozenset({own_name, fork_branch(pull_request=number)} - {""})
