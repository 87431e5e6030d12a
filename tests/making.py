"""Deployments to test with: values, made by a client, in the emulator's store; what is served."""

from __future__ import annotations

import http.client
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pages_deploy.api.deployments import Commit
from pages_deploy.api.models import Deployment, Project, Stage
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import Deployed
from pages_deploy.deploy.plan import Plan
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.site.manifest import build_manifest
from pages_deploy.upload.upload import Uploaded
from tests.world import COMMIT, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.proof.changes import Changes

NO_DEPLOYMENT = "00000000-0000-0000-0000-000000000000"
URL, ALIAS = "https://f64788e9.demo.pages.dev", "https://feature.demo.pages.dev"
# What 12 files, one of them new, came to.
UPLOADED = Uploaded(frozenset({"a" * 32}), 1_234_567)


def project_of(**changes: Any) -> Project:
    """Return the project of direct uploads, with changes to its fields."""
    project = Project(
        id="p",
        name=PROJECT,
        subdomain=f"{PROJECT}.pages.dev",
        domains=(f"{PROJECT}.pages.dev",),
        production_branch="main",
        source_type="",
        latest_deployment=None,
        canonical_deployment=None,
        created_on=None,
        build_command="",
        build_output_directory="",
        environments={},
    )
    return replace(project, **changes)


def deployment_of(**changes: Any) -> Deployment:
    """Return a preview that has ended well, with changes to its fields."""
    stage = Stage("deploy", "success")
    deployment = Deployment(
        id="f64788e9-e44b-4093-8d1a-0a7d4a4d3f3c",
        short_id="f64788e9",
        project_name=PROJECT,
        environment="preview",
        url=URL,
        aliases=(ALIAS,),
        created_on=datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        latest_stage=stage,
        stages=(stage,),
        branch="feature",
        commit_hash=COMMIT,
        commit_message="",
        trigger="ad_hoc",
    )
    return replace(deployment, **changes)


def deployed_of(
    *, uploaded: Uploaded = UPLOADED, pages: Changes | None = None, **changes: Any
) -> Deployed:
    """Return what came of a deployment, with changes to the deployment's fields."""
    deployment = deployment_of(**changes)
    return Deployed(
        deployment=deployment,
        project=project_of(name=deployment.project_name),
        files=12,
        uploaded=uploaded,
        duration_seconds=12.34,
        changes=pages,
    )


def made(client: PagesClient, branch: str = "main", *, commit: str = "") -> Deployment:
    """Create a deployment without files."""
    return client.deployments.create(
        PROJECT, manifest={}, branch=branch, commit=Commit(commit), special_files={}
    )


def deployed(client: PagesClient, directory: Path, branch: str = "main") -> Deployment:
    """Deploy a directory."""
    manifest = build_manifest(directory)
    return deploy(client, manifest, Plan(PROJECT, branch)).deployment


def put(emulator: Emulator, branches: Iterable[str]) -> list[str]:
    """Put deployments without files into the store, the quick way; returns their ids in order."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [
        emulator.store.deployments.create(project, Submission(manifest={}, branch=branch)).id
        for branch in branches
    ]


def ids(emulator: Emulator) -> list[str]:
    """Return the ids of the deployments that there are, the oldest first."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [deployment.id for deployment in emulator.store.deployments.all(project)][::-1]


def served(emulator: Emulator, label: str = PROJECT) -> bytes:
    """Return what a site of the emulator answers at its root."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Host": f"{label}.localhost:{emulator.port}"})
        return connection.getresponse().read()
    finally:
        connection.close()
