"""The server that only reads, started as a process, and what its calls tell."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from bench.server import Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

PROGRAM = Path(__file__).with_name("server.py")
# A link for each of ours: what CONCURRENCY is without being set.
LINKS = 3


class Server:
    """The server in a process of its own, which ends with the `with` block."""

    def __init__(
        self,
        *,
        latency_seconds: float = 0.0,
        bytes_per_second: int = 0,
        holds_everything: bool = False,
    ) -> None:
        arguments = [f"--latency={latency_seconds}", f"--bytes-per-second={bytes_per_second}"]
        if holds_everything:
            arguments.append("--holds-everything")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(PROGRAM), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is None:
            raise AssertionError("it was asked for")
        self._address = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.base_url = f"{self._address}/client/v4"

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def calls(self) -> list[Call]:
        """Return the calls since this was last asked, in the order of their beginning."""
        with urllib.request.urlopen(f"{self._address}/bench/calls", timeout=60) as answer:  # noqa: S310 - our own server
            found = json.load(answer)["result"]
        return sorted((Call(**one) for one in found), key=lambda call: call.begin)


def in_a_row(calls: Sequence[Call]) -> int:
    """Return how many calls came one after another: the most of which no two overlap."""
    count, free = 0, 0.0
    for call in sorted(calls, key=lambda call: call.end):
        if call.begin >= free:
            count, free = count + 1, call.end
    return count


def share_used(calls: Sequence[Call], bytes_per_second: int) -> float:
    """Return the share of the links' capacity that the uploads used, from the first to the last.

    Who has more uploads under way at once than there are links is given as many links.
    """
    uploads = [call for call in calls if call.name.endswith("/assets/upload")]
    seconds = max(call.end for call in uploads) - min(call.begin for call in uploads)
    links = max(LINKS, _most_at_once(uploads))
    return sum(call.body_bytes for call in uploads) / (seconds * links * bytes_per_second)


def _most_at_once(calls: Sequence[Call]) -> int:
    changes = [(call.begin, 1) for call in calls] + [(call.end, -1) for call in calls]
    most = current = 0
    for _, change in sorted(changes):
        current += change
        most = max(most, current)
    return most
