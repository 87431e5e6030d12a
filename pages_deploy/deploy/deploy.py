"""The story of one deployment, in order.

1. Look the project up: it says which branch is production.
2. Upload what Pages lacks.
3. Create the deployment and wait for its end.
4. Prove that it serves what was sent. Assets that Pages took and does not serve are uploaded once
   more, and deployed anew.
5. Where production came out wrong: if asked, go back to what was live before.
6. Purge the zone's cache, if asked, after a good production deployment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.creation import create_deployment
from pages_deploy.deploy.purge import Purge, explain_failure, purge_cache
from pages_deploy.deploy.recovery import recover
from pages_deploy.deploy.target import describe_target, find_project, refuse_git_project
from pages_deploy.deploy.waiting import DEFAULT_TIMEOUT_SECONDS, wait_for_deployment
from pages_deploy.errors import (
    ApiError,
    DeploymentError,
    DeploymentTimeout,
    Interrupted,
    SettingsError,
    VerificationError,
)
from pages_deploy.proof.proof import NO_PROOF, PATIENCE_SECONDS, Proof, Verification, prove
from pages_deploy.text.amounts import human_bytes
from pages_deploy.upload.upload import DEFAULT_CONCURRENCY, Uploaded, upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.site.manifest import Manifest

NO_COMMIT = Commit()


@dataclass(frozen=True)
class Deployed:
    """A deployment, and what came of it."""

    deployment: Deployment
    project: Project
    # Paths in the manifest.
    files: int
    uploaded: Uploaded
    # Paths of the HTML files whose content was uploaded.
    changed_pages: tuple[str, ...]
    duration_seconds: float
    proof: Proof = NO_PROOF
    # Whether the proof failed, or the deployment itself.
    is_wrong: bool = False
    # The deployment that production went back to.
    rolled_back_to: str = ""

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
    verification: Verification | None = None,
    rolls_back: bool = False,
    on_target: Callable[[Project, str], None] = lambda _project, _environment: None,
    on_created: Callable[[Deployment], None] = lambda _deployment: None,
) -> Deployed:
    """Deploy a manifest to a project and wait until it has ended well.

    `branch` decides between production and preview; without one it is production.
    `production_branch` counts only when the project is created. `on_target` is told the project
    and the environment before anything is uploaded, `on_created` each deployment as soon as it is
    there. Without a `verification` nothing is proved. Raises the PagesDeployError that fits; after
    DirectoryError, UploadError and most ApiErrors no deployment exists, and where one does, the
    error has it as `deployed`.
    """
    timer = client.transport.timer
    started = timer.monotonic()
    project = find_project(
        client, project_name, production_branch if create_project else None, watcher=watcher
    )
    refuse_git_project(project)
    watcher.step(describe_target(project, branch))
    is_production = branch in {"", project.production_branch}
    on_target(project, "production" if is_production else "preview")
    send = partial(
        upload,
        client,
        manifest,
        project_name=project.name,
        concurrency=concurrency,
        on_progress=watcher.uploading,
        on_warning=watcher.warn,
    )
    uploaded = send(skip_caching=skip_caching)
    new = len(uploaded.hashes)
    watcher.step(
        f"Uploaded {new} file{'' if new == 1 else 's'} ({human_bytes(uploaded.bytes)}); "
        f"Pages held {len(manifest.by_hash()) - new} already"
    )
    publishing = _Publishing(
        client,
        manifest,
        project,
        branch,
        commit,
        timeout_seconds,
        watcher,
        verification,
        on_created,
    )

    def deployed(**more: Any) -> Deployed | None:
        if publishing.latest is None:
            return None
        return Deployed(
            deployment=publishing.latest,
            project=project,
            files=len(manifest.assets),
            uploaded=uploaded,
            changed_pages=tuple(
                asset.path
                for asset in manifest.assets
                if asset.hash in uploaded.hashes and asset.content_type == "text/html"
            ),
            duration_seconds=timer.monotonic() - started,
            **more,
        )

    try:
        try:
            proof = publishing.publish(uploaded.hashes)
        except VerificationError as error:
            if not error.broken:
                raise
            watcher.warn(f"{error.message} Those files are uploaded again, for a new deployment.")
            again = send(again=frozenset(error.broken))
            uploaded = Uploaded(uploaded.hashes | again.hashes, uploaded.bytes + again.bytes)
            proof = publishing.publish(uploaded.hashes)
    except (VerificationError, DeploymentError) as error:
        rolled_back_to = ""
        if rolls_back and is_production and not isinstance(error, DeploymentTimeout):
            rolled_back_to = recover(
                client,
                project,
                failed_id=publishing.latest.id if publishing.latest is not None else "",
                session=verification.session if verification is not None else None,
                watcher=watcher,
            )
        if rolled_back_to:
            error.hint = f"Production serves {rolled_back_to}, as before. {error.hint}".rstrip()
        # Of a deployment that ended badly by itself there is nothing to hand on.
        if rolled_back_to or isinstance(error, VerificationError):
            error.deployed = deployed(is_wrong=True, rolled_back_to=rolled_back_to)
        raise
    done = deployed(proof=proof)
    assert done is not None  # noqa: S101 - publishing has ended well, so it has a deployment
    if purge is not None and done.deployment.environment == "production":
        _purge(purge, project, manifest, uploaded, watcher)
    return done


@dataclass
class _Publishing:
    """Creates deployments of one manifest, normally one, and follows each to its proof."""

    client: PagesClient
    manifest: Manifest
    project: Project
    branch: str
    commit: Commit
    timeout_seconds: float
    watcher: Watcher
    verification: Verification | None
    on_created: Callable[[Deployment], None]
    # The newest, as far as it has come.
    latest: Deployment | None = None

    def publish(self, changed: frozenset[str]) -> Proof:
        """Create a deployment, wait for its end, and prove it."""
        project_name = self.project.name
        created = create_deployment(
            self.client,
            self.manifest,
            project_name=project_name,
            branch=self.branch,
            commit=self.commit,
        )
        self.latest = created
        self.on_created(created)
        self.watcher.step(f"Created deployment {created.id}: {created.url}")
        deployment = wait_for_deployment(
            self.client,
            created,
            project_name=project_name,
            timeout_seconds=self.timeout_seconds,
            on_stage=lambda stage: self.watcher.step(f"Stage {stage.name}: {stage.status}"),
        )
        self.latest = deployment
        return self._prove(deployment, changed)

    def _prove(self, deployment: Deployment, changed: frozenset[str]) -> Proof:
        if self.verification is None:
            return NO_PROOF
        try:
            proof = prove(
                self.verification.session,
                deployment.url,
                self.manifest,
                timer=self.client.transport.timer,
                changed=changed,
                everything=self.verification.everything,
                patience_seconds=min(PATIENCE_SECONDS, self.timeout_seconds),
                timeout_seconds=self.verification.timeout_seconds,
            )
        except Interrupted as interrupt:
            interrupt.notice = (
                f"Deployment {deployment.id} exists, at {deployment.url}; whether it serves what "
                "was sent is not known."
            )
            raise
        if proof.is_proved:
            self.watcher.step(f"Verified: {proof.checked} files are served as they were sent")
        else:
            self.watcher.warn(
                f"Whether {deployment.url} serves what was sent could not be seen: {proof.reason}."
            )
        return proof


def _purge(
    purge: Purge, project: Project, manifest: Manifest, uploaded: Uploaded, watcher: Watcher
) -> None:
    changed = [asset for asset in manifest.assets if asset.hash in uploaded.hashes]
    try:
        watcher.step(purge_cache(purge, project=project, changed=changed))
    except (ApiError, SettingsError) as error:
        watcher.warn(explain_failure(error))
