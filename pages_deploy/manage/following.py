"""Find a deployment, follow its log, move production to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages_deploy.errors import (
    DeploymentTimeout,
    NotFoundError,
    PagesDeployError,
    SettingsError,
)
from pages_deploy.retry import Polling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, LogLine
    from pages_deploy.retry import Asking

# The short id, by which the deployment's own address is known.
SHORTEST_ID = 8
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_START_OF_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")


def deployment_of(
    client: PagesClient,
    project_name: str,
    deployment_id: str | None = None,
    *,
    environment: str = "",
) -> Deployment:
    """Return a deployment by its id or the start of it; without one, the newest.

    Raises NotFoundError for an id that does not exist, PagesDeployError when there is no
    deployment at all or a short id fits none or several.
    """
    if deployment_id is not None and not deployment_id.strip():
        # An unset variable in a script must not come to mean the newest one.
        raise SettingsError("The id of the deployment is empty.", "Give an id, or leave it out.")
    if deployment_id is not None and _UUID.fullmatch(deployment_id):
        return client.deployments.get(project_name, deployment_id)
    if deployment_id is not None and len(deployment_id) < SHORTEST_ID:
        raise SettingsError(
            f"'{deployment_id}' is too short for the id of a deployment.",
            f"Give at least {SHORTEST_ID} characters, as they stand in the deployment's address.",
        )
    listed = client.deployments.list(project_name, environment=environment)
    if deployment_id is None:
        newest = next(listed, None)
        if newest is None:
            kind = f"{environment} " if environment else ""
            raise PagesDeployError(f"Project '{project_name}' has no {kind}deployment.")
        return newest
    found = [deployment for deployment in listed if deployment.id.startswith(deployment_id)]
    if len(found) != 1:
        number = "no deployment" if not found else f"{len(found)} deployments"
        raise PagesDeployError(
            f"Project '{project_name}' has {number} whose id starts with '{deployment_id}'.",
            "See them with: pages-deploy deployments list",
        )
    return found[0]


def deployment_at(client: PagesClient, project_name: str, place: str) -> tuple[Deployment, str]:
    """Return the deployment that an id, the start of one or a branch names, and its address.

    Of a branch that is the newest that has ended well, at the branch's own address. Raises
    SettingsError where there is none, or several.
    """
    if _UUID.fullmatch(place):
        try:
            found = client.deployments.get(project_name, place)
        except NotFoundError as error:
            raise _unknown_place(project_name, place) from error
        return found, found.url
    may_be_id = _START_OF_ID.fullmatch(place) is not None
    by_id: list[Deployment] = []
    newest: Deployment | None = None
    for deployment in client.deployments.list(project_name):
        if may_be_id and deployment.id.startswith(place):
            by_id.append(deployment)
        if newest is None and deployment.branch == place and deployment.succeeded:
            newest = deployment
            if not may_be_id:
                break
    if len(by_id) > 1:
        raise SettingsError(
            f"Project '{project_name}' has {len(by_id)} deployments whose id starts with "
            f"'{place}'.",
            "Give more of the id.",
        )
    if by_id:
        return by_id[0], by_id[0].url
    if newest is None:
        raise _unknown_place(project_name, place)
    return newest, next(iter(newest.aliases), newest.url)


def _unknown_place(project_name: str, place: str) -> SettingsError:
    return SettingsError(
        f"Project '{project_name}' has no deployment with the id '{place}', and no successful "
        "one of a branch of that name.",
        "See them with: pages-deploy deployments list. An address begins with https://",
    )


def follow_log(
    client: PagesClient,
    deployment: Deployment,
    *,
    project_name: str,
    timeout_seconds: float | None,
    on_line: Callable[[LogLine], None],
) -> None:
    """Hand out the log lines of a deployment, each once.

    With a timeout, until the deployment has ended, however it ends; DeploymentTimeout is raised
    when it does not. Without one, those that there are now.
    """
    if timeout_seconds is None:
        for line in client.deployments.logs(project_name, deployment.id):
            on_line(line)
        return
    printed = 0

    def ask(asking: Asking) -> tuple[Deployment, Sequence[LogLine]]:
        # Asked before the log, so that the last lines are there once it has ended.
        latest = client.deployments.get(project_name, deployment.id, **asking)
        return latest, client.deployments.logs(project_name, deployment.id, **asking)

    for latest, lines in Polling(ask, client.transport.timer.deadline(timeout_seconds)):
        for line in lines[printed:]:
            on_line(line)
        printed = len(lines)
        if latest.succeeded or latest.failed_stage is not None:
            return
    raise DeploymentTimeout(
        f"Deployment {deployment.id} did not finish within {timeout_seconds:g} seconds.",
        "Its log may go on: run again, or allow more time with --timeout.",
        deployment_id=deployment.id,
        url=deployment.url,
    )


def roll_back(
    client: PagesClient,
    project_name: str,
    *,
    target: Deployment | None,
    timeout_seconds: float,
    on_step: Callable[[str], None],
) -> Deployment:
    """Let production serve `target`, or else the successful deployment before the live one.

    A yes is not enough: the project has to say that it does. Raises PagesDeployError when there is
    nothing to go back to, DeploymentTimeout when the project does not follow in time.
    """
    live = client.projects.get(project_name).canonical_deployment
    if target is None:
        target = _before(client, project_name, live)
    if target.environment != "production" or not target.succeeded:
        raise PagesDeployError(
            f"Deployment {target.id} is not a successful production deployment, so production "
            "cannot go back to it.",
            "See the ones that are with: pages-deploy deployments list --environment production",
        )
    before = _named(live) if live is not None else "nothing"
    on_step(f"Moving production of '{project_name}' from {before} to {_named(target)}")
    client.deployments.rollback(project_name, target.id)
    polling = Polling(
        lambda asking: client.projects.get(project_name, **asking),
        client.transport.timer.deadline(timeout_seconds),
    )
    for project in polling:
        live = project.canonical_deployment
        if live is not None and live.id == target.id:
            return live
    raise DeploymentTimeout(
        f"Production of '{project_name}' did not move to {target.id} within "
        f"{timeout_seconds:g} seconds, although the server said yes.{polling.trouble_sentence}",
        "Look at the project's page in the dashboard.",
        deployment_id=target.id,
        url=target.url,
    )


def _named(deployment: Deployment) -> str:
    """Return an id with the commit, or else the moment, by which people know a deployment."""
    known = deployment.commit_hash[:8] or deployment.created_on
    return f"{deployment.id} ({known})" if known else deployment.id


def _before(client: PagesClient, project_name: str, live: Deployment | None) -> Deployment:
    """Return the newest successful production deployment that is older than the live one."""
    passed_live = live is None
    for deployment in client.deployments.list(project_name, environment="production"):
        if live is not None and deployment.id == live.id:
            passed_live = True
        elif passed_live and deployment.succeeded:
            return deployment
    raise PagesDeployError(
        f"Project '{project_name}' has no successful production deployment before the live one.",
        "Name the deployment to go to: pages-deploy deployments rollback ID",
    )
