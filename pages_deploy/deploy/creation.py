"""Create exactly one deployment, even when the answer to the request is lost.

1. Note which deployments exist, and when that was by the server's clock.
2. Ask for a new one. A clear answer ends it: created, or refused.
3. When the server may have done it and not said so, search for a deployment that was not there
   before and has this run's branch and commit: that one is ours. The list, with the newest first,
   is read on until it is older than the request: others deploy meanwhile.
4. Ask again only when no such deployment appears; from then on search also after every other
   answer, since a late one may still come up.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import fitting_message
from pages_deploy.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    Interrupted,
)
from pages_deploy.retry import ONCE, Polling, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import WorkerParts
    from pages_deploy.api.models import Deployment
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.site.manifest import Manifest

CREATE = RetryPolicy(attempts=4)
# Only needed where the answer to the creation is lost, but then there is no other way.
LOOK_BEFORE = RetryPolicy(attempts=3)
# By so much the clocks of Cloudflare's servers may differ, rounding included.
CLOCK_TOLERANCE = timedelta(seconds=60)
# How long a deployment may take to show up in the list after its request: longer where the server
# was slow, since then it may still be at it.
SEARCH_SECONDS = 6.0
SEARCH_AFTER_SILENCE_SECONDS = 45.0
# A project has rarely so many new ones within a request; where neither clock nor list tells which
# are old, nobody reads through thousands.
MOST_SEARCHED = 500
# What gateways answer when the server behind them takes too long.
SILENT_STATUSES = frozenset({408, 504, 522, 524})
# Only Workers are routed: it goes along with their parts.
NOT_SENT = "_routes.json"


def create_deployment(
    client: PagesClient, manifest: Manifest, plan: Plan, *, worker: WorkerParts | None = None
) -> Deployment:
    """Create the deployment of a plan; Pages has to hold the manifest's assets.

    `worker` has what is sent of its Worker code. Raises the ApiError of the last attempt; its hint
    says so where a deployment may exist.
    """
    before = _look_before(client, plan.project_name)
    creation = _Creation(client, manifest, plan, before, worker)
    try:
        return creation.create()
    except Interrupted as interrupt:
        interrupt.notice = (
            "The deployment was being created just then: check project "
            f"'{plan.project_name}' to see whether it exists."
        )
        raise


@dataclass(frozen=True)
class _Before:
    """What there was before the first request."""

    known: frozenset[str] | None
    """The ids of the newest deployments; None where the list could not be read."""
    moment: datetime | None
    """When that was by the server's clock; None where the server tells no time."""

    def is_older(self, deployment: Deployment) -> bool:
        """Whether a deployment, and with it all that follow in the list, was there before."""
        if self.known is not None and deployment.id in self.known:
            return True
        made = deployment.created_on
        if self.moment is None or made is None:
            return False
        return made < self.moment - CLOCK_TOLERANCE


@dataclass(frozen=True)
class _Creation:
    """The requests for one deployment, and the search for what they have made."""

    client: PagesClient
    manifest: Manifest
    plan: Plan
    before: _Before
    worker: WorkerParts | None

    def create(self) -> Deployment:
        """Ask until there is one deployment of this run."""
        timer = self.client.transport.timer
        failures = 0
        # The latest error that may hide a deployment, whatever the later attempts were told.
        lost: ApiError | None = None
        while True:
            try:
                return self._request()
            except ApiError as error:
                # After a long silence one more request is enough.
                failures += 2 if _was_slow(error) else 1
                search_seconds = 0.0
                if error.may_have_worked:
                    lost, search_seconds = error, _search_seconds(error)
                found = None if lost is None else self._search(lost, seconds=search_seconds)
                if found is not None:
                    return found
                wait = CREATE.delay_seconds(failures, error, timer)
                if wait is None and lost is None:
                    raise
                if wait is None:
                    nothing = "The project's list shows no deployment of this run."
                    raise error.with_hint(f"{nothing} {error.hint}".rstrip()) from error
                self.client.transport.on_retry(error, wait)
                timer.sleep(wait)
                # It may have come up during the wait.
                found = None if lost is None else self._search(lost, seconds=0)
                if found is not None:
                    return found

    def _request(self) -> Deployment:
        files = {
            name: content
            for name, content in self.manifest.special_files.items()
            if name != NOT_SENT
        }
        if self.worker is not None:
            files |= self.worker.files
        return self.client.deployments.create(
            self.plan.project_name,
            manifest={asset.path: asset.hash for asset in self.manifest.assets},
            branch=self.plan.branch,
            commit=self.plan.commit,
            special_files=files,
        )

    def _search(self, lost: ApiError, *, seconds: float) -> Deployment | None:
        """Search for the deployment that a request without an answer has made.

        Returns None only where the list could be read and has none. Raises `lost`, with a hint,
        where that cannot be told.
        """
        project_name = self.plan.project_name
        polling = Polling(
            # In its own time: a list that is cut short by the deadline would prove nothing.
            lambda _asking: self._made_since(),
            self.client.transport.timer.deadline(seconds),
            tolerated=(ApiError,),
        )
        for since in polling:
            ours = [deployment for deployment in since if self._is_ours(deployment)]
            if len(ours) == 1:
                return ours[0]
            if ours or (since and self.before.known is None):
                break
        else:
            if polling.trouble is None:
                return None
        raise lost.with_hint(
            f"It is not known whether a deployment was created: look at project '{project_name}' "
            f"before running again. {lost.hint}"
        ) from lost

    def _made_since(self) -> Collection[Deployment]:
        """Return the deployments that were not there before, each once; raises ApiError."""
        since: dict[str, Deployment] = {}
        listed = self.client.deployments.list(self.plan.project_name, retry=ONCE)
        for deployment in itertools.islice(listed, MOST_SEARCHED):
            if self.before.is_older(deployment):
                break
            # One more that comes up meanwhile moves the others on, to be listed again.
            since[deployment.id] = deployment
        return since.values()

    def _is_ours(self, deployment: Deployment) -> bool:
        plan = self.plan
        return (
            self.before.known is not None
            and deployment.branch == (plan.branch or deployment.branch)
            and deployment.commit_hash == (plan.commit.hash or deployment.commit_hash)
            and _same_words(deployment.commit_message, plan.commit.message)
            and deployment.trigger in {"ad_hoc", ""}
        )


def _search_seconds(error: ApiError) -> float:
    return SEARCH_AFTER_SILENCE_SECONDS if _was_slow(error) else SEARCH_SECONDS


def _was_slow(error: ApiError) -> bool:
    if isinstance(error, ApiConnectionError):
        return error.silent
    return isinstance(error, ApiResponseError) and error.status in SILENT_STATUSES


def _look_before(client: PagesClient, project_name: str) -> _Before:
    """Return what there is now; a failure stops nothing."""
    known = None
    with contextlib.suppress(ApiError):
        newest = client.deployments.newest(project_name, retry=LOOK_BEFORE)
        known = frozenset(deployment.id for deployment in newest)
    skew = client.transport.clock_skew_seconds
    if skew is None:
        return _Before(known, None)
    return _Before(known, datetime.fromtimestamp(client.transport.timer.wall() + skew, UTC))


def _same_words(theirs: str, ours: str) -> bool:
    """Whether a message can be ours: the server may have cut it and changed its white space."""
    wanted, found = fitting_message(ours).split(), theirs.split()
    if found == wanted or not found:
        return True
    *whole, cut_word = found
    rest = wanted[len(whole) :]
    return whole == wanted[: len(whole)] and bool(rest) and rest[0].startswith(cut_word)
