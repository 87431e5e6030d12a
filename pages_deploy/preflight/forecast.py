"""What a deployment would do, told before it is made: the same questions, and no change.

1. Look the project up, as the deployment would; it may be missing where it is to be created.
2. If asked, find out whether the deployment would leave it at what is live.
3. Ask which files Pages lacks, and pack them as they would be sent.
4. Say under which address the result would be found, and whether another branch has that now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.deploy.crossing import watch_others
from pages_deploy.deploy.deployed import SupersededDeploymentError
from pages_deploy.deploy.run import Run
from pages_deploy.deploy.target import look_up_target
from pages_deploy.deploy.unchanged import find_unchanged
from pages_deploy.deploy.watcher import UNWATCHED, Watcher
from pages_deploy.errors import ApiError
from pages_deploy.manage.alias import MAX_LABEL_CHARACTERS, alias_label, holder_of
from pages_deploy.net.sessions import new_session
from pages_deploy.preflight.finding import Finding
from pages_deploy.upload.missing import Missing, find_missing, packed, tokens_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.api.client import PagesClient
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.rules.routes_json import RoutesRules
    from pages_deploy.site.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What a deployment sends where nothing goes wrong on the way."""

    files: int
    """How many contents: identical files are sent once."""
    bytes: int
    """The size of these contents, before they are encoded."""
    upload_requests: int
    """How many requests they go in."""
    requests: int
    """How many requests change something: these, one that marks all files as in use, one that
    creates the deployment, and one for a project that is created. Whatever only asks, and what
    comes after the deployment, such as a purge or a comment, is not among them."""


NOTHING = Sending(files=0, bytes=0, upload_requests=0, requests=0)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a deployment would do."""

    project_name: str
    creates_project: bool
    """Whether the project is missing, and would be created: then Pages cannot be asked what it
    holds, so `sending` is the most that there can be."""
    environment: Literal["production", "preview"]
    branch: str
    """Empty where none is known."""
    alias: str
    """The address people should be given, as a deployment's; empty where only Pages knows it."""
    status: Literal["success", "unchanged", "superseded"]
    """That of the deployment, if nothing goes wrong; with the last two nothing is sent."""
    total_files: int
    """How many paths the manifest has."""
    new_files: int | None
    """How many of them have a content that Pages lacks, or that is sent in any case; None where
    Pages cannot be asked."""
    sending: Sending
    routes: RoutesRules | None
    """Which paths reach the Worker; None without one."""
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        """Return what `plan --json` shows; what is not known is null."""
        new, routes = self.new_files, self.routes
        sending = None if new is None else self.sending
        return {
            "project_name": self.project_name,
            "creates_project": self.creates_project,
            "environment": self.environment,
            "branch": self.branch or None,
            "alias": self.alias or None,
            "status": self.status,
            "files": {
                "total": self.total_files,
                "new": new,
                "unchanged": None if new is None else self.total_files - new,
            },
            "files_to_send": None if sending is None else sending.files,
            "bytes_to_send": None if sending is None else sending.bytes,
            "upload_requests": None if sending is None else sending.upload_requests,
            "requests": None if sending is None else sending.requests,
            "routes": None
            if routes is None
            else {"include": list(routes.include), "exclude": list(routes.exclude)},
            "findings": [finding.as_json() for finding in self.findings],
        }


def forecast(
    client: PagesClient,
    manifest: Manifest,
    plan: Plan,
    watcher: Watcher = UNWATCHED,
    *,
    findings: Sequence[Finding] = (),
) -> Forecast:
    """Say what `deploy` would do with the same manifest and plan; nothing is changed.

    `findings` are those of the build directory. The watcher may object to the environment. Raises
    as `deploy` does for what stands in the way before the upload.
    """
    started = client.transport.timer.monotonic()
    project = look_up_target(client, plan, watcher=watcher)
    environment = plan.environment_in(project)
    alias, live, new_files, found = "", None, None, list(findings)
    if project is None:
        missing = packed(manifest.by_hash().values(), plan.upload)
    else:
        with new_session(ca_bundle=client.ca_bundle) as session:
            tokens = tokens_for(client, plan.upload)
            run = Run(client, manifest, plan, watcher, project, session, started, tokens)
            live = _left_live(run)
            missing = find_missing(client, manifest, plan.upload, tokens)
            alias = _alias(run) if live is None else live.alias
        new_files = sum(asset.hash in missing.hashes for asset in manifest.assets)
        if alias and live is None and environment == "preview":
            found += _taken(client, plan, alias, watcher)
    return Forecast(
        project_name=plan.project_name,
        creates_project=project is None,
        environment=environment,
        branch=plan.branch,
        alias=alias,
        status="success" if live is None else live.passed_over or "success",
        total_files=len(manifest.assets),
        new_files=new_files,
        sending=_sending(manifest, missing, creates_project=project is None)
        if live is None
        else NOTHING,
        routes=None if plan.worker is None else plan.worker.worker.rules,
        findings=tuple(found),
    )


def _left_live(run: Run) -> Deployed | None:
    """Return what is live where the deployment would leave it at that; asks as it does."""
    run.crossing = watch_others(run.client, run.plan, run.project, watcher=run.watcher)
    try:
        if (overtaken := run.overtaken()) is not None:
            return overtaken
    except SupersededDeploymentError as error:
        run.watcher.warn(f"{error.message} The deployment would fail for that.")
        return error.deployed
    run.pack_worker()
    return find_unchanged(run) if run.plan.skips_unchanged else None


def _alias(run: Run) -> str:
    if run.plan.environment_in(run.project) == "production":
        return run.production_url()
    label = alias_label(run.plan.branch)
    return run.project.preview_url(label) if label else ""


def _sending(manifest: Manifest, missing: Missing, *, creates_project: bool) -> Sending:
    uploads = len(missing.batches)
    return Sending(
        files=len(missing.hashes),
        bytes=missing.bytes,
        upload_requests=uploads,
        requests=uploads + bool(manifest.assets) + 1 + creates_project,
    )


def _taken(client: PagesClient, plan: Plan, alias: str, watcher: Watcher) -> list[Finding]:
    """Return the finding where an alias leads to the preview of another branch."""
    try:
        holder = holder_of(client, plan.project_name, alias)
    except ApiError as error:
        watcher.warn(f"Could not check whether another branch has {alias}. {error.message}")
        return []
    if holder is None or holder.branch in {"", plan.branch}:
        return []
    return [
        Finding(
            severity="warning",
            code="alias-taken",
            message=f"{alias} leads to the preview of branch '{holder.branch}', and would lead to "
            "this one: both names give the same address.",
            remedy=f"Rename one of the branches; the first {MAX_LABEL_CHARACTERS} characters make "
            "the address.",
        )
    ]
