"""A run that is killed leaves nothing behind that the next one could not use.

`make kills` strikes at a hundred moments, PAGES_DEPLOY_KILLS says another number. Each test has the
seed in its name; PAGES_DEPLOY_SEED takes it, to come to the same moments again.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from tests.acceptance.processes import Tripwire, check_next_run, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator

MOMENTS = int(os.environ.get("PAGES_DEPLOY_KILLS") or 10)
# The workers of one run have to agree on it.
_RUN = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))
SEED = int(os.environ.get("PAGES_DEPLOY_SEED") or _RUN.randrange(2**32))
# Many batches, so that some are accepted while others are on their way.
ARGUMENTS = ("--create-project", "--concurrency=8")
FILES = 40
SETTINGS = EmulatorSettings(stage_policy=StagePolicy(polls=3))


@dataclass(frozen=True)
class Course:
    """What a run is like that nobody disturbs."""

    events: int
    seconds: float


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed") / "site"
    root.mkdir()
    for number in range(FILES):
        content = random.Random(number).randbytes(1000 * (number + 1))
        (root / f"file-{number}.bin").write_bytes(content)
    (root / "_headers").write_text("/*\n  X-One: 1\n")
    return root


@pytest.fixture(scope="module")
def course(directory: Path) -> Course:
    wire = Tripwire()
    with wire.watched(SETTINGS) as emulator:
        start = time.monotonic()
        with started(emulator, directory, *ARGUMENTS) as run:
            assert run.end().outputs["uploaded-files"] == FILES
        return Course(wire.events, time.monotonic() - start)


@contextlib.contextmanager
def killed(directory: Path, course: Course, number: int) -> Iterator[Emulator]:
    """Give an emulator whose deployment has been killed, every other time at a request."""
    draw = random.Random(f"{SEED}-{number}")
    # Each moment has its own part of the course, so that together they cover it.
    share = (number + draw.random()) / MOMENTS
    at_request = number % 2 == 0
    event, seconds = int(share * course.events), share * course.seconds
    wire = Tripwire(event if at_request else None)
    with wire.watched(SETTINGS) as emulator, started(emulator, directory, *ARGUMENTS) as run:
        wire.arm(run, signal.SIGKILL)
        if not at_request and run.runs_for(seconds):
            run.process.kill()
        ended = run.end()
        # A run that was faster this time has ended before its moment.
        expected = {-signal.SIGKILL} if at_request else {-signal.SIGKILL, 0}
        assert ended.exit_code in expected, ended.stderr
        wire.wait_until_quiet()
        yield emulator


@pytest.mark.parametrize("number", range(MOMENTS), ids=lambda number: f"{SEED}-{number}")
def test_the_run_after_a_killed_one_ends_well_and_sends_only_what_is_missing(
    directory: Path, course: Course, number: int
) -> None:
    with killed(directory, course, number) as emulator:
        check_next_run(emulator, directory, *ARGUMENTS)
