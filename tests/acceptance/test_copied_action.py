"""The commands that the README gives for copying the Action bring all that it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.client import PagesClient
from scripts import names
from tests.acceptance.samples import ROOT
from tests.world import PROJECT, inherited

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator

COPYING = re.compile(r"^```\n(mkdir -p .*?)^```$", re.MULTILINE | re.DOTALL)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git archives a checkout"),
]


def copying(page: str) -> str:
    (commands,) = COPYING.findall((ROOT / page).read_text("utf-8"))
    return str(commands)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's repository beside this one, with the Action copied as the README tells."""
    (tmp_path / "pages_deploy").symlink_to(ROOT)
    site = tmp_path / "my-site"
    (site / "dist").mkdir(parents=True)
    (site / "dist/index.html").write_text("home", "utf-8")
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", copying("README.md")], cwd=site, timeout=60, check=True
    )
    return site


def test_both_pages_tell_the_same() -> None:
    assert copying("README.md") == copying("docs/install.md")


def test_what_the_step_runs_is_in_the_copy(site: Path) -> None:
    action = site / names.ACTION
    step = (action / "action.yml").read_text("utf-8") + (action / "scripts/action.sh").read_text()
    for name in ("scripts/action.sh", "scripts/action_packages.py"):
        assert name.rpartition("/")[2] in step
        assert (action / name).is_file()
    assert (action / "requirements-action.txt").is_file()


def test_the_copy_deploys(site: Path, emulator: Emulator) -> None:
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
    inputs = {"INPUT_DIRECTORY": "dist", "INPUT_PROJECTNAME": PROJECT, "INPUT_BRANCH": "main"}
    done = subprocess.run(
        [sys.executable, "-I", f"{names.ACTION}/entrypoint.py"],
        cwd=site,
        env={**inherited(), **emulator.environ(), **inputs},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert len(emulator.store.deployments.all(project)) == 1
