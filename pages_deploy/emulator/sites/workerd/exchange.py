"""One request to a running Worker, and its answer.

1. The body is received whole, into a file where it is large: a client sends all of its request
   before it reads an answer, and a Worker that answers while it reads would wait for it for ever.
2. Everything goes to the Worker as it came, but for the fields that belong to the connection. A
   large body goes beside, in a thread, while the answer comes.
3. The answer is passed on piece by piece, as it comes.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Protocol

from pages_deploy.emulator.sites.workerd.failures import BrokenOffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Fields = tuple[tuple[str, str], ...]
"""Names and values of header fields, bytes above ASCII as Latin-1."""

_PIECE_BYTES: Final = 64 * 1024
_IN_MEMORY_BYTES: Final = 1024 * 1024
# How long an answer that has begun may pause; its end is up to the Worker.
_SILENCE_SECONDS: Final = 600.0
# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_OF_CONNECTION: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "http2-settings"),
    }
)
_OF_BODY: Final = frozenset({"content-length", "transfer-encoding"})
# Told anew, and what the emulator has answered itself.
_OF_REQUEST: Final = _OF_CONNECTION | _OF_BODY | {"expect", "host"}


class Reads(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True, kw_only=True)
class WorkerRequest:
    """What a visitor asks, as it came."""

    method: str
    """As sent."""

    target: str
    """Path and query, percent-encoded."""

    host: str
    """The Host field."""

    fields: Fields
    """The other header fields, repeated ones too."""

    body: Reads
    """The body."""

    @property
    def has_body(self) -> bool:
        """Whether there is a body, if only an empty one."""
        return any(name.lower() in _OF_BODY for name, _ in self.fields)

    @property
    def wants_websocket(self) -> bool:
        """Whether it is to become something else than HTTP."""
        return ("upgrade", "websocket") in {
            (name.lower(), value.lower()) for name, value in self.fields
        }


class WorkerAnswer:
    """An answer whose head has come; its body is in it, piece by piece. To be closed."""

    def __init__(self, response: http.client.HTTPResponse, resources: contextlib.ExitStack) -> None:
        self.status: Final = response.status
        """HTTP status."""
        self.fields: Final = _without(response.getheaders(), _OF_CONNECTION)
        """The header fields."""
        self._response = response
        self._resources = resources
        # None for a body in chunks.
        self._left = response.length

    def __iter__(self) -> Iterator[bytes]:
        """Raises BrokenOffError where the Worker does not come to the end."""
        while self._left != 0:
            try:
                piece = self._response.read1(min(_PIECE_BYTES, self._left or _PIECE_BYTES))
            except (OSError, http.client.HTTPException) as error:
                raise BrokenOffError(f"the Worker broke off: {error}") from error
            if piece and self._left is not None:
                self._left -= len(piece)
            elif not piece and self._left is not None:
                raise BrokenOffError("the Worker broke off")
            elif not piece:
                return
            yield piece

    def beginning(self, size: int) -> str:
        """So many bytes of the body at least, if it has them, as text."""
        body = b""
        for piece in self:
            body += piece
            if len(body) >= size:
                break
        return body.decode(errors="replace")

    def close(self) -> None:
        """Let go of the Worker, whether or not it has said everything."""
        self._resources.close()


def received(body: Reads) -> IO[bytes]:
    """All of a body, as a file. Raises Werkzeug's HTTP exceptions for one that does not come."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - for the caller
    try:
        while piece := body.read(_PIECE_BYTES):
            file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def ask(
    request: WorkerRequest,
    body: IO[bytes],
    *,
    port: int,
    seconds: float,
    resources: contextlib.ExitStack,
) -> WorkerAnswer:
    """Send a request to a Worker on this machine; `resources` are closed with its answer.

    Raises OSError or HTTPException where there is no answer, TimeoutError where its head does not
    come in time.
    """
    length = body.seek(0, io.SEEK_END)
    body.seek(0)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    resources.callback(connection.close)
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", request.host)
    for name, value in _without(request.fields, _OF_REQUEST):
        connection.putheader(name, value)
    if request.has_body:
        connection.putheader("Content-Length", str(length))
    connection.endheaders()
    opened = connection.sock
    if length <= _PIECE_BYTES:
        # That much always fits into the buffers.
        _send(body, opened)
    else:
        sender = threading.Thread(target=_send, args=(body, opened), daemon=True)
        sender.start()
        resources.callback(sender.join)
        resources.callback(_hang_up, opened)
    response = connection.getresponse()
    resources.callback(response.close)
    resources.callback(_hang_up, opened)
    opened.settimeout(_SILENCE_SECONDS)
    return WorkerAnswer(response, resources)


def _send(body: IO[bytes], connection: socket.socket) -> None:
    # A Worker may well answer without having read it all, and what it answers is what counts.
    with contextlib.suppress(OSError, ValueError):
        while piece := body.read(_PIECE_BYTES):
            connection.sendall(piece)


def _hang_up(connection: socket.socket) -> None:
    # Closing alone would not wake the thread that is sending.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _without(fields: Iterable[tuple[str, str]], names: frozenset[str]) -> Fields:
    """Header fields without those of these names, and without what `Connection` names."""
    listed = [(name, value) for name, value in fields]
    wishes = ",".join(value for name, value in listed if name.lower() == "connection")
    dropped = names | {wish.strip().lower() for wish in wishes.split(",")}
    return tuple((name, value) for name, value in listed if name.lower() not in dropped)
