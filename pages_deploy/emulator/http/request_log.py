"""What was asked of the emulator: kept for tests to look at, and told to whoever watches.

Never a header, so never a token.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """One request."""

    method: str
    """As sent, so usually in capitals."""

    path: str
    """Of an API request the path below `/client/v4`; of any other request host and path. The
    same text that the patterns of faults are matched with."""

    query: str
    """Without the question mark."""

    content_length: int | None
    """Bytes of the body, as declared; None for a body in chunks, or none at all."""

    status: int | None = None
    """None until an answer is ready, and for good if the sender never got one."""


class Watchers(TypedDict, total=False):
    """Who is told what happens in an emulator, from whatever thread it happens in."""

    on_request: Callable[[RecordedRequest], None]
    """Gets each request before it takes effect."""

    on_answer: Callable[[RecordedRequest], None]
    """Gets each request again, with its status, before its answer is sent."""

    on_worker_line: Callable[[str], None]
    """Gets each line that a Worker says: what it logs, and what it throws."""

    log: Callable[[str], None]
    """Gets one line for each request before its answer is sent, and what goes wrong inside."""


# An emulator that runs for days must not fill the memory with what it was asked.
_MAX_REQUESTS: Final = 100_000


class RequestLog:
    """The last recorded requests, in the order in which they arrived."""

    def __init__(
        self,
        *,
        on_request: Callable[[RecordedRequest], None] = lambda _request: None,
        on_answer: Callable[[RecordedRequest], None] = lambda _request: None,
        on_worker_line: Callable[[str], None] = lambda _line: None,
        log: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.worker_said: Final = on_worker_line
        """Tell a line that a Worker says."""
        self._on_request = on_request
        self._on_answer = on_answer
        self._log = log
        self._lock = threading.Lock()
        self._arrivals = 0
        self._requests: dict[int, RecordedRequest] = {}

    def arrived(self, request: RecordedRequest) -> int:
        """Record and tell a request that has not taken effect; the number is for `answered`."""
        with self._lock:
            self._arrivals += 1
            number = self._arrivals
            self._requests[number] = request
            self._requests.pop(number - _MAX_REQUESTS, None)
        self._on_request(request)
        return number

    def answered(self, number: int, request: RecordedRequest, *, status: int) -> None:
        """Record and tell the status of an answer that is about to be sent."""
        answered = replace(request, status=status)
        with self._lock:
            if number in self._requests:
                self._requests[number] = answered
        self._on_answer(answered)
        self._log(f"{request.method} {request.path} {status}")

    def report(self, text: str) -> None:
        """Tell what went wrong inside: a traceback."""
        self._log(text)

    def all(self) -> tuple[RecordedRequest, ...]:
        """Everything so far, the last hundred thousand at most."""
        with self._lock:
            return tuple(self._requests.values())
