"""Faults to order: what a network or a gateway can do to one request.

Patterns are those of `fnmatch` (`*` crosses slashes, `?`, `[...]`, case matters). A request to the
API is matched by its path below `/client/v4`, such as `/pages/assets/upload`; a request to a site
by host and path, such as `demo.localhost/index.html`.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Any answer, in place of the emulator's own."""

    status: int
    """HTTP status."""

    body: str | bytes = b""
    """A text is sent as UTF-8."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields by name; without a `Date` it gets the emulator's."""

    is_processed: bool = False
    """Whether the request takes effect first, and its own answer is lost."""

    @classmethod
    def error(
        cls, status: int, code: int, *, message: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Cloudflare's envelope around one error; without a message it gets one."""
        envelope = {
            "success": False,
            "result": None,
            "errors": [{"code": code, "message": message or f"injected error {code}"}],
            "messages": [],
        }
        fields = {"Content-Type": "application/json", **(headers or {})}
        return cls(status=status, body=json.dumps(envelope), headers=fields)


@dataclass(frozen=True)
class ConnectionReset:
    """The connection is reset; the request takes no effect."""


@dataclass(frozen=True)
class LostAnswer:
    """The request takes effect; then the connection ends without an answer."""

    is_reset: bool = True
    """Whether the end is a reset, else the connection is closed in an orderly way."""


@dataclass(frozen=True)
class Stall:
    """Nothing happens for a while; then the request is answered, if its sender is still there."""

    seconds: float | None = None
    """How long; None means until the emulator closes, and no answer."""

    is_processed: bool = False
    """Whether the request takes effect before, whoever is there, else after."""


@dataclass(frozen=True)
class TruncatedAnswer:
    """The request takes effect; half of the answer arrives, then the connection ends."""


@dataclass(frozen=True)
class EndlessAnswer:
    """An answer begins and does not end, until its reader or the emulator leaves."""

    part: Literal["head", "body"] = "body"
    """Where it stays: it brings one header field after another, or one chunk."""

    seconds_between: float = 0.0
    """How long it rests after each byte; with 0 it comes as fast as it is taken."""

    is_processed: bool = False
    """Whether the request takes effect before."""


@dataclass(frozen=True)
class ExpiredUploadToken:
    """As if the upload token had expired a moment ago: HTTP 403, plain text `Expired JWT`."""


Fault = (
    Answer
    | ConnectionReset
    | LostAnswer
    | Stall
    | TruncatedAnswer
    | EndlessAnswer
    | ExpiredUploadToken
)
"""What can be ordered."""


@dataclass
class _Order:
    method: str
    path_pattern: str
    fault: Fault
    times_left: int | None


class Faults:
    """Orders for faults, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order] = []

    def order(self, method: str, path_pattern: str, *, fault: Fault, times: int | None) -> None:
        """The next `times` matching requests get the fault; None means all of them.

        Method `*` matches every method.
        """
        with self._lock:
            self._orders.append(_Order(method.upper(), path_pattern, fault, times))

    def cancel_all(self) -> None:
        """Requests are answered as they should be again."""
        with self._lock:
            self._orders.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, or None; one that was ordered for once is used up."""
        with self._lock:
            for order in self._orders:
                if order.method not in ("*", method.upper()):
                    continue
                if not fnmatchcase(path, order.path_pattern):
                    continue
                if order.times_left is not None:
                    order.times_left -= 1
                    if order.times_left <= 0:
                        self._orders.remove(order)
                return order.fault
        return None
