"""Create exactly one deployment, even when the answer to the request is lost.

1. Note which deployments exist.
2. Ask for a new one. A clear answer ends it: created, or refused.
3. When the server may have done it and not said so, look for a deployment that was not there
   before and has this run's branch and commit: that one is ours.
4. Ask again only when no such deployment appears; from then on look also after every other answer,
   since a late one may still come up.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import fitting_message
from pages_deploy.clock import poll
from pages_deploy.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    Interrupted,
)
from pages_deploy.retry import ONCE, RetryPolicy

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import Commit
    from pages_deploy.api.models import Deployment
    from pages_deploy.site.manifest import Manifest

CREATE = RetryPolicy(attempts=4)
# How long a deployment may take to show up in the list after its request: longer where the server
# was slow, since then it may still be at it.
LOOK_SECONDS = 6.0
LOOK_AFTER_SILENCE_SECONDS = 45.0
# What gateways answer when the server behind them takes too long.
SILENT_STATUSES = frozenset({408, 504, 522, 524})
# Sent with a deployment that has no Worker, this one has no effect: only workers are routed.
NOT_SENT = "_routes.json"


def create_deployment(
    client: PagesClient, manifest: Manifest, *, project_name: str, branch: str, commit: Commit
) -> Deployment:
    """Create a deployment of a manifest whose assets Pages holds.

    Raises the ApiError of the last attempt; its hint says so where a deployment may exist.
    """
    known = _existing(client, project_name)
    try:
        return _create(client, manifest, project_name, branch=branch, commit=commit, known=known)
    except Interrupted as interrupt:
        interrupt.notice = (
            f"The deployment was just being created: look at project '{project_name}' to see "
            "whether it exists."
        )
        raise


def _create(
    client: PagesClient,
    manifest: Manifest,
    project_name: str,
    *,
    branch: str,
    commit: Commit,
    known: frozenset[str] | None,
) -> Deployment:
    timer = client.transport.timer
    find = partial(_find, client, project_name, branch=branch, commit=commit, known=known)
    failures = 0
    # The latest error that may hide a deployment, whatever the later attempts were told.
    lost: ApiError | None = None
    while True:
        try:
            return client.deployments.create(
                project_name,
                manifest={asset.path: asset.hash for asset in manifest.assets},
                branch=branch,
                commit=commit,
                special_files={
                    name: content
                    for name, content in manifest.special_files.items()
                    if name != NOT_SENT
                },
            )
        except ApiError as error:
            # After a long silence one more request is enough.
            failures += 2 if _was_slow(error) else 1
            looking = 0.0
            if error.may_have_worked:
                lost, looking = error, _look_seconds(error)
            if lost is not None and (found := find(lost=lost, seconds=looking)) is not None:
                return found
            wait = CREATE.delay_seconds(failures, error, timer)
            if wait is None:
                if lost is not None:
                    nothing = "The project's list shows no deployment of this run."
                    error.hint = f"{nothing} {error.hint}".rstrip()
                raise
            client.transport.on_retry(error, wait)
            timer.sleep(wait)
            # It may have come up during the wait.
            if lost is not None and (found := find(lost=lost, seconds=0)) is not None:
                return found


def _look_seconds(error: ApiError) -> float:
    return LOOK_AFTER_SILENCE_SECONDS if _was_slow(error) else LOOK_SECONDS


def _was_slow(error: ApiError) -> bool:
    if isinstance(error, ApiConnectionError):
        return error.silent
    return isinstance(error, ApiResponseError) and error.status in SILENT_STATUSES


def _existing(client: PagesClient, project_name: str) -> frozenset[str] | None:
    """Return the ids of the newest deployments, or None where the list cannot be read.

    Only needed if the answer to the creation is lost, so a failure here stops nothing.
    """
    try:
        newest = client.deployments.newest(project_name, retry=ONCE)
    except ApiError:
        return None
    return frozenset(deployment.id for deployment in newest)


def _find(
    client: PagesClient,
    project_name: str,
    *,
    branch: str,
    commit: Commit,
    known: frozenset[str] | None,
    lost: ApiError,
    seconds: float,
) -> Deployment | None:
    """Look for the deployment that a request without an answer has made.

    Returns None only where the list could be read and has none. Raises `lost`, with a hint, where
    that cannot be told.
    """
    seen_list = False
    for _ in poll(client.transport.timer.deadline(seconds)):
        try:
            newest = client.deployments.newest(project_name, retry=ONCE)
        except ApiError:
            seen_list = False
            continue
        seen_list = True
        ours = [
            deployment
            for deployment in newest
            if known is not None
            and deployment.id not in known
            and deployment.branch == (branch or deployment.branch)
            and deployment.commit_hash == (commit.hash or deployment.commit_hash)
            and _same_words(deployment.commit_message, commit.message)
            and deployment.trigger in {"ad_hoc", ""}
        ]
        if len(ours) == 1:
            return ours[0]
        if ours:
            break
        if known is None and newest:
            break
    else:
        if seen_list:
            return None
    lost.hint = (
        f"It is not known whether a deployment was created: look at project '{project_name}' "
        "before running again. " + lost.hint
    )
    raise lost


def _same_words(theirs: str, ours: str) -> bool:
    """Whether a message can be ours: the server may have cut it and changed its white space."""
    wanted, found = fitting_message(ours).split(), theirs.split()
    if found == wanted or not found:
        return True
    *whole, cut_word = found
    rest = wanted[len(whole) :]
    return whole == wanted[: len(whole)] and bool(rest) and rest[0].startswith(cut_word)
