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

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages_deploy.deploy.creation import create_deployment
from pages_deploy.deploy.deployed import (
    Deployed,
    FailedDeploymentError,
    UnaddressedDeploymentError,
    UnservedDeploymentError,
)
from pages_deploy.deploy.purge import explain_failure, purge_cache
from pages_deploy.deploy.recovery import compare_with_production, recover
from pages_deploy.deploy.target import describe_target, find_target, remove_new_project
from pages_deploy.deploy.waiting import wait_for_deployment
from pages_deploy.deploy.watcher import UNWATCHED, Watcher
from pages_deploy.errors import (
    ApiError,
    DeploymentError,
    DeploymentTimeout,
    DirectoryError,
    Interrupted,
    SettingsError,
    VerificationError,
)
from pages_deploy.net.sessions import Session, new_session
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import NO_PROOF, PATIENCE_SECONDS, Proof, prove
from pages_deploy.proof.worker_route import prove_worker, with_worker
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.upload.upload import (
    NOTHING_UPLOADED,
    Uploaded,
    UploadPlan,
    upload,
)

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import WorkerParts
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.api.zones import Zones
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.site.manifest import Manifest


def deploy(
    client: PagesClient,
    manifest: Manifest,
    plan: Plan,
    watcher: Watcher = UNWATCHED,
    *,
    zones: Zones | None = None,
) -> Deployed:
    """Deploy a manifest as a plan says, and wait until the deployment has ended well.

    `zones` is for a purge with credentials other than the client's. Raises the PagesDeployError
    that fits: FailedDeploymentError, UnservedDeploymentError and UnaddressedDeploymentError say by
    `deployed` what was reached; after DirectoryError, UploadError and most ApiErrors no deployment
    exists.
    """
    started = client.transport.timer.monotonic()
    project, is_new = find_target(client, plan, watcher=watcher)
    environment = plan.environment_in(project)
    watcher.step(describe_target(project, plan.branch))
    watcher.target_found(project, environment)
    with contextlib.ExitStack() as stack:
        session = None
        if plan.proof != "off":
            # Without any credentials: the site is anybody's to look at.
            session = stack.enter_context(new_session(ca_bundle=client.ca_bundle))
        run = _Run(client, manifest, plan, watcher, project, session, started)
        try:
            run.pack_worker()
            run.upload()
        except DirectoryError:
            # Among them are more files than the account may deploy, which only a project tells.
            if is_new:
                remove_new_project(client, project, watcher=watcher)
            raise
        try:
            deployed = run.publish_until_served()
        except (FailedDeploymentError, UnservedDeploymentError) as error:
            if not plan.rolls_back or environment != "production":
                raise
            failed_id = error.deployed.deployment.id
            before = recover(
                client,
                project,
                failed_id=failed_id,
                timeout_seconds=plan.timeout_seconds,
                watcher=watcher,
            )
            if before is None:
                raise
            if session is not None:
                compare_with_production(
                    client, project, before.url, session=session, watcher=watcher
                )
            raise error.rolled_back(before.id) from error
    if deployed.deployment.environment == "production":
        run.purge(client.zones if zones is None else zones)
    return deployed


