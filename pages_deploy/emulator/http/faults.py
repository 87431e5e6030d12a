"""Faults to order: what a network or a gateway can do to one request.

Patterns are those of `fnmatch` (`*` crosses slashes, `?`, `[...]`, case matters). A request to the
API is matched by its path below `/client/v4`, such as `/pages/assets/upload`; a request to a site
by host and path, such as `demo.localhost/index.html`.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Any answer. With `is_processed` the request takes effect first, its own answer is lost."""

    status: int
    body: str | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_processed: bool = False

    @classmethod
    def error(
        cls, status: int, code: int, *, message: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Cloudflare's envelope around one error."""
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
    """The request takes effect; then the connection is reset without an answer.

    Without `is_reset` it is closed in an orderly way.
    """

    is_reset: bool = True


@dataclass(frozen=True)
class Stall:
    """Nothing happens for `seconds`, or until the emulator closes if that is None.

    Then the request is processed and answered, provided that its sender is still there. With
    `is_processed` it takes effect before, whoever is there.
    """

    seconds: float | None = None
    is_processed: bool = False


@dataclass(frozen=True)
class TruncatedAnswer:
    """The request takes effect; half of the answer arrives, then the connection ends."""


@dataclass(frozen=True)
class ExpiredUploadToken:
    """As if the upload token had expired a moment ago: HTTP 403, plain text `Expired JWT`."""


Fault = Answer | ConnectionReset | LostAnswer | Stall | TruncatedAnswer | ExpiredUploadToken


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
        """The fault for this request, if one was ordered."""
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


def reset(connection: socket.socket) -> None:
    """End the connection with RST in place of FIN, at once and for every holder of the socket."""
    # Linger on with zero seconds: closing throws away what is unsent and resets.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # An ordinary close() waits for the files made of the socket; this one does not.
    socket.close(connection.detach())


def has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
