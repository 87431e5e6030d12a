"""A server by hand, for what the emulator cannot do: TLS, connections that break, raw requests."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl on this machine"
)


@dataclass(frozen=True)
class Received:
    """One request as it was sent."""

    method: str
    target: str
    # By name in lower case.
    headers: Mapping[str, str]
    body: bytes


class Break(Exception):  # noqa: N818 - no error: an order to the server
    """Ends the connection, in a way of its own, in place of an answer."""

    def __init__(self, how: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self.how = how


@contextlib.contextmanager
def serving(
    answer: Callable[[Received], bytes], *, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve in a thread, by a function that returns whole answers; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            try:
                self.wfile.write(answer(Received(self.command, self.path, headers, body)))
            except Break as order:
                self.close_connection = True
                order.how(self.connection)

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, object]:
            connection, address = super().get_request()
            if tls is not None:
                # In the connection's own thread, so that a slow client stops nobody.
                connection = tls.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
            return connection, address

        def handle_error(self, *_args: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def json_answer(body: bytes, status: int = 200) -> bytes:
    """Put a body into a whole answer."""
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


def passed_on(emulator: Emulator, request: Received) -> bytes:
    """Let the emulator answer."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    try:
        connection.request(
            request.method, request.target, request.body, headers=dict(request.headers)
        )
        answer = connection.getresponse()
        return json_answer(answer.read(), answer.status)
    finally:
        connection.close()


def cut(connection: socket.socket) -> None:
    """End the connection without a goodbye of TLS."""
    connection.shutdown(socket.SHUT_RDWR)


def broken_off(part: bytes) -> Break:
    """Send a part of an answer and end the connection."""

    def how(connection: socket.socket) -> None:
        connection.sendall(part)
        cut(connection)

    return Break(how)


def reset(connection: socket.socket) -> None:
    """End the connection with RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())


def garble(connection: socket.socket) -> None:
    """Send what is neither TLS nor HTTP."""
    with socket.socket(fileno=os.dup(connection.fileno())) as below:
        below.sendall(b"\x00" * 64 + b"\r\n\r\n")
    cut(connection)


def make_certificate(directory: Path) -> tuple[Path, Path]:
    """Make a certificate of 127.0.0.1 that vouches for itself, and its key."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", *curve, *name, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return certificate, key


def tls_context(directory: Path) -> ssl.SSLContext:
    """Make what a server needs to speak TLS under a certificate that vouches for itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(directory))
    return context
