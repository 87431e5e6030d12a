"""A signal at any request: the run ends without waiting for anybody, and tells what there is.

PAGES_DEPLOY_INTERRUPTS says at how many moments; `make kills` takes a hundred.
"""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from tests.acceptance.processes import Tripwire, check_next_run, started
from tests.acceptance.truth import deployments

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.acceptance.processes import Ended

MOMENTS = int(os.environ.get("PAGES_DEPLOY_INTERRUPTS") or 12)
SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A silence that nobody would wait for here.
ARGUMENTS = ("--create-project", "--request-timeout=3600")
SETTINGS = EmulatorSettings(stage_policy=StagePolicy(polls=2))
FILES = 4


def environ_of(emulator: Emulator) -> dict[str, str]:
    """Have the run look its account up and purge a cache too."""
    return {"CLOUDFLARE_ACCOUNT_ID": "", "CLOUDFLARE_ZONE_ID": emulator.zone_id}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("interrupted") / "site"
    root.mkdir()
    for number in range(FILES):
        # More than a socket's buffers take, so that the upload is in the middle of a body.
        (root / f"file-{number}.bin").write_bytes(bytes([number]) * 5_000_000)
    return root


@pytest.fixture(scope="module")
def event_count(directory: Path) -> int:
    wire = Tripwire()
    with wire.watched(SETTINGS) as emulator:
        with started(emulator, directory, *ARGUMENTS, environ=environ_of(emulator)) as run:
            assert run.end().outputs["uploaded-files"] == FILES
        return wire.events


def check_what_is_told(ended: Ended, existing: list[str]) -> None:
    """Fail when a run that was interrupted says something else than what there is."""
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    (told,) = [line for line in ended.stderr.splitlines() if "Interrupted" in line]
    if "whether it exists" in told:
        assert len(existing) <= 1
    elif existing:
        assert re.findall(r"Deployment ([0-9a-f-]{36}) exists", told) == existing
    else:
        assert "No deployment was created" in told


@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_run_that_is_interrupted_tells_what_there_is_and_the_next_one_ends_well(
    directory: Path, event_count: int, number: int
) -> None:
    wire = Tripwire(number * event_count // MOMENTS, is_final=True)
    with wire.watched(SETTINGS) as emulator:
        environ = environ_of(emulator)
        with started(emulator, directory, *ARGUMENTS, environ=environ) as run:
            # Each signal meets both kinds of events.
            of = SIGNALS[number // 2 % 2]
            wire.arm(run, of)
            ended = run.end()
        assert ended.exit_code == 128 + of, ended.stderr
        wire.wait_until_quiet()
        check_what_is_told(ended, [deployment.id for deployment in deployments(emulator)])
        check_next_run(emulator, directory, *ARGUMENTS, environ=environ)
