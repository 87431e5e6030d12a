"""The story of one deployment, in order.

1. Look the project up: it says which branch is production. If asked, the story ends here where
   production serves a newer commit, or exactly these files are live already.
2. Upload what Pages lacks.
3. Create the deployment and wait for its end; whatever crosses it, the newest commit stays live.
4. Prove that it serves what was sent. Assets that Pages took and does not serve are uploaded once
   more, and deployed anew.
5. Where production came out wrong, here or at 6: if asked, go back to what was live before.
6. Purge the zone's cache, if asked, after a good production deployment; then prove that visitors
   get it.
7. Find out which pages differ from what production served before, if asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.deploy.comparing import compared
from pages_deploy.deploy.crossing import watch_others
from pages_deploy.deploy.deployed import (
    FailedDeploymentError,
    UnservedDeploymentError,
    UnservedDomainError,
)
from pages_deploy.deploy.recovery import compare_with_production, recover
from pages_deploy.deploy.run import Run
from pages_deploy.deploy.target import describe_target, find_target, remove_new_project
from pages_deploy.deploy.unchanged import find_unchanged
from pages_deploy.deploy.visiting import prove_visitors
from pages_deploy.deploy.watcher import UNWATCHED, Watcher
from pages_deploy.errors import DirectoryError
from pages_deploy.net.sessions import new_session
from pages_deploy.upload.missing import tokens_for

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.zones import Zones
    from pages_deploy.deploy.deployed import Deployed
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
    that fits: FailedDeploymentError, UnservedDeploymentError, UnaddressedDeploymentError and
    SupersededDeploymentError say by `deployed` what was reached; after DirectoryError, UploadError
    and most ApiErrors no deployment exists.
    """
    started = client.transport.timer.monotonic()
    zones = client.zones if zones is None else zones
    tokens = tokens_for(client, plan.upload)
    # Not for a project that may have to be made first, nor where a newer commit may end the run.
    if not plan.creates_project and plan.commit_order is None:
        tokens.ask_ahead()
    project, is_new = find_target(client, plan, watcher=watcher)
    environment = plan.environment_in(project)
    watcher.step(describe_target(project, plan.branch))
    # Without any credentials: the site is anybody's to look at.
    with new_session(ca_bundle=client.ca_bundle) as session:
        run = Run(client, manifest, plan, watcher, project, session, started, tokens)
        run.crossing = watch_others(client, plan, project, watcher=watcher)
        if (overtaken := run.overtaken()) is not None:
            return overtaken
        try:
            run.pack_worker()
            if plan.skips_unchanged and (live := find_unchanged(run)) is not None:
                return live
            watcher.target_found(project, environment)
            run.upload()
        except DirectoryError:
            # Among them are more files than the account may deploy, which only a project tells.
            if is_new:
                remove_new_project(client, project, watcher=watcher)
            raise
        try:
            deployed = run.publish_until_served()
            if deployed.deployment.environment == "production" and not deployed.passed_over:
                run.purge(zones)
                prove_visitors(run, deployed)
        except UnservedDomainError:
            # Production itself is right, and an earlier one would be no better off there.
            raise
        except (FailedDeploymentError, UnservedDeploymentError) as error:
            if not plan.rolls_back or environment != "production":
                raise
            recovered = _recovered(run, error)
            if recovered is None:
                raise
            if run.has_purged:
                # The cache has taken up the files that are no longer live.
                run.purge(zones)
            raise recovered from error
        return compared(run, deployed)


def _recovered(
    run: Run, error: FailedDeploymentError | UnservedDeploymentError
) -> FailedDeploymentError | UnservedDeploymentError | None:
    """Go back to what was live before; returns the error to raise then, None where that failed."""
    failed_id = error.deployed.deployment.id
    before = recover(
        run.client,
        run.project,
        failed_id=failed_id,
        timeout_seconds=run.plan.timeout_seconds,
        watcher=run.watcher,
    )
    if before is None:
        return None
    if run.crossing is not None:
        before = run.crossing.keep_newest(before, without=frozenset({failed_id}))
    if run.plan.proof != "off":
        compare_with_production(
            run.client, run.project, before.url, session=run.session, watcher=run.watcher
        )
    return error.rolled_back(before.id)
