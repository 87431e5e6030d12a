"""`make live` as a process of its own, at an emulator in the place of the real Cloudflare."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.http.faults import Answer
from tests.live.cloud import PREFIX, remove_project
from tests.world import inherited

if TYPE_CHECKING:
    from pages_deploy.emulator.http.request_log import RecordedRequest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
CONTRACT = "tests/live/contract"
PATIENCE_SECONDS = 120


def start(emulator: Emulator, report: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"),
            *(*arguments, CONTRACT),
        ],
        cwd=ROOT,
        env={
            **inherited(),
            **emulator.environ(),
            "PAGES_DEPLOY_LIVE": "1",
            "PAGES_DEPLOY_LIVE_REPORT": str(report),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    """Return what it says; it ends in any case."""
    try:
        return process.communicate(timeout=PATIENCE_SECONDS)[0]
    finally:
        process.kill()


def lines_of(report: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()]


def projects(emulator: Emulator) -> list[str]:
    return [project.name for project in emulator.store.projects.all(emulator.account_id)]


def test_a_run_reports_each_check_and_leaves_nothing_behind(tmp_path: Path) -> None:
    now = [time.time() - 2 * 86400]
    report = tmp_path / "report.jsonl"
    with Emulator(settings=EmulatorSettings(clock=lambda: now[0])) as emulator:
        old, young = f"{PREFIX}0000000a", f"{PREFIX}0000000b"
        emulator.store.projects.create(emulator.account_id, old, production_branch="main")
        now[0] = time.time()
        emulator.store.projects.create(emulator.account_id, young, production_branch="main")
        process = start(emulator, report)
        said = finished(process)
        assert process.returncode == 0, said
        assert set(projects(emulator)) == {old, young}
    written = report.read_text("utf-8")
    for secret in (emulator.api_token, emulator.account_id):
        assert secret not in said + written
    lines = lines_of(report)
    checks = [line for line in lines if "note" not in line]
    assert all(line["is_equal"] for line in checks)
    assert f"{len(checks)} checks, 0 differences." in said
    assert {"rollback", "retry", "deletion", "serving", "domains"} <= {
        line["contract"] for line in checks
    }
    (note,) = [line["note"] for line in lines if "note" in line]
    assert old in note
    assert note in said


def test_a_difference_is_told_and_the_other_checks_are_made(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    with Emulator() as emulator:
        emulator.fail_next("DELETE", "*/deployments/*", Answer.error(400, 1234))
        process = start(emulator, report, "-k", "deletion")
        said = finished(process)
        assert process.returncode == 1, said
        assert projects(emulator) == []
    different, *later = (line for line in lines_of(report) if "DELETE" in line["request"])
    assert different["request"] == "DELETE /deployments/ID of the live one"
    assert different["expected"] == {"status": 400, "code": 8000034}
    assert (different["found"]["status"], different["found"]["code"]) == (400, 1234)
    assert len(later) == 4
    assert all(line["is_equal"] for line in later)
    assert 'expected {"code": 8000034}\n  found    {"code": 1234}\n' in said


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent Ctrl-C alone there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_no_project(tmp_path: Path, number: signal.Signals) -> None:
    is_deploying = threading.Event()

    def look(request: RecordedRequest) -> None:
        if request.method == "POST" and request.path.endswith("/deployments"):
            is_deploying.set()

    with Emulator(on_request=look) as emulator:
        process = start(emulator, tmp_path / "report.jsonl")
        try:
            assert is_deploying.wait(PATIENCE_SECONDS)
            process.send_signal(number)
        finally:
            said = finished(process)
        assert process.returncode == 2, said
        assert projects(emulator) == []


def test_a_project_with_too_many_deployments_is_emptied_first() -> None:
    settings = EmulatorSettings(max_deployments_of_deletable_project=1)
    with (
        Emulator(settings=settings) as emulator,
        PagesClient(
            emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
        ) as client,
    ):
        client.projects.create("full", production_branch="main")
        for branch in ("main", "main", "x"):
            client.deployments.create("full", manifest={}, branch=branch)
        remove_project(client, "full")
        assert projects(emulator) == []
        remove_project(client, "full")


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
@pytest.mark.parametrize("given", [{}, {"CLOUDFLARE_API_TOKEN": "t"}])
def test_without_credentials_nothing_is_done(given: dict[str, str]) -> None:
    done = subprocess.run(
        ["make", "live"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("SKIPPED")
    assert done.stdout.count("\n") == 1
