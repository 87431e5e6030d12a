"""The real wrangler manages projects and deployments of an emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, running

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.acceptance.conftest import Wrangler

pytestmark = [pytest.mark.wrangler, pytest.mark.slow]


class Pages:
    """`wrangler pages ...` against one emulator."""

    def __init__(self, wrangler: Wrangler, emulator: Emulator, home: Path) -> None:
        self._wrangler = wrangler
        self._emulator = emulator
        self._home = home

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._wrangler.run(
            self._emulator, "pages", *arguments, cwd=self._home, environ={"COLUMNS": "300"}
        )

    def output(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_projects_are_created_listed_and_deleted(
    client: DirectUpload, wrangler: Wrangler, tmp_path: Path
) -> None:
    pages = Pages(wrangler, client.emulator, tmp_path)
    assert "Successfully created" in pages.output(
        "project", "create", "fresh", "--production-branch", "trunk"
    )
    for number in range(10):
        client.create_project(f"p{number}")
    listed = pages.output("project", "list")
    # Twelve: wrangler asks for two pages.
    for name in ("demo", "fresh", *(f"p{number}" for number in range(10))):
        assert f" {name} " in listed
    assert "Successfully deleted" in pages.output("project", "delete", "fresh", "--yes")
    assert client.call("GET", "{projects}/fresh").status_code == 404


def test_deployments_are_listed_and_deleted(
    client: DirectUpload, wrangler: Wrangler, tmp_path: Path
) -> None:
    pages = Pages(wrangler, client.emulator, tmp_path)
    live = client.deploy({"/index.html": b"live"}, commit_hash="abcdef0123456789")
    preview = client.deploy({"/index.html": b"preview"}, branch="x")
    of_demo = ("--project-name", "demo")
    listed = pages.output("deployment", "list", *of_demo)
    assert live["id"] in listed
    assert "abcdef0" in listed
    listed = pages.output("deployment", "list", *of_demo, "--environment", "preview")
    assert preview["id"] in listed
    assert live["id"] not in listed
    pages.output("deployment", "delete", preview["id"], *of_demo, "--force")
    assert client.visit(preview["url"]).status_code == 404
    refused = pages.run("deployment", "delete", live["id"], *of_demo, "--force")
    assert refused.returncode != 0
    assert "8000034" in refused.stdout + refused.stderr


def test_project_with_too_many_deployments(wrangler: Wrangler, tmp_path: Path) -> None:
    settings = EmulatorSettings(max_deployments_of_deletable_project=0)
    with running(settings) as client:
        client.create_project()
        client.deploy({})
        refused = Pages(wrangler, client.emulator, tmp_path).run(
            "project", "delete", "demo", "--yes"
        )
    assert refused.returncode != 0
    assert "8000076" in refused.stdout + refused.stderr
