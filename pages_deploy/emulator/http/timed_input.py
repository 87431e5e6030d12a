"""What a client sends, within limits of time: nobody holds a connection by saying nothing."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a connection waits for its client."""

    idle_seconds: float = 400.0
    """For the first byte of a request, as Cloudflare does:
    https://developers.cloudflare.com/fundamentals/reference/connection-limits/"""

    head_seconds: float = 30.0
    """From that byte to the end of the head."""

    body_seconds: float = 600.0
    """From the head to the end of the body, and for taking the answer."""

    silence_seconds: float = 60.0
    """The longest silence within a head or a body."""

    farewell_seconds: float = 2.0
    """For what is still on its way when a bad request has been answered."""


class TimedInput(io.RawIOBase):
    """The bytes of a connection. Reading raises TimeoutError once the time allowed is over."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._silence_seconds = 0.0
        self._ends_on = 0.0

    def allow(self, seconds: float, *, silence_seconds: float) -> None:
        """From now on there are so many seconds for all that is read, and for each silence."""
        self._ends_on = time.monotonic() + seconds
        self._silence_seconds = silence_seconds

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what is there, or wait for something; 0 when the client has left."""
        left = self._ends_on - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, self._silence_seconds))
        return self._connection.recv_into(buffer)
