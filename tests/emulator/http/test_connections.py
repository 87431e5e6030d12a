"""Connections: how long they stay open, and who leaves them."""

from __future__ import annotations

import http.client
import socket

from pages_deploy.emulator import Emulator
from tests.emulator.direct_upload import DirectUpload


def test_connection_stays_open_between_requests(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    try:
        # The second request would start in the middle of the first one's body, were that unread.
        for body in (b"x" * 100_000, b"", b"y"):
            connection.request("POST", "/client/v4/unknown", body=body)
            own_port = connection.sock.getsockname()[1]
            answer = connection.getresponse()
            assert (answer.status, answer.version) == (501, 11)
            answer.read()
            assert connection.sock is not None
            assert connection.sock.getsockname()[1] == own_port
    finally:
        connection.close()


def test_client_that_wants_to_close(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    connection.request("GET", "/client/v4/x", headers={"Connection": "close"})
    answer = connection.getresponse()
    assert answer.getheader("Connection") == "close"
    answer.read()
    connection.close()


def test_client_that_leaves_in_the_middle_of_a_body() -> None:
    lines: list[str] = []
    with Emulator(log=lines.append) as emulator:
        for framing in (b"Content-Length: 1000", b"Transfer-Encoding: chunked"):
            with socket.create_connection(("127.0.0.1", emulator.port)) as connection:
                connection.sendall(b"POST /client/v4/x HTTP/1.1\r\nHost: x\r\n" + framing)
                connection.sendall(b"\r\n\r\nabc")
        with DirectUpload(emulator) as client:
            assert client.call("GET", "/accounts").status_code == 200
    assert not [line for line in lines if "Traceback" in line]
