"""Deployments to test with, made by a client or put into the emulator's store; what is served."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.site.manifest import build_manifest
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment
    from pages_deploy.emulator.server import Emulator

NO_DEPLOYMENT = "00000000-0000-0000-0000-000000000000"


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
    project = emulator.store.project(emulator.account_id, PROJECT)
    return [
        emulator.store.deployments.create(project, Submission(manifest={}, branch=branch)).id
        for branch in branches
    ]


def ids(emulator: Emulator) -> list[str]:
    """Return the ids of the deployments that there are, the oldest first."""
    project = emulator.store.project(emulator.account_id, PROJECT)
    return [deployment.id for deployment in emulator.store.deployments.all(project)][::-1]


def served(emulator: Emulator, label: str = PROJECT) -> bytes:
    """Return what a site of the emulator answers at its root."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Host": f"{label}.localhost:{emulator.port}"})
        return connection.getresponse().read()
    finally:
        connection.close()
