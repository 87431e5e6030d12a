"""Bring production back to what was live before a deployment that came out wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.errors import PagesDeployError
from pages_deploy.manage.following import roll_back
from pages_deploy.proof.proof import have_the_same_root

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.net.sessions import Session


def recover(
    client: PagesClient,
    project: Project,
    *,
    failed_id: str,
    timeout_seconds: float,
    watcher: Watcher,
) -> Deployment | None:
    """Return the deployment that production serves again, or None.

    `project` is as it was before the deployment. Whatever goes wrong is a warning: the failure that
    asked for this is the one to be raised. Where production is at another run's deployment, that
    one stays.
    """
    before = project.canonical_deployment
    if before is None:
        watcher.warn("Production has no earlier deployment to go back to.")
        return None
    try:
        live = client.projects.get(project.name).canonical_deployment
        if live is not None and live.id == before.id:
            watcher.step(f"Production still serves deployment {before.id}")
        elif live is not None and live.id != failed_id:
            watcher.warn(f"Production stays at deployment {live.id}, which another run made.")
            return None
        else:
            roll_back(
                client,
                project.name,
                target=before,
                timeout_seconds=timeout_seconds,
                on_step=watcher.step,
            )
    except PagesDeployError as error:
        watcher.warn(f"Production could not be rolled back to {before.id}: {error.message}")
        return None
    return before


def compare_with_production(
    client: PagesClient,
    project: Project,
    url: str,
    *,
    session: Session,
    watcher: Watcher,
) -> None:
    """Say whether production shows what the earlier deployment shows at its own address."""
    production = project.production_url
    timer = client.transport.timer
    same = have_the_same_root(session, production, url, timer=timer)
    if same:
        watcher.step(f"Verified: {production} serves the same as {url}")
    elif same is None:
        watcher.warn(f"Could not check whether {production} serves the same as {url}.")
    else:
        watcher.warn(f"{production} does not serve the same as {url}; check it in a browser.")
