"""One command as a whole process: time on the clock, processor time, and memory at its peak.

`run` starts this file as a small process of its own, which starts the command: what a process
inherits of the peak of the one that started it (Linux counts that) is then less than its own.

Usage: python -I bench/measure.py COMMAND...     (prints what it measured as JSON)
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

# `ru_maxrss` is in KiB, on macOS in bytes.
RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
MEGABYTE = 1_000_000


class MeasureError(Exception):
    """A command failed or did not end in time; says which, and its last words."""


@dataclass(frozen=True)
class Sample:
    """What one process, with all that it started and waited for, has used."""

    begin: float
    """When it was started, by the clock of `time.monotonic`, which all processes share."""

    wall_seconds: float

    cpu_seconds: float
    """User and system."""

    peak_megabytes: float
    """The most memory of the process or of one that it started."""


def run(
    command: Sequence[str], environ: Mapping[str, str], *, cwd: Path, timeout_seconds: float
) -> Sample:
    """Run a command to its end. Raises MeasureError."""
    launcher = [sys.executable, "-I", __file__, *command]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            launcher,
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        ) as process,
    ):
        try:
            written, _ = process.communicate(timeout=timeout_seconds)
        except BaseException as error:
            # What it started has to end as well.
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                message = f"{command[0]} did not end in {timeout_seconds:.0f} s"
                raise MeasureError(message) from error
            raise
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
    measured = json.loads(written) if process.returncode == 0 else {"code": process.returncode}
    if measured.pop("code"):
        name = " ".join(command[:3]).partition("\n")[0]
        raise MeasureError(f"{name} failed: {words[-1] if words else 'no words'}")
    return Sample(**measured)


def in_turn(
    runs: int, commands: Mapping[str, Callable[[], Sample]]
) -> dict[str, tuple[Sample, ...]]:
    """Run each command once, and all again, so that what disturbs the machine disturbs each."""
    rounds = [{name: command() for name, command in commands.items()} for _ in range(runs)]
    return {name: tuple(one[name] for one in rounds) for name in commands}


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def _launch(command: list[str]) -> None:
    # The last line of what went wrong is told; what a command prints to stdout is not looked at.
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    begin = time.monotonic()
    process_id = os.posix_spawnp(command[0], command, os.environ, file_actions=[silent])
    _, status, used = os.wait4(process_id, 0)
    measured = {
        "begin": begin,
        "wall_seconds": time.monotonic() - begin,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_megabytes": used.ru_maxrss * RSS_UNIT_BYTES / MEGABYTE,
        "code": os.waitstatus_to_exitcode(status),
    }
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    _launch(sys.argv[1:])
