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
from pages_deploy.deploy.waiting import wait_for_deployment
from pages_deploy.errors import (
    ApiError,
    DeploymentError,
    DeploymentTimeout,
    Interrupted,
    SettingsError,
    VerificationError,
)
from pages_deploy.manage.domain_status import active_domains
from pages_deploy.net.threads import Beside
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import NO_PROOF, PATIENCE_SECONDS, Proof, prove
from pages_deploy.proof.worker_route import prove_worker, with_worker
from pages_deploy.retry import RetryPolicy
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.upload.upload import (
    NOTHING_UPLOADED,
    Uploaded,
    mark_used,
    send_missing,
    upload,
)

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import WorkerParts
    from pages_deploy.api.models import Deployment, Domain, Project
    from pages_deploy.api.zones import Zones
    from pages_deploy.deploy.crossing import Crossing
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.net.sessions import Session
    from pages_deploy.site.manifest import Manifest
    from pages_deploy.upload.token import UploadTokens

# The deployment is good without it.
LIST_DOMAINS = RetryPolicy(attempts=3)


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
    tokens: UploadTokens
    """Hands out the upload tokens; somebody may have asked for the first one already."""
    uploaded: Uploaded = NOTHING_UPLOADED
    worker: WorkerParts | None = None
    """What is sent of the Worker code."""
    crossing: Crossing | None = None
    """What keeps the newest commit live."""
    created: str = ""
    """The id of the deployment that was created last."""
    has_purged: bool = False
    """Whether the purge was tried."""
    _domains: tuple[Domain, ...] | None = None
    _listing: Beside[tuple[Domain, ...]] | None = None
    _marking: Beside[None] | None = None

    def pack_worker(self) -> None:
        """Put the Worker into its form; raises WorkerError, before anything is uploaded."""
        if self.plan.worker is not None:
            environment = self.plan.environment_in(self.project)
            self.worker = self.plan.worker.parts(environment, self.project)

    def upload(self) -> None:
        """Upload what Pages lacks; what the deployment does not wait for goes on beside it."""
        self._listing = Beside(self._list_domains)
        self.uploaded = send_missing(
            self.client, self.manifest, self.plan.upload, self.tokens, self.watcher
        )
        self._marking = Beside(
            lambda: mark_used(self.client, self.manifest, self.tokens, self.watcher)
        )
        new = len(self.uploaded.hashes)
        self.watcher.step(
            f"Uploaded {counted(new, 'file')} ({human_bytes(self.uploaded.bytes)}); "
            f"{len(self.manifest.by_hash()) - new:,} already on Pages"
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
            broken = frozenset(error.broken)
        plan = replace(self.plan.upload, skips_caching=False, resent=broken)
        sent = upload(self.client, self.manifest, plan, self.watcher)
        self.uploaded = Uploaded(
            self.uploaded.hashes | sent.hashes, self.uploaded.bytes + sent.bytes
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
        if self._marking is not None:
            self._marking.result()
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
            raise FailedDeploymentError(told, self.deployed(created, is_wrong=True)) from error
        if self.crossing is not None and deployment.environment == "production":
            newest = self.crossing.keep_newest(deployment)
            if newest.id != deployment.id:
                return self._superseded(newest)
        if not deployment.url:
            named = replace(deployment, url=created.url)
            raise UnaddressedDeploymentError(self.deployed(named))
        try:
            return self.deployed(deployment, self._prove(deployment))
        except VerificationError as error:
            wrong = self.deployed(deployment, is_wrong=True)
            raise UnservedDeploymentError(error, wrong) from error

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
        deployed = replace(self.deployed(newer), passed_over="superseded")
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
        probe = self.probe_at(deployment.url)
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
                f"Deployment {deployment.id} exists at {deployment.url}. The check of "
                "its files did not finish."
            )
            raise
        if proof.is_proved:
            self.watcher.step(f"Verified: {proof.words}")
        else:
            self.watcher.warn(
                f"Could not check whether {deployment.url} serves what was sent: {proof.reason}."
            )
        return proof

    def probe_at(self, url: str) -> Probe:
        """Return who asks an address what it serves of the manifest."""
        planned = self.plan.worker
        return Probe(
            self.session,
            url,
            self.manifest,
            timeout_seconds=self.plan.proof_request_timeout_seconds,
            worker_rules=None if planned is None else planned.worker.rules,
        )

    def deployed(
        self, deployment: Deployment, proof: Proof = NO_PROOF, *, is_wrong: bool = False
    ) -> Deployed:
        """Return what has come of a deployment up to now."""
        return Deployed(
            deployment=deployment,
            project=self.project,
            files=len(self.manifest.assets),
            uploaded=self.uploaded,
            duration_seconds=self.client.transport.timer.monotonic() - self.started,
            proof=proof,
            is_wrong=is_wrong,
            production_url=self.production_url(),
        )

    def domains(self) -> tuple[Domain, ...]:
        """Return the active custom domains; the API is asked once.

        Where that is refused there are none, and the watcher is told.
        """
        if self._domains is None:
            self._domains = self._active_domains()
        return self._domains

    def _list_domains(self) -> tuple[Domain, ...]:
        return active_domains(self.client, self.project, retry=LIST_DOMAINS)

    def _active_domains(self) -> tuple[Domain, ...]:
        try:
            return self._list_domains() if self._listing is None else self._listing.result()
        except ApiError as error:
            is_production = self.plan.environment_in(self.project) == "production"
            is_asked_for = is_production and self.plan.verifies_domains != "off"
            tell = self.watcher.warn if is_asked_for else self.watcher.detail
            tell(f"The custom domains could not be read. {error.message} {error.hint}".rstrip())
            return ()

    def production_url(self) -> str:
        """Return the address of production that people share, without a final slash."""
        first = next(iter(self.domains()), None)
        return self.project.production_url.removesuffix("/") if first is None else first.url

    def purge(self, zones: Zones) -> None:
        """Purge as planned; a failure is a warning, for the deployment is good."""
        if self.plan.purge is None:
            return
        self.has_purged = True
        changed = [asset for asset in self.manifest.assets if asset.hash in self.uploaded.hashes]
        try:
            done = purge_cache(zones, self.plan.purge, project=self.project, changed=changed)
        except (ApiError, SettingsError) as error:
            self.watcher.warn(explain_failure(error))
        else:
            self.watcher.step(done)
