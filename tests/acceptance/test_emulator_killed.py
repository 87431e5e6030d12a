"""An emulator that is killed in the middle of uploads goes on from its data directory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.clock import Timer
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.errors import PagesDeployError
from pages_deploy.site.manifest import build_manifest
from tests.acceptance.runner import ROOT
from tests.world import PROJECT, Notes, inherited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pages_deploy.upload.upload import Progress
    from tests.world import BuildSite

pytestmark = pytest.mark.slow
FILES = 40


@contextlib.contextmanager
def running(data: Path) -> Iterator[tuple[PagesClient, Callable[[], None]]]:
    """Start an emulator as a program; gives a client of it, and what kills it."""
    command = [sys.executable, "-m", "pages_deploy", "emulator", "--json", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data", str(data)],
        cwd=ROOT,
        env=inherited(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        variables = json.loads(process.stdout.readline())
        with PagesClient(
            variables["CLOUDFLARE_API_TOKEN"],
            variables["CLOUDFLARE_ACCOUNT_ID"],
            base_url=variables["CLOUDFLARE_API_BASE_URL"],
            timer=Timer(sleep=lambda _seconds: None),
        ) as client:
            yield client, process.kill
    finally:
        process.kill()
        process.communicate()


class KillsAt(Notes):
    """Kills at so many uploaded files."""

    def __init__(self, files: int, kill: Callable[[], None]) -> None:
        super().__init__()
        self._files = files
        self._kill = kill

    def uploading(self, progress: Progress) -> None:
        if progress.files >= self._files:
            self._kill()


@pytest.mark.parametrize("files", [0, 1, FILES // 2, FILES - 1])
def test_the_next_deployment_succeeds_and_serves_every_file(
    site: BuildSite, tmp_path: Path, files: int
) -> None:
    content = {f"f{number}.txt": f"{number}" * 5_000 for number in range(FILES)}
    manifest = build_manifest(site({**content, "index.html": "home"}))
    plan = Plan(PROJECT, "main", creates_project=True, proof="all", concurrency=8)
    with running(tmp_path / "data") as (client, kill), pytest.raises(PagesDeployError):
        deploy(client, manifest, plan, KillsAt(files, kill))
    with running(tmp_path / "data") as (client, _kill):
        assert client.projects.get(PROJECT).latest_deployment is None
        deployed = deploy(client, manifest, plan)
        assert deployed.proof.checked == FILES + 1
