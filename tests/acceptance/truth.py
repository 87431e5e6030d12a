"""What there really is in an emulator, however a run reports it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pages_deploy.clock import Timer
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import prove
from pages_deploy.site.manifest import build_manifest
from tests.world import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from pages_deploy.emulator.state.records import Deployment


def deployments(emulator: Emulator) -> tuple[Deployment, ...]:
    """Return every deployment of the project `demo`, the newest first; none without a project."""
    projects = emulator.store.projects.all(emulator.account_id)
    found = [project for project in projects if project.name == PROJECT]
    return emulator.store.deployments.all(found[0]) if found else ()


def wrong_in(emulator: Emulator, deployment: Deployment, directory: Path) -> list[str]:
    """Return what keeps a deployment from being live with exactly what is in a directory."""
    store, manifest = emulator.store, build_manifest(directory)
    hashes = {asset.path: asset.hash for asset in manifest.assets}
    wrong = list(store.assets.manifest_errors(hashes))
    if not store.deployments.progress(deployment).is_live:
        wrong.append("it has not ended well")
    if deployment.file_count != len(hashes):
        wrong.append(f"it has {deployment.file_count} files, not {len(hashes)}")
    for path, key in hashes.items():
        asset = store.deployments.asset_at(deployment, path)
        if asset is None or asset.key != key:
            wrong.append(f"{path} is another one")
    if store.deployments.special_files(deployment) != dict(manifest.special_files):
        wrong.append("its special files are others")
    return wrong


def files_served(url: str, directory: Path) -> int:
    """Return how many files of a directory an address serves; raises if one of them is another."""
    with contextlib.closing(new_session()) as session:
        manifest = build_manifest(directory)
        return prove(Probe(session, url, manifest), timer=Timer(), everything=True).checked
