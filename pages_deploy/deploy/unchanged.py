"""Whether what is live is what this run would deploy: then nothing is created.

1. The last line of the commit message is a digest of paths, asset hashes, special files and Worker
   code: files that are gone, rules and code cannot be seen from outside.
2. What production serves, or the branch's newest deployment, has to have the same one.
3. Then every file is asked for at its address. Whatever is not seen to be right is deployed.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from blake3 import blake3

from pages_deploy.api.deployments import fitting_message
from pages_deploy.errors import ApiError
from pages_deploy.proof.asking import Inquiry, ask_all
from pages_deploy.proof.proof import comparable

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.deployments import Commit, WorkerParts
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.clock import Timer
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.run import Run
    from pages_deploy.proof.probe import Probe
    from pages_deploy.site.manifest import Manifest

TRAILER = "Pages-Deploy-Content: "
DIGEST_BYTES = 16
# The server may have changed the white space around it.
_TRAILER = re.compile(rf"(?<!\S){TRAILER.strip()}\s+([0-9a-f]{{{2 * DIGEST_BYTES}}})\s*\Z")
# A branch whose last deployment is further back than so many others is deployed.
MOST_SEARCHED = 500


def find_unchanged(run: Run) -> Deployed | None:
    """Return what is live, where it is seen to be exactly what a run would deploy.

    Otherwise its deployment will say what it has, for the next run to know.
    """
    digest = digest_of(run.manifest, run.worker)
    live = find_same(run.client, run.project, run.plan, digest=digest)
    if live is not None:
        is_production = live.environment == "production"
        address = run.project.production_url if is_production else live.url
        if is_all_served(run.probe_at(address), timer=run.client.transport.timer):
            run.watcher.step(
                f"Nothing to deploy: {address} serves exactly these files already, by "
                f"deployment {live.id}"
            )
            return replace(run.deployed(live), passed_over="unchanged")
    run.plan = replace(run.plan, commit=with_digest(run.plan.commit, digest))
    return None


def digest_of(manifest: Manifest, worker: WorkerParts | None) -> str:
    """Return a digest of all that a deployment serves, in hexadecimal digits."""
    files = {} if worker is None else worker.files
    special = {**manifest.special_files, **files}
    hasher = blake3()
    for asset in sorted(manifest.assets, key=lambda asset: asset.path):
        own_type = f"\0{asset.content_type}" if asset.is_retyped else ""
        hasher.update(f"{asset.path}\0{asset.hash}{own_type}\n".encode())
    for name, content in sorted(special.items()):
        hasher.update(f"{name}\0{blake3(content).hexdigest()}\n".encode())
    return hasher.hexdigest(length=DIGEST_BYTES)


def with_digest(commit: Commit, digest: str) -> Commit:
    """Return a commit whose message ends with a digest; the rest is cut where it is too long."""
    return replace(commit, message=fitting_message(commit.message, trailer=TRAILER + digest))


def digest_in(message: str) -> str:
    """Return the digest at the end of a message as a server gives it back, or nothing."""
    found = _TRAILER.search(message)
    return found[1] if found is not None else ""


def find_same(
    client: PagesClient, project: Project, plan: Plan, *, digest: str
) -> Deployment | None:
    """Return what the plan's branch serves now, where it says that it has a digest's content.

    Where that cannot be told, None.
    """
    try:
        live = _live(client, project, plan)
    except ApiError:
        return None
    is_same = live is not None and live.succeeded and digest_in(live.commit_message) == digest
    return live if is_same else None


def _live(client: PagesClient, project: Project, plan: Plan) -> Deployment | None:
    if plan.environment_in(project) == "production":
        return project.canonical_deployment
    listed = client.deployments.list(project.name, environment="preview")
    recent = itertools.islice(listed, MOST_SEARCHED)
    return next((one for one in recent if one.branch == plan.branch), None)


def is_all_served(probe: Probe, *, timer: Timer) -> bool:
    """Whether an address is seen to serve every file of a manifest now, but for what rules answer.

    A file that nobody can see, such as one behind a login, is not.
    """
    inquiry = Inquiry(probe, comparable(probe))
    ask_all([inquiry], timer=timer, patience_seconds=0)
    # Which files rules answer for is known in part only when they are asked for: Pages leads
    # `/about.html` to `/about`, where a rule may be.
    return not inquiry.not_right() and inquiry.right > 0
