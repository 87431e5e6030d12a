"""How much of an answer is read, and for how long anything may take, whatever its server does.

1. Every read of a socket counts: the head of an answer may have HEAD_BYTES, the whole WIRE_BYTES.
2. From its first byte on an answer may take as long as the server may be silent before that; a
   byte every half second would never fall silent.
3. Whoever reads the body counts once more: decompressed, it may be a thousand times as long.
4. Each write of a request has as long as a silence, too: the time for a connection, which urllib3
   gives it, is too short for a slow line.
"""

from __future__ import annotations

import http.client
import io
import threading
import time
from typing import TYPE_CHECKING, Any

import urllib3
import urllib3.connection
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    import requests
    from _typeshed import WriteableBuffer

# Cloudflare's own servers send a few hundred bytes, and take 128 KiB from others.
HEAD_BYTES = 256 * 1024
# The largest asset that Pages serves has 25 MiB.
WIRE_BYTES = 64 * 1024 * 1024
# The longest answer that is read whole, the list of 100,000 missing files, has 3.5 MB.
BODY_BYTES = 16 * 1024 * 1024
PIECE_BYTES = 64 * 1024


class AnswerLimitError(Exception):
    """An answer is larger, or takes longer, than any that is meant well.

    No OSError, which urllib3 would take for a connection that broke.
    """

    def __init__(self, reason: str, *, is_slow: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_slow = is_slow


def whole_body(pieces: Iterable[bytes]) -> bytes:
    """Return a body, decompressed; raises AnswerLimitError above BODY_BYTES."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > BODY_BYTES:
            raise _too_large("the answer", BODY_BYTES)
    return bytes(body)


class LimitedAdapter(HTTPAdapter):
    """Reads answers as far as the limits go; raises AnswerLimitError beyond."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request as requests does, which names its two times by a keyword."""
        _, _silence.seconds = kwargs["timeout"]
        return super().send(request, *args, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections that count, as requests does other ones."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Likewise through a proxy that speaks HTTP."""
        manager = super().proxy_manager_for(*args, **kwargs)
        if isinstance(manager, urllib3.ProxyManager):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Wire(io.RawIOBase):
    """The bytes of one answer as they come out of a socket."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._socket = connection
        self._silence_seconds = connection.gettimeout()
        # Sockets know real time alone.
        self._deadline: float | None = None
        self._received_bytes = 0
        self.head_is_read = False

    def readable(self) -> bool:
        """Whether this can be read from, which a buffer asks before it does."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what is there into a buffer; raises AnswerLimitError, and TimeoutError."""
        try:
            self._hurry()
            count = self._raw.readinto(buffer)
        except TimeoutError:
            # Of a read that had less than the time for a silence.
            self._hurry()
            raise
        if self._deadline is None and self._silence_seconds is not None:
            self._deadline = time.monotonic() + self._silence_seconds
        self._received_bytes += count or 0
        if not self.head_is_read and self._received_bytes > HEAD_BYTES:
            raise _too_large("the head of the answer", HEAD_BYTES)
        if self._received_bytes > WIRE_BYTES:
            raise _too_large("the answer", WIRE_BYTES)
        return count

    def _hurry(self) -> None:
        """Leave the next read no more time than the answer has."""
        if self._deadline is None or self._silence_seconds is None:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            reason = f"the answer did not finish within {self._silence_seconds:g} seconds"
            raise AnswerLimitError(reason, is_slow=True)
        self._socket.settimeout(left)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer, or that of a proxy to CONNECT, which is read through a `_Wire`."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._wire = _Wire(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._wire)

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        self._wire.head_is_read = True


# How long the server may be silent during the request that a thread is sending.
_silence = threading.local()


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        """Send a piece of a request, which may take as long as a silence."""
        if self.sock is not None:
            self.sock.settimeout(_silence.seconds)
        super().send(data)


class _EncryptedConnection(_Connection, urllib3.connection.HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _EncryptedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection


_POOLS = {"http": _Pool, "https": _EncryptedPool}


def _too_large(what: str, most_bytes: int) -> AnswerLimitError:
    amount = f"{most_bytes // 1024} KiB" if most_bytes < 1024**2 else f"{most_bytes // 1024**2} MiB"
    return AnswerLimitError(f"{what} is larger than {amount}")
