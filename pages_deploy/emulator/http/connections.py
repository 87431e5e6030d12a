"""HTTP/1.1 for a WSGI application: one thread for each connection, and connections that stay open.

Werkzeug's own handler closes after every answer, which costs a client that uploads in parallel a
new connection for each request. Here the rest of a body that the application did not want is read
away first, so that the next request begins where it should.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import traceback
from typing import IO, TYPE_CHECKING, Final, cast

from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wsgi import LimitedStream

from pages_deploy.emulator.errors import EmulatorError
from pages_deploy.emulator.http.application import RAW_TARGET

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_BACKLOG: Final = 128
_PIECE_BYTES: Final = 1024 * 1024
# Above this much unwanted body the connection is closed instead.
_MAX_UNREAD_BYTES: Final = 256 * 1024 * 1024
# A thread that is in the middle of a large upload needs a moment to notice.
_JOIN_SECONDS: Final = 5.0
_SCHEME_AND_HOST: Final = re.compile(rb"^https?://[^/?]*", re.IGNORECASE)
_BODILESS: Final = frozenset({204, 304})


class ConnectionHandler(WSGIRequestHandler):
    """One connection, until either side closes it."""

    protocol_version = "HTTP/1.1"
    # Small answers must not wait for the acknowledgement of the ones before.
    disable_nagle_algorithm = True

    def make_environ(self) -> WSGIEnvironment:
        """The WSGI environment of the request that was just read, with `RAW_TARGET` in it."""
        environ = super().make_environ()
        # `self.path` is no longer what was sent: http.server folds leading slashes. A client that
        # takes the emulator for a proxy sends a whole URL.
        target = self.raw_requestline.split()[1]
        environ[RAW_TARGET] = _SCHEME_AND_HOST.sub(b"", target)
        return environ

    def version_string(self) -> str:
        """The value of the Server header."""
        return "pages-emulator"

    def run_wsgi(self) -> None:
        """Answer the request that was just read."""
        self.environ = environ = self.make_environ()
        body: io.RawIOBase
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"]
        else:
            # Werkzeug too takes a length that is no number for none.
            length = environ.get("CONTENT_LENGTH", "")
            count = int(length) if length.isascii() and length.isdigit() else 0
            body = LimitedStream(cast("IO[bytes]", self.rfile), count)
            environ["wsgi.input"] = body
        started: list[tuple[str, list[tuple[str, str]]]] = []

        # `_exc_info` comes from applications that fail; this one answers every failure itself.
        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            started[:] = [(status, headers)]
            return lambda _data: None

        content = b"".join(self.server.app(environ, start_response))
        if not self._read_away(body):
            self.close_connection = True
        ((status, headers),) = started
        self._send(status, headers, content=content)

    def _read_away(self, body: io.RawIOBase) -> bool:
        unread = 0
        # A sender who left in the middle shows as an OSError in a chunked body, and as Werkzeug's
        # HTTPException in one of known length.
        with contextlib.suppress(OSError, HTTPException):
            while unread <= _MAX_UNREAD_BYTES:
                piece = body.read(_PIECE_BYTES)
                if not piece:
                    return True
                unread += len(piece)
        return False

    def _send(self, status: str, headers: list[tuple[str, str]], *, content: bytes) -> None:
        code, _, reason = status.partition(" ")
        # In place of `send_response`, which adds a date of its own.
        self.send_response_only(int(code), reason)
        self.send_header("Server", self.version_string())
        for name, value in headers:
            self.send_header(name, value)
        names = {name.lower() for name, _ in headers}
        if int(code) in _BODILESS:
            content = b""
        elif "content-length" not in names:
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection and "connection" not in names:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log(self, *_args: object) -> None:
        """Nothing: the application reports each request itself."""


class Server(ThreadedWSGIServer):
    """The listening socket and the threads of its connections; `report` gets what they die of."""

    def __init__(
        self, listener: socket.socket, app: WSGIApplication, *, report: Callable[[str], None]
    ) -> None:
        host, port = listener.getsockname()[:2]
        # The duplicate that the server makes of the descriptor is its own to close.
        super().__init__(host, port, app, handler=ConnectionHandler, fd=listener.fileno())
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
