"""Wait until a deployment has ended, and know how.

It has ended well when the latest stage is `deploy` and a success, and badly when the latest stage
failed, was canceled or was skipped, or when Pages says that it has skipped the whole: then the
stage may stay `idle` for ever. Anything else, an earlier stage's success included, means that it
still goes on. What `stages` says of the others may be out of date and does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.deploy.watcher import UNWATCHED, Watcher
from pages_deploy.errors import (
    ApiError,
    DeploymentError,
    DeploymentTimeout,
    Interrupted,
    NotFoundError,
)
from pages_deploy.retry import Polling

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, Stage

DEFAULT_TIMEOUT_SECONDS = 300.0
LOG_LINES = 20
# The server's words in ours; https://developers.cloudflare.com/api/resources/pages/ names them.
SKIP_REASONS = {
    "superseded_queued_build": "a newer deployment took its place while it waited",
    "pages_to_workers_conversion": "the project is being made a Worker",
}


def wait_for_deployment(
    client: PagesClient,
    deployment: Deployment,
    *,
    project_name: str,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    watcher: Watcher = UNWATCHED,
) -> Deployment:
    """Return the deployment as it is after its final stage.

    Server errors on the way are waited out. Raises DeploymentError (with the last log lines) when
    it failed, was canceled or was skipped, DeploymentTimeout when time runs out, ApiError when
    asking is refused.
    """
    polling = Polling(
        lambda asking: client.deployments.get(project_name, deployment.id, **asking),
        client.transport.timer.deadline(timeout_seconds),
        # A new deployment may not be known everywhere at once.
        tolerated=(NotFoundError,),
    )
    # The creation's own answer is not asked: what it says was true before the first poll.
    reported: Stage | None = None
    try:
        for latest in polling:
            if latest.latest_stage != reported:
                reported = latest.latest_stage
                watcher.stage_reached(reported)
                watcher.step(f"Stage {reported.name}: {reported.status}")
            if latest.succeeded:
                return latest
            if latest.failed_stage is not None:
                raise _failure(client, latest, latest.failed_stage, project_name)
    except ApiError as error:
        raise error.with_hint(f"Deployment {deployment.id} exists. {error.hint}") from error
    except Interrupted as interrupt:
        interrupt.notice = (
            f"Deployment {deployment.id} exists and continues without this run: {deployment.url}"
        )
        raise
    # Before the first poll that works, nothing is known of its stages.
    stage = reported or deployment.latest_stage
    state = (
        f"; its stage '{stage.name}' is '{stage.status}'" if reported else ", as far as is known"
    )
    raise DeploymentTimeout(
        f"Deployment {deployment.id} of project '{project_name}' did not finish within "
        f"{timeout_seconds:g} seconds{state}.{polling.trouble_sentence}",
        f"It may still succeed: look at {deployment.url} and at the project's page in the "
        "dashboard, or allow more time with --timeout.",
        deployment_id=deployment.id,
        url=deployment.url,
        stage=stage.name,
    )


def _failure(
    client: PagesClient, deployment: Deployment, stage: Stage, project_name: str
) -> DeploymentError:
    """Build the error of a deployment that ended badly, with its last log lines."""
    if deployment.was_skipped:
        return _skipped(deployment, project_name)
    try:
        lines = [line.text for line in client.deployments.logs(project_name, deployment.id)]
    except ApiError as error:
        lines = [f"(The log cannot be read: {error.message})"]
    outcome = "was canceled" if stage.status == "canceled" else "failed"
    return DeploymentError(
        f"Deployment {deployment.id} of project '{project_name}' {outcome} in stage "
        f"'{stage.name}'.",
        "The log of this run has its last lines; what was live before stays live.",
        deployment_id=deployment.id,
        url=deployment.url,
        stage=stage.name,
        log_lines=lines[-LOG_LINES:],
    )


def _skipped(deployment: Deployment, project_name: str) -> DeploymentError:
    """Build the error of a deployment that Pages has passed over."""
    reason = deployment.skip_reason
    words = SKIP_REASONS.get(reason)
    told = f"{words} ({reason})" if words else reason or "no reason was given"
    stage = deployment.latest_stage
    return DeploymentError(
        f"Deployment {deployment.id} of project '{project_name}' was skipped by Pages: {told}; its "
        f"stage '{stage.name}' is '{stage.status}'.",
        "It will not continue; what was live before stays live. Deploy again, unless the newer one "
        "is what you want.",
        deployment_id=deployment.id,
        url=deployment.url,
        stage=stage.name,
    )
