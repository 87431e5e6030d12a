"""Two runs that cross at chosen moments, in an emulator where either order of ends may count.

Of the two only one is ever at work: each stands still at a request, before it takes effect, until
the other one stands still or has ended.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.commit_order import CommitOrder
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from tests.patience import PATIENCE_SECONDS
from tests.world import PROJECT, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pages_deploy.api.client import PagesClient
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.emulator.http.request_log import RecordedRequest
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.site.manifest import Manifest


def commit(number: int) -> str:
    """Return the hash of a commit: of two, the one with the lower number is the ancestor."""
    return f"{number:040x}"


def is_ancestor(one: str, other: str) -> bool:
    return int(one, 16) <= int(other, 16)


def number_of(commit_hash: str) -> int:
    return int(commit_hash, 16)


SKIP = CommitOrder("skip", is_ancestor)


def within(most: int) -> CommitOrder:
    """Return the order of commits for one who knows none with a higher number."""

    def look(one: str, other: str) -> bool | None:
        return is_ancestor(one, other) if max(map(number_of, (one, other))) <= most else None

    return CommitOrder("skip", look)


@dataclass
class Run:
    """A run of one commit, and what has come of it."""

    number: int
    pauses_before: int
    """Before which of its requests it lets the other one go on; the first is 1."""
    order: CommitOrder = SKIP
    notes: Notes = field(default_factory=Notes)
    asked: int = 0
    result: Deployed | None = None


# Asked beside the others, and so at no certain moment.
BESIDE = "/upsert-hashes"


class Turns:
    """Who is at work: `before_request` is called by the emulator with each request."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at_work: Run | None = None
        self._alive: list[Run] = []
        # Called before each request, and after each run.
        self.meanwhile: Callable[[], None] = lambda: None

    def before_request(self, request: RecordedRequest) -> None:
        run = self._at_work
        if run is None or request.path.endswith(BESIDE):
            return
        self.meanwhile()
        run.asked += 1
        others = [other for other in self._alive if other is not run]
        if run.asked == run.pauses_before and others:
            self._give(others[0])
            self._wait_for(run)

    def take(self, works: Mapping[int, Callable[[], None]], *runs: Run) -> None:
        """Let the runs take turns, the first one first, until all have ended."""
        self._alive = list(runs)
        threads = [
            threading.Thread(target=self._run, args=(run, works[run.number]), daemon=True)
            for run in runs
        ]
        for thread in threads:
            thread.start()
        self._give(runs[0])
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()

    def _run(self, run: Run, work: Callable[[], None]) -> None:
        self._wait_for(run)
        try:
            work()
        finally:
            self.meanwhile()
            self._alive.remove(run)
            self._give(self._alive[0] if self._alive else None)

    def _give(self, run: Run | None) -> None:
        with self._changed:
            self._at_work = run
            self._changed.notify_all()

    def _wait_for(self, run: Run) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._at_work is run, PATIENCE_SECONDS)


def cross(turns: Turns, client: PagesClient, manifest: Manifest, first: Run, second: Run) -> None:
    """Let two runs deploy a manifest, and cross where they say."""

    def work_of(run: Run) -> Callable[[], None]:
        plan = Plan(PROJECT, "main", Commit(commit(run.number)), commit_order=run.order)

        def work() -> None:
            run.result = deploy(client, manifest, plan, run.notes)

        return work

    turns.take({run.number: work_of(run) for run in (first, second)}, first, second)


class LastEndedWins:
    """Makes each deployment live when it has ended well; the emulator takes the one made last."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._seen: set[str] = set()

    def __call__(self) -> None:
        store = self._emulator.store
        project = store.projects.get(self._emulator.account_id, PROJECT)
        for deployment in store.deployments.all(project)[::-1]:
            is_new = deployment.id not in self._seen
            if is_new and store.deployments.progress(deployment).is_live:
                self._seen.add(deployment.id)
                store.deployments.rollback(project, deployment.id)