@dataclass
class _Run:
    """One run of a plan: normally one deployment, two where files have to be uploaded again."""

    client: PagesClient
    manifest: Manifest
    plan: Plan
    watcher: Watcher
    project: Project
    session: Session | None
    """Asks the site; None where nothing is to be proved."""
    started: float
    """On the timer's monotonic clock."""
    uploaded: Uploaded = NOTHING_UPLOADED
    worker: WorkerParts | None = None
    """What is sent of the Worker code."""

    def pack_worker(self) -> None:
        """Put the Worker into its form; raises WorkerError, before anything is uploaded."""
        if self.plan.worker is not None:
            environment = self.plan.environment_in(self.project)
            self.worker = self.plan.worker.parts(environment, self.project)

    def upload(self) -> None:
        """Upload what Pages lacks."""
        self._send(skips_caching=self.plan.skips_caching)
        new = len(self.uploaded.hashes)
        self.watcher.step(
            f"Uploaded {counted(new, 'file')} ({human_bytes(self.uploaded.bytes)}); "
            f"Pages held {len(self.manifest.by_hash()) - new} already"
        )

    def _send(self, *, skips_caching: bool = False, resent: frozenset[str] = frozenset()) -> None:
        plan = UploadPlan(
            self.project.name, self.plan.concurrency, skips_caching=skips_caching, resent=resent
        )
        sent = upload(self.client, self.manifest, plan, self.watcher)
        self.uploaded = Uploaded(
            self.uploaded.hashes | sent.hashes, self.uploaded.bytes + sent.bytes
        )

    def publish_until_served(self) -> Deployed:
        """Publish; once more where Pages does not serve what it took."""
        try:
            return self._publish()
        except UnservedDeploymentError as error:
            if not error.broken:
                raise
            self.watcher.warn(
                f"{error.message} Those files are uploaded again, for a new deployment."
            )
            resent = frozenset(error.broken)
        self._send(resent=resent)
        return self._publish()

    def _publish(self) -> Deployed:
        """Create a deployment, wait for its end, and prove it."""
        created = create_deployment(self.client, self.manifest, self.plan, worker=self.worker)
        self.watcher.deployment_created(created)
        self.watcher.step(f"Created deployment {created.id}: {created.url}")
        try:
            deployment = wait_for_deployment(
                self.client,
                created,
                project_name=self.project.name,
                timeout_seconds=self.plan.timeout_seconds,
                watcher=self.watcher,
            )
        except DeploymentTimeout:
            # It may still end well.
            raise
        except DeploymentError as error:
            planned = self.plan.worker
            told = error if planned is None else planned.explained(error)
            raise FailedDeploymentError(told, self._deployed(created, is_wrong=True)) from error
        if not deployment.url:
            named = replace(deployment, url=created.url)
            raise UnaddressedDeploymentError(self._deployed(named))
        try:
            return self._deployed(deployment, self._prove(deployment))
        except VerificationError as error:
            wrong = self._deployed(deployment, is_wrong=True)
            raise UnservedDeploymentError(error, wrong) from error

    def _prove(self, deployment: Deployment) -> Proof:
        if self.session is None:
            return NO_PROOF
        timeout_seconds = self.plan.proof_request_timeout_seconds
        planned, timer = self.plan.worker, self.client.transport.timer
        patience_seconds = min(PATIENCE_SECONDS, self.plan.timeout_seconds)
        probe = Probe(
            self.session,
            deployment.url,
            self.manifest,
            timeout_seconds=timeout_seconds,
            worker_rules=None if planned is None else planned.worker.rules,
        )
        try:
            proof = prove(
                probe,
                timer=timer,
                changed=self.uploaded.hashes,
                everything=self.plan.proof == "all",
                patience_seconds=patience_seconds,
            )
            if planned is not None and planned.routes:
                answered = prove_worker(
                    probe, planned.routes, timer=timer, patience_seconds=patience_seconds
                )
                proof = with_worker(proof, answered)
        except Interrupted as interrupt:
            interrupt.notice = (
                f"Deployment {deployment.id} exists, at {deployment.url}; whether it serves what "
                "was sent is not known."
            )
            raise
        if proof.is_proved:
            self.watcher.step(f"Verified: {proof.words}")
        else:
            self.watcher.warn(
                f"Whether {deployment.url} serves what was sent could not be seen: {proof.reason}."
            )
        return proof

    def _deployed(
        self, deployment: Deployment, proof: Proof = NO_PROOF, *, is_wrong: bool = False
    ) -> Deployed:
        return Deployed(
            deployment=deployment,
            project=self.project,
            files=len(self.manifest.assets),
            uploaded=self.uploaded,
            changed_pages=tuple(
                asset.path
                for asset in self.manifest.assets
                if asset.hash in self.uploaded.hashes and asset.content_type == "text/html"
            ),
            duration_seconds=self.client.transport.timer.monotonic() - self.started,
            proof=proof,
            is_wrong=is_wrong,
        )

    def purge(self, zones: Zones) -> None:
        """Purge as planned; a failure is a warning, for the deployment is good."""
        if self.plan.purge is None:
            return
        changed = [asset for asset in self.manifest.assets if asset.hash in self.uploaded.hashes]
        try:
            done = purge_cache(zones, self.plan.purge, project=self.project, changed=changed)
        except (ApiError, SettingsError) as error:
            self.watcher.warn(explain_failure(error))
        else:
            self.watcher.step(done)
