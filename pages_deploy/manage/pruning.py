"""Which deployments may go. Pure.

1. The live production deployment never goes.
2. Of each branch that still exists the newest good `keep` stay; of a closed one none has to.
3. Of the rest, those go that are old enough and whose branch matches.
"""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pages_deploy.api.models import Deployment


@dataclass(frozen=True)
class PruneRule:
    """What to keep; the defaults would let everything go but the newest of each branch."""

    keep: int = 1
    """How many good deployments of each branch stay, the newest."""
    older_than: timedelta = timedelta(0)
    """Younger ones stay."""
    branch: str = ""
    """A glob on branch names; empty matches all."""
    closed_branches: frozenset[str] | None = None
    """Where given, branches that are gone; only their deployments go, all of them."""


def select_prunable(
    deployments: Iterable[Deployment], rule: PruneRule, *, live_id: str, now: datetime
) -> list[Deployment]:
    """Return the deployments that a rule lets go, the oldest first.

    `deployments` comes with the newest first, as the API lists it. One whose age is not known
    stays.
    """
    kept: defaultdict[tuple[str, str], int] = defaultdict(int)
    prunable = []
    for deployment in deployments:
        line = (deployment.environment, deployment.branch)
        closed = rule.closed_branches is not None and deployment.branch in rule.closed_branches
        # A failed one is not what a branch serves, so it keeps no good one's place.
        if deployment.failed_stage is None:
            kept[line] += 1
        if deployment.id == live_id or (not closed and kept[line] <= rule.keep):
            continue
        if rule.closed_branches is not None and not closed:
            continue
        if rule.branch and not fnmatch.fnmatchcase(deployment.branch, rule.branch):
            continue
        age = age_of(deployment, now)
        if age is not None and age >= rule.older_than:
            prunable.append(deployment)
    return prunable[::-1]


def age_of(deployment: Deployment, now: datetime) -> timedelta | None:
    """Return how old a deployment is, or None where the server does not say."""
    return now - deployment.created_on if deployment.created_on is not None else None
