"""One run of a plan: what is done for its deployment, and the record of what it has reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages_deploy.deploy.commit_order import SHOWN_DIGITS, described
from pages_deploy.deploy.creation import create_deployment
from pages_deploy.deploy.deployed import (
    Deployed,
    FailedDeploymentError,
    SupersededDeploymentError,
    UnaddressedDeploymentError,
    UnservedDeploymentError,
)
from pages_deploy.deploy.purge import explain_failure, purge_cache
from pages_deploy.deploy.unchanged import digest_of, find_same, is_all_served, with_digest
from pages_deploy.deploy.waiting import wait_for_deployment
from pages_deploy.errors import (
    ApiError,
    DeploymentError,
    DeploymentTimeout,
    Interrupted,
    SettingsError,
    VerificationError,
)
from pages_deploy.proof.changes import Changes, compare_pages
from pages_deploy.proof.pages import Pages
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import NO_PROOF, PATIENCE_SECONDS, Proof, prove
from pages_deploy.proof.worker_route import prove_worker, with_worker
from pages_deploy.text.amounts import human_bytes
from pages_deploy.upload.upload import NOTHING_UPLOADED, Uploaded, UploadPlan, upload

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import WorkerParts
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.api.zones import Zones
    from pages_deploy.deploy.crossing import Crossing
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.net.sessions import Session
    from pages_deploy.site.manifest import Manifest


@dataclass
class Run:
    """Normally makes one deployment, two where files have to be uploaded again."""

    client: PagesClient
    manifest: Manifest
    plan: Plan
    watcher: Watcher
    project: Project
    session: Session
    """Asks the site, without any credentials."""
    started: float
    """On the timer's monotonic clock."""
    uploaded: Uploaded = NOTHING_UPLOADED
    worker: WorkerParts | None = None
    """What is sent of the Worker code."""
    crossing: Crossing | None = None
    """What keeps the newest commit live."""
    created: str = ""
    """The id of the deployment that was created last."""

    def pack_worker(self) -> None:
        """Put the Worker into its form; raises WorkerError, before anything is uploaded."""
        if self.plan.worker is not None:
            environment = self.plan.environment_in(self.project)
            self.worker = self.plan.worker.parts(environment, self.project)

    def find_unchanged(self) -> Deployed | None:
        """Return what is live, where it is seen to be exactly what this run would deploy.

        Otherwise the deployment will say what it has, for the next run to know.
        """
        digest = digest_of(self.manifest, self.worker)
        live = find_same(self.client, self.project, self.plan, digest=digest)
        if live is not None:
            is_production = live.environment == "production"
            address = self.project.production_url if is_production else live.url
            if is_all_served(self._probe(address), timer=self.client.transport.timer):
                self.watcher.step(
                    f"Nothing to deploy: {address} serves exactly these files already, by "
                    f"deployment {live.id}"
                )
                return replace(self.deployed(live, NO_PROOF), passed_over="unchanged")
        self.plan = replace(self.plan, commit=with_digest(self.plan.commit, digest))
        return None

    def upload(self) -> None:
        """Upload what Pages lacks."""
        plan = self.plan
        self.uploaded = upload(
            self.client,
            self.manifest,
            UploadPlan(self.project.name, plan.concurrency, skips_caching=plan.skips_caching),
            self.watcher,
        )
        new = len(self.uploaded.hashes)
        self.watcher.step(
            f"Uploaded {new} file{'' if new == 1 else 's'} ({human_bytes(self.uploaded.bytes)}); "
            f"Pages held {len(self.manifest.by_hash()) - new} already"
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
        plan = UploadPlan(self.project.name, self.plan.concurrency, resent=resent)
        again = upload(self.client, self.manifest, plan, self.watcher)
        self.uploaded = Uploaded(
            self.uploaded.hashes | again.hashes, self.uploaded.bytes + again.bytes
        )
        return self._publish()

    def _publish(self) -> Deployed:
        """Create a deployment, wait for its end, and prove it; or leave that to a newer commit."""
        if (overtaken := self._overtaken_meanwhile()) is not None:
            return overtaken
        created = create_deployment(self.client, self.manifest, self.plan, worker=self.worker)
        self.created = created.id
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
            raise FailedDeploymentError(told, self._wrong(created)) from error
        if self.crossing is not None and deployment.environment == "production":
            newest = self.crossing.keep_newest(deployment)
            if newest.id != deployment.id:
                return self._superseded(newest)
        if not deployment.url:
            named = replace(deployment, url=created.url)
            raise UnaddressedDeploymentError(self.deployed(named, NO_PROOF))
        try:
            return self.deployed(deployment, self._prove(deployment))
        except VerificationError as error:
            raise UnservedDeploymentError(error, self._wrong(deployment)) from error

    def overtaken(self) -> Deployed | None:
        """Return the result where production serves a newer commit, else None.

        Raises SupersededDeploymentError where that is a failure.
        """
        newer = None if self.crossing is None else self.crossing.overtaken_by(self.project)
        return None if newer is None else self._superseded(newer)

    def _overtaken_meanwhile(self) -> Deployed | None:
        if self.crossing is None:
            return None
        project = self.crossing.look_before_creation()
        # After a deployment of this run, what was live before is known from the first look alone.
        if project is not None and not self.created:
            self.project = project
        return self.overtaken()

    def _superseded(self, newer: Deployment) -> Deployed:
        deployed = replace(self.deployed(newer, NO_PROOF), passed_over="superseded")
        ours = f"deployment {self.created} is not live" if self.created else "nothing is deployed"
        text = (
            f"Production of '{self.project.name}' serves deployment {described(newer)}, which is "
            f"newer than this run's {self.plan.commit.hash[:SHOWN_DIGITS]}: {ours}."
        )
        if self.plan.commit_order is not None and self.plan.commit_order.if_older == "fail":
            raise SupersededDeploymentError(text, deployed)
        self.watcher.notice(text)
        return deployed

    def _prove(self, deployment: Deployment) -> Proof:
        if self.plan.proof == "off":
            return NO_PROOF
        planned, timer = self.plan.worker, self.client.transport.timer
        patience_seconds = min(PATIENCE_SECONDS, self.plan.timeout_seconds)
        probe = self._probe(deployment.url)
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

    def _probe(self, address: str) -> Probe:
        """Return who asks an address for what this run sends."""
        planned = self.plan.worker
        return Probe(
            self.session,
            address,
            self.manifest,
            timeout_seconds=self.plan.proof_request_timeout_seconds,
            worker_rules=None if planned is None else planned.worker.rules,
        )

    def _wrong(self, deployment: Deployment) -> Deployed:
        return self.deployed(deployment, NO_PROOF, is_wrong=True)

    def deployed(self, deployment: Deployment, proof: Proof, *, is_wrong: bool = False) -> Deployed:
        """Return what has come of a deployment up to now."""
        return Deployed(
            deployment=deployment,
            project=self.project,
            files=len(self.manifest.assets),
            uploaded=self.uploaded,
            duration_seconds=self.client.transport.timer.monotonic() - self.started,
            proof=proof,
            is_wrong=is_wrong,
            production_url=self.project.production_url.rstrip("/"),
        )

    def compared(self, deployed: Deployed) -> Deployed:
        """Add how the pages differ from what production served before, where that is wanted.

        The deployment is good, whatever comes of this.
        """
        if not self.plan.compares_pages or deployed.passed_over:
            return deployed
        planned, timer = self.plan.worker, self.client.transport.timer
        rules = None if planned is None else planned.worker.rules
        try:
            pages = Pages(self.manifest, worker_rules=rules)
            changes = compare_pages(self.session, pages, self.project, timer=timer)
        except Exception as error:  # noqa: BLE001 - an ornament must not bring the house down
            before = self.project.canonical_deployment
            gap = f"comparing them failed by a bug ({type(error).__name__})"
            changes = Changes(before.id if before else "", is_complete=False, gap=gap)
        if not changes.is_complete:
            self.watcher.step(f"Which pages differ is not fully known: {changes.gap}")
        return replace(deployed, changes=changes)

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
