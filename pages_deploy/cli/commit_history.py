"""Whether one commit is an ancestor of another: git tells where the history is, else the forge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pages_deploy.ci import git
from pages_deploy.ci.build_context import first_commit_hash
from pages_deploy.cli.runtime import Runtime
from pages_deploy.deploy.commit_order import CommitOrder, IfOlder
from pages_deploy.forge.errors import ForgeError
from pages_deploy.reporting.console import Console
from pages_deploy.settings.settings import Settings

if TYPE_CHECKING:
    from pages_deploy.forge.forge import Forge


@dataclass(frozen=True)
class CommitHistory:
    """What a checkout and its forge know of commits, each answer asked for once."""

    directory: Path
    """A directory of the checkout."""
    environ: Mapping[str, str]
    forge: Forge | None
    console: Console
    _told: dict[tuple[str, str], bool | None] = field(default_factory=dict, init=False)

    def is_ancestor(self, commit_hash: str, of: str) -> bool | None:
        """Whether a commit is an ancestor of another one; None where nobody can tell."""
        # The second one is what somebody has told Pages.
        asked = (first_commit_hash(commit_hash), first_commit_hash(of))
        if not all(asked):
            return None
        if asked not in self._told:
            self._told[asked] = self._ask(*asked)
        return self._told[asked]

    def _ask(self, commit_hash: str, of: str) -> bool | None:
        told = git.is_ancestor(self.directory, commit_hash, of, self.environ)
        if told is not None:
            return told
        if self.forge is None:
            self.console.detail(
                f"Git cannot compare {commit_hash} with {of}, and there is no token for the forge."
            )
            return None
        try:
            return self.forge.is_ancestor(commit_hash, of)
        except ForgeError as error:
            self.console.detail(f"{error.message} {error.hint}".rstrip())
            return None


def commit_order_of(
    settings: Settings, runtime: Runtime, forge: Forge | None
) -> CommitOrder | None:
    """Return how production is kept at the newest commit, if the settings want it to be."""
    if settings.if_older == "deploy":
        return None
    history = CommitHistory(settings.working_directory, runtime.environ, forge, runtime.console)
    return CommitOrder(cast("IfOlder", settings.if_older), history.is_ancestor)
