"""What was asked of the emulator, for tests to look at. Never a header, so never a token."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """One request."""

    method: str
    path: str
    """Of an API request the path below `/client/v4`; of a site request host and path. The same
    text that the patterns of faults are matched with."""
    query: str
    """Without the question mark."""
    content_length: int | None
    """As declared; None for a body in chunks, or none at all."""
    status: int | None = None
    """None until an answer is ready, and for good if the sender never got one."""


# An emulator that runs for days must not fill the memory with what it was asked.
_MAX_REQUESTS: Final = 100_000


class RequestLog:
    """The last recorded requests, in the order in which they arrived."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals = 0
        self._requests: dict[int, RecordedRequest] = {}

    def arrived(self, request: RecordedRequest) -> int:
        """Record a request; the number is for `answered`."""
        with self._lock:
            self._arrivals += 1
            self._requests[self._arrivals] = request
            self._requests.pop(self._arrivals - _MAX_REQUESTS, None)
            return self._arrivals

    def answered(self, number: int, *, status: int) -> None:
        """Record the status of the answer."""
        with self._lock:
            if number in self._requests:
                self._requests[number] = replace(self._requests[number], status=status)

    def all(self) -> tuple[RecordedRequest, ...]:
        """Everything so far, the last hundred thousand at most."""
        with self._lock:
            return tuple(self._requests.values())
