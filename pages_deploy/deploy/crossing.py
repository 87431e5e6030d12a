"""The newest commit wins: of runs whose ends cross, none leaves production at an older commit.

1. Before anything is uploaded, and again right before the creation, production's commit is compared
   with ours. Where ours is its ancestor, nothing is created.
2. Once our deployment has succeeded, look at what other runs have brought to an end since then, and
   at what production serves, whichever of them the server takes for the latest. The newest commit
   is to be live: where it is not, production is moved to it.
3. After each move look again, for another run may have moved it at the same time. After MOST_MOVES
   it is only told.

What had ended before our creation and was not live then has been left by somebody, and stays so.
What cannot be told changes nothing: before the creation it is a detail, and where two runs have
crossed, a warning.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import DEPLOYMENTS_PER_PAGE
from pages_deploy.deploy.commit_order import described, is_same_commit
from pages_deploy.errors import ApiError, PagesDeployError
from pages_deploy.manage.following import roll_back
from pages_deploy.retry import Polling

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.deploy.commit_order import CommitOrder
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.watcher import Watcher

MOST_MOVES = 3
# How long the project may take to say that it serves what has just succeeded.
LAG_SECONDS = 10.0
# How long it may take to follow a move.
MOVE_SECONDS = 30.0
# So many production deployments do not begin while one run waits for its own.
MOST_LISTED = 4 * DEPLOYMENTS_PER_PAGE


@dataclass
class Crossing:
    """One run among others that deploy to the same production."""

    client: PagesClient
    project_name: str
    commit_hash: str
    """That of this run."""
    order: CommitOrder
    watcher: Watcher
    _judged: str = field(default="", init=False)
    """The deployment, by id, that was found not to be newer, or could not be compared."""
    _known: frozenset[str] = field(default=frozenset(), init=False)
    """The newest production deployments, by id, when ours was about to be created."""
    _under_way: frozenset[str] = field(default=frozenset(), init=False)
    """Those of them that had not ended."""
    _sees_others: bool = field(default=False, init=False)
    """Whether these are known."""

    def overtaken_by(self, project: Project) -> Deployment | None:
        """Return what production serves, if that is of a newer commit."""
        live = project.canonical_deployment
        if live is None or live.id == self._judged:
            return None
        is_newer = self.order.is_newer(live, self.commit_hash)
        if is_newer:
            return live
        self._judged = live.id
        if is_newer is None:
            self.watcher.detail(
                f"Cannot tell whether production's deployment {described(live)} is newer than this "
                f"run's {self.commit_hash}, so this one is deployed."
            )
        return None

    def look_before_creation(self) -> Project | None:
        """Note which deployments there are; return the project, or None where it cannot be asked.

        The project comes last: so what ends between the two questions counts as a later end.
        """
        listing = self.client.deployments.list(self.project_name, environment="production")
        try:
            listed = tuple(itertools.islice(listing, DEPLOYMENTS_PER_PAGE))
            project = self.client.projects.get(self.project_name)
        except ApiError as error:
            self._warn_unseen(error)
            return None
        under_way = (one.id for one in listed if not one.succeeded and one.failed_stage is None)
        self._known = frozenset(one.id for one in listed)
        self._under_way = frozenset(under_way)
        self._sees_others = True
        return project

    def keep_newest(self, ours: Deployment, *, without: frozenset[str] = frozenset()) -> Deployment:
        """Let production serve the newest commit: that of `ours` or of what has ended meanwhile.

        `ours` has succeeded; `without` has deployments of this run, by id, that are not to be live.
        Returns the one that is live where it is newer, else `ours`. What stands in the way is a
        warning.
        """
        own = {ours.id, *without}
        trouble, moves, left = "", 0, ""
        while True:
            try:
                live, others = self._look(ours.id, own)
            except ApiError as error:
                self._warn_unseen(error)
                return ours
            newest = self._newest_of(ours, others)
            if live is not None and _are_equal(live, newest):
                self._warn_of_untold(newest, others)
                return ours if newest is ours else live
            serves = f"deployment {described(live)}" if live is not None else "nothing"
            both = f"Production serves {serves}, and not {described(newest)}"
            if live is None or not (
                live.id in own or self.order.is_newer(newest, live.commit_hash)
            ):
                self.watcher.warn(f"{both}: which of the two commits is newer cannot be told.")
                return ours
            # Where a third run has come between, the next move may succeed.
            if (trouble and live.id == left) or moves == MOST_MOVES:
                why = "that commit is newer, but production could not be moved to it"
                self.watcher.warn(f"{both}: {why}. {trouble}".rstrip())
                return ours
            trouble, left = self._move(newest), live.id
            moves += 1

    def _look(
        self, expected: str, own: Collection[str]
    ) -> tuple[Deployment | None, list[Deployment]]:
        """Return what is live, and what has ended well since the creation, without our own.

        What is live is among them, too. Raises ApiError.
        """
        others = {one.id: one for one in self._ended_since() if one.id not in own}
        live = self._live(expected)
        if live is not None and live.id not in own:
            others[live.id] = live
        return live, list(others.values())

    def _ended_since(self) -> list[Deployment]:
        """Return the production deployments that have ended well since the creation."""
        if not self._sees_others:
            return []
        found, awaited = [], set(self._under_way)
        listing = self.client.deployments.list(self.project_name, environment="production")
        for one in itertools.islice(listing, MOST_LISTED):
            is_known = one.id in self._known
            if is_known and not awaited:
                # All that follow are older.
                break
            awaited.discard(one.id)
            if one.succeeded and (not is_known or one.id in self._under_way):
                found.append(one)
        return found

    def _live(self, expected: str) -> Deployment | None:
        """Return what production serves; what was there before gets some time to give way."""
        polling = Polling(
            lambda asking: self.client.projects.get(self.project_name, **asking),
            self.client.transport.timer.deadline(LAG_SECONDS),
        )
        live: Deployment | None
        for project in polling:
            live = project.canonical_deployment
            is_old = live is None or live.id in self._known - self._under_way
            if not is_old or (live is not None and live.id == expected):
                return live
        if polling.trouble is not None:
            raise polling.trouble
        return live

    def _newest_of(self, ours: Deployment, others: Collection[Deployment]) -> Deployment:
        newest = ours
        for other in others:
            if self.order.is_newer(other, newest.commit_hash):
                newest = other
        return newest

    def _move(self, target: Deployment) -> str:
        """Let production serve a deployment; returns what went wrong, or nothing."""
        try:
            roll_back(
                self.client,
                self.project_name,
                target=target,
                timeout_seconds=MOVE_SECONDS,
                on_step=self.watcher.step,
            )
        except PagesDeployError as error:
            return error.message
        return ""

    def _warn_unseen(self, error: ApiError) -> None:
        self.watcher.warn(
            "Could not check whether another run deploys a newer commit at the same time. "
            f"{error.message}"
        )

    def _warn_of_untold(self, newest: Deployment, others: Collection[Deployment]) -> None:
        """Tell of those that may be newer than the one that is live."""
        for other in others:
            if self.order.is_newer(other, newest.commit_hash) is None:
                self.watcher.warn(
                    f"Production serves deployment {described(newest)}. Another run's, "
                    f"{described(other)}, has ended at the same time, and which of the two commits "
                    "is newer cannot be told."
                )


def watch_others(
    client: PagesClient, plan: Plan, project: Project, *, watcher: Watcher
) -> Crossing | None:
    """Return what keeps the newest commit live; None where this run has nothing to compare."""
    order = plan.commit_order
    if order is None or plan.environment_in(project) != "production":
        return None
    if not plan.commit.hash or plan.commit.dirty:
        reason = "its files differ from their commit" if plan.commit.hash else "it has no commit"
        watcher.detail(f"This run is not compared with production: {reason}.")
        return None
    return Crossing(client, project.name, plan.commit.hash, order, watcher)


def _are_equal(live: Deployment, newest: Deployment) -> bool:
    return live.id == newest.id or is_same_commit(live.commit_hash, newest.commit_hash)
