"""HTTP/1.1 for a WSGI application: one thread for each connection, and connections that stay open.

Werkzeug's own handler closes after every answer, which costs a client that uploads in parallel a
new connection for each request. Here:

1. the head is read, strictly and within limits; what is no request gets a sentence in plain text
   and the connection closes;
2. the application answers;
3. the rest of a body that it did not want is read away, so that the next request begins where it
   should; a body that is broken is a bad request, whatever the application said.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import sys
import threading
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException, RequestTimeout
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from pages_deploy.emulator.errors import EmulatorError
from pages_deploy.emulator.http.api_hosts import LOCAL_ADDRESS
from pages_deploy.emulator.http.request_body import Body
from pages_deploy.emulator.http.request_head import Head, read_head
from pages_deploy.emulator.http.site_requests import RAW_FIELDS, RAW_TARGET
from pages_deploy.emulator.http.timed_input import Patience, TimedInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_BACKLOG: Final = 128
_BUFFER_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 1024 * 1024
# Above this much unwanted body the connection is closed instead.
_MAX_UNREAD_BYTES: Final = 256 * 1024 * 1024
_MAX_FAREWELL_PIECES: Final = 64
# A thread that is in the middle of a large upload needs a moment to notice.
_JOIN_SECONDS: Final = 5.0
_BODILESS: Final = frozenset({204, 304})
_PATIENCE: Final = Patience()


class ConnectionHandler(WSGIRequestHandler):
    """One connection, until either side closes it."""

    protocol_version = "HTTP/1.1"
    # Small answers must not wait for the acknowledgement of the ones before.
    disable_nagle_algorithm = True

    # For an answer before there is a head.
    command = ""
    request_version = "HTTP/1.1"
    patience = _PATIENCE
    max_body_bytes = sys.maxsize

    def setup(self) -> None:
        """Make the streams of the connection."""
        super().setup()
        self.rfile.close()
        self._input = TimedInput(self.connection)
        self._stream: io.BufferedReader = io.BufferedReader(self._input, _BUFFER_BYTES)
        self.rfile = self._stream

    def handle_one_request(self) -> None:
        """Read a request and answer it; `close_connection` says whether it was the last one."""
        self.close_connection = True
        self.command = ""
        try:
            head = self._read_head()
        except HTTPException as failure:
            self._refuse(failure)
            return
        if head is None:
            return
        self.close_connection = not head.keeps_open
        self._allow(self.patience.body_seconds)
        if head.expects_to_be_asked and head.body_bytes != 0:
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
        self._answer(head)

    def _read_head(self) -> Head | None:
        idle = self.patience.idle_seconds
        self._input.allow(idle, silence_seconds=idle)
        try:
            if not self._stream.peek(1):
                return None
        except TimeoutError:
            return None
        self._allow(self.patience.head_seconds)
        try:
            return read_head(self._stream)
        except TimeoutError as error:
            raise RequestTimeout("The head of the request did not come in time.") from error

    def _allow(self, seconds: float) -> None:
        self._input.allow(seconds, silence_seconds=self.patience.silence_seconds)

    def _environ(self, head: Head, body: Body) -> WSGIEnvironment:
        self.command, self.request_version = head.method, head.version
        # Two slashes in front would be taken for a host.
        self.path = "/" + head.target.decode("latin-1").lstrip("/")
        self.headers = http.client.HTTPMessage()
        for name, value in head.fields:
            self.headers[name] = value
        environ = self.make_environ()
        if head.host is not None:
            environ["HTTP_HOST"] = head.host
        environ["wsgi.input"] = body
        environ["wsgi.input_terminated"] = True
        environ[RAW_TARGET] = head.target
        environ[RAW_FIELDS] = head.fields
        environ[LOCAL_ADDRESS] = self.connection.getsockname()[0]
        return environ

    def version_string(self) -> str:
        """The value of the Server header."""
        return "pages-emulator"

    def _answer(self, head: Head) -> None:
        body = Body(self._stream, length=head.body_bytes, max_bytes=self.max_body_bytes)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        # `_exc_info` comes from applications that fail; this one answers every failure itself.
        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            started[:] = [(status, headers)]
            return lambda _data: None

        answer = self.server.app(self._environ(head, body), start_response)
        try:
            if not body.read_away(_MAX_UNREAD_BYTES):
                self.close_connection = True
            if body.failure is not None:
                self._refuse(body.failure)
                return
            ((status, headers),) = started
            self._send(status, headers, content=answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    def _refuse(self, failure: HTTPException) -> None:
        self.close_connection = True
        status = f"{failure.code} {failure.name}"
        content = f"{failure.description}\n".encode()
        self._send(status, [("Content-Type", "text/plain; charset=utf-8")], content=[content])
        # Closing while something is unread would reset, and could take the answer with it.
        farewell = self.patience.farewell_seconds
        self._input.allow(farewell, silence_seconds=farewell)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            for _ in range(_MAX_FAREWELL_PIECES):
                if not self._stream.read1(_PIECE_BYTES):
                    break

    def _send(
        self, status: str, headers: list[tuple[str, str]], *, content: Iterable[bytes]
    ) -> None:
        fields = {name.lower(): value for name, value in headers}
        names = fields.keys()
        if fields.get("connection", "").lower() == "close":
            self.close_connection = True
        lines = [f"{self.protocol_version} {status}"]
        if "server" not in names:
            lines.append(f"Server: {self.version_string()}")
        lines += [f"{name}: {value}" for name, value in headers]
        has_body = int(status[:3]) not in _BODILESS and self.command != "HEAD"
        pieces = iter(content if has_body else ())
        if has_body and "content-length" not in names:
            if isinstance(content, list):
                lines.append(f"Content-Length: {sum(map(len, content))}")
            elif self.request_version == "HTTP/1.1":
                lines.append("Transfer-Encoding: chunked")
                pieces = _in_chunks(pieces)
            else:
                self.close_connection = True
        if self.close_connection and "connection" not in names:
            lines.append("Connection: close")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.connection.settimeout(self.patience.body_seconds)
        # With the first piece at once: a small answer is one packet.
        self.wfile.write(head + next(pieces, b""))
        for piece in pieces:
            self.wfile.write(piece)

    def log(self, *_args: object) -> None:
        """Nothing: the application reports each request itself."""


def _in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    # Nothing at first, so that the head is not kept back until there is something of the body.
    yield b""
    for piece in pieces:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


class Server(ThreadedWSGIServer):
    """The listening socket and the threads of its connections; `report` gets what they die of."""

    def __init__(
        self,
        listener: socket.socket,
        app: WSGIApplication,
        *,
        report: Callable[[str], None],
        patience: Patience = _PATIENCE,
        max_body_bytes: int = sys.maxsize,
    ) -> None:
        host, port = listener.getsockname()[:2]
        limits = {"patience": patience, "max_body_bytes": max_body_bytes}
        handler = type("Handler", (ConnectionHandler,), limits)
        # The duplicate that the server makes of the descriptor is its own to close.
        super().__init__(host, port, app, handler=handler, fd=listener.fileno())
        self._report = report
        self._connections_lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Answer one connection in a thread of its own."""
        if not isinstance(request, socket.socket):
            raise TypeError("only stream sockets are served")
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._connections_lock:
            self._connections[thread] = request
        thread.start()

    def _serve(self, connection: socket.socket, client_address: object) -> None:
        try:
            self.process_request_thread(connection, client_address)
        finally:
            with self._connections_lock:
                del self._connections[threading.current_thread()]

    def handle_error(self, *_args: object) -> None:
        """Report what a thread died of; by default it would go to standard error."""
        self._report(traceback.format_exc())

    def close_connections(self) -> None:
        """End every connection and wait for its thread. Only after `shutdown`."""
        with self._connections_lock:
            connections = dict(self._connections)
        for connection in connections.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections:
            thread.join(_JOIN_SECONDS)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 means any free one. Raises EmulatorError where there is none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise EmulatorError(f"cannot listen on {host}: {error}") from error
    try:
        # On Windows this option would let two servers have one port.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise EmulatorError(f"cannot listen on {host}, port {port}: {error}") from error
    return listener
