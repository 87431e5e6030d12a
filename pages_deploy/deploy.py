"""The story of one deployment, in order.

1. Look the project up: it says which branch is production.
2. Upload what Pages lacks.
3. Create the deployment and wait for its end.
4. Purge the zone's cache, if asked, after a good production deployment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pages_deploy.api.answers import PROJECT_EXISTS
from pages_deploy.api.deployments import Commit
from pages_deploy.creation import create_deployment
from pages_deploy.errors import (
    ApiError,
    ApiResponseError,
    NotFoundError,
    SettingsError,
)
from pages_deploy.purge import Purge, explain_failure, purge_cache
from pages_deploy.upload import DEFAULT_CONCURRENCY, Progress, Uploaded, human_bytes, upload
from pages_deploy.waiting import DEFAULT_TIMEOUT_SECONDS, wait_for_deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.manifest import Manifest

PROJECT_NOT_FOUND = 8000007
NO_COMMIT = Commit()


class Watcher(Protocol):
    """Whoever is told what happens."""

    def step(self, text: str) -> None:
        """Take a sentence about what happens now."""

    def warn(self, text: str) -> None:
        """Take a sentence about what went wrong without harm to the deployment."""

    def uploading(self, progress: Progress) -> None:
        """Take the state of the upload; called often."""


@dataclass(frozen=True)
class Deployed:
    """A deployment that ended well."""

    deployment: Deployment
    project: Project
    # Paths in the manifest.
    files: int
    uploaded: Uploaded
    # Paths of the HTML files whose content was uploaded.
    changed_pages: tuple[str, ...]
    duration_seconds: float

    @property
    def alias(self) -> str:
        """The address people should be given: a preview's branch alias, else the URL."""
        aliases = self.deployment.aliases
        if self.deployment.environment == "preview" and aliases:
            return aliases[0]
        return self.deployment.url


def deploy(
    client: PagesClient,
    manifest: Manifest,
    *,
    project_name: str,
    watcher: Watcher,
    branch: str = "",
    commit: Commit = NO_COMMIT,
    create_project: bool = False,
    production_branch: str = "main",
    skip_caching: bool = False,
    concurrency: int = DEFAULT_CONCURRENCY,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    purge: Purge | None = None,
    on_target: Callable[[Project, str], None] = lambda _project, _environment: None,
) -> Deployed:
    """Deploy a manifest to a project and wait until it has ended well.

    `branch` decides between production and preview; without one it is production.
    `production_branch` counts only when the project is created. `on_target` is told the project
    and the environment before anything is uploaded. Raises the PagesDeployError that
    fits; after DirectoryError, UploadError and most ApiErrors no deployment exists.
    """
    timer = client.transport.timer
    started = timer.monotonic()
    project = _project(
        client, project_name, production_branch if create_project else None, watcher=watcher
    )
    watcher.step(_target(project, branch))
    is_production = branch in {"", project.production_branch}
    on_target(project, "production" if is_production else "preview")
    uploaded = upload(
        client,
        manifest,
        project_name=project.name,
        concurrency=concurrency,
        skip_caching=skip_caching,
        on_progress=watcher.uploading,
        on_warning=watcher.warn,
    )
    new = len(uploaded.hashes)
    watcher.step(
        f"Uploaded {new} file{'' if new == 1 else 's'} ({human_bytes(uploaded.bytes)}); "
        f"Pages held {len(manifest.by_hash()) - new} already"
    )
    created = create_deployment(
        client, manifest, project_name=project.name, branch=branch, commit=commit
    )
    watcher.step(f"Created deployment {created.id}: {created.url}")
    deployment = wait_for_deployment(
        client,
        created,
        project_name=project.name,
        timeout_seconds=timeout_seconds,
        on_stage=lambda stage: watcher.step(f"Stage {stage.name}: {stage.status}"),
    )
    if purge is not None and deployment.environment == "production":
        _purge(purge, project, manifest, uploaded, watcher)
    return Deployed(
        deployment=deployment,
        project=project,
        files=len(manifest.assets),
        uploaded=uploaded,
        changed_pages=tuple(
            asset.path
            for asset in manifest.assets
            if asset.hash in uploaded.hashes and asset.content_type == "text/html"
        ),
        duration_seconds=timer.monotonic() - started,
    )


def _project(
    client: PagesClient, name: str, production_branch: str | None, *, watcher: Watcher
) -> Project:
    """Look a project up; create it when it is missing and a production branch is given."""
    try:
        return client.projects.get(name)
    except NotFoundError as error:
        if PROJECT_NOT_FOUND not in error.codes:
            raise
        if production_branch is None:
            raise _unknown_project(client, name, error) from error
    watcher.step(f"Creating project '{name}' with production branch '{production_branch}'")
    try:
        return client.projects.create(name, production_branch=production_branch)
    except ApiResponseError as error:
        # Made by a run beside this one, or by an earlier attempt whose answer was lost.
        if PROJECT_EXISTS not in error.codes:
            raise
        return client.projects.get(name)


def _unknown_project(client: PagesClient, name: str, error: NotFoundError) -> NotFoundError:
    return NotFoundError(
        f"There is no project '{name}' in account {client.account_id}.",
        "Check the project's name and the account, or let it be created by --create-project "
        "(input createProject).",
        method=error.method,
        path=error.path,
        status=error.status,
        codes=error.codes,
    )


def _target(project: Project, branch: str) -> str:
    if not branch:
        return f"Deploying to production of '{project.name}': no branch is known"
    if branch == project.production_branch:
        return f"Deploying branch '{branch}' to production of '{project.name}'"
    return (
        f"Deploying branch '{branch}' as a preview of '{project.name}' "
        f"(production is '{project.production_branch}')"
    )


def _purge(
    purge: Purge, project: Project, manifest: Manifest, uploaded: Uploaded, watcher: Watcher
) -> None:
    changed = [asset for asset in manifest.assets if asset.hash in uploaded.hashes]
    try:
        watcher.step(purge_cache(purge, project=project, changed=changed))
    except (ApiError, SettingsError) as error:
        watcher.warn(explain_failure(error))
