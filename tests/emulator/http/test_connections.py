"""Connections: how long they stay open, and who leaves them."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import HTTPException

from pages_deploy.emulator import Emulator
from pages_deploy.emulator.http.connections import Server, listen
from pages_deploy.emulator.http.faults import TruncatedAnswer
from pages_deploy.emulator.http.served import Served
from pages_deploy.emulator.http.timed_input import Patience
from tests.emulator.direct_upload import DirectUpload
from tests.emulator.http.raw_requests import HEAD, Said, connection_to, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


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


def test_an_answer_that_says_it_is_the_last_is_the_last(emulator: Emulator) -> None:
    """Also where it promises more than it has: who waits for the rest learns that none comes."""
    emulator.fail_next("GET", "/x", TruncatedAnswer())
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    connection.request("GET", "/client/v4/x")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
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


IMPATIENT = Patience(
    idle_seconds=0.2, head_seconds=0.2, body_seconds=0.2, silence_seconds=0.1, farewell_seconds=0.1
)


def answer_ok(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    body = b""
    # The emulator's own application answers, too, when the body fails.
    with contextlib.suppress(HTTPException):
        body = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [body]


@pytest.fixture
def impatient() -> Iterator[int]:
    """The port of a server that waits for nobody."""
    reports: list[str] = []
    with listen("127.0.0.1", 0) as listener:
        server = Server(listener, answer_ok, report=reports.append, patience=IMPATIENT)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.close_connections()
    server.server_close()
    assert reports == []


@pytest.mark.parametrize("sent", [b"", b"\r\nGET / HT", HEAD, HEAD + b"X: a\r\nX: "])
def test_who_says_nothing_more_is_not_waited_for(impatient: int, sent: bytes) -> None:
    with connection_to(impatient) as connection:
        connection.sendall(sent)
        said = Said(read_all(connection))
    # Whoever has not begun a request has nothing to be told.
    assert said.statuses == ([408] if sent else [])


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(HEAD, id="head"),
        pytest.param(HEAD + b"Content-Length: 1000000\r\n\r\n", id="body"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", id="chunks"),
    ],
)
def test_a_drop_now_and_then_does_not_hold_a_connection(impatient: int, begun: bytes) -> None:
    with connection_to(impatient) as connection:
        connection.sendall(begun)
        with contextlib.suppress(OSError):
            # Each of the drops comes in time; all of them together do not.
            while not select.select([connection], [], [], 0.02)[0]:
                connection.sendall(b"1\r\na\r\n" if b"chunked" in begun else b"a")
        with contextlib.suppress(OSError):
            read_all(connection)


def test_what_comes_in_time_is_answered(impatient: int) -> None:
    with connection_to(impatient) as connection:
        for _ in range(3):
            connection.sendall(HEAD + b"Content-Length: 3\r\n\r\nabc")
            received = b""
            while not received.endswith(b"\r\n\r\nabc"):
                received += connection.recv(65536)


def test_a_body_that_does_not_come_is_a_timeout(impatient: int) -> None:
    with connection_to(impatient) as connection:
        connection.sendall(HEAD + b"Content-Length: 3\r\n\r\na")
        assert Said(read_all(connection)).statuses == [408]


def answer_in_pieces(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    return iter([b"abc", b"", b"de"])


@pytest.mark.parametrize(
    ("request_line", "ends"),
    [
        (b"GET / HTTP/1.1", [b"Transfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"]),
        (b"HEAD / HTTP/1.1", [b"Server: pages-emulator", b""]),
        (b"GET / HTTP/1.0", [b"Connection: close", b"abcde"]),
    ],
    ids=["chunks", "HEAD", "old"],
)
def test_a_body_of_unknown_length_comes_in_chunks_where_the_client_knows_them(
    request_line: bytes, ends: list[bytes]
) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        served = Served(listener, answer_in_pieces, report=print, max_body_bytes=1)
    with connection_to(port) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        received = read_all(connection)
    served.stop_accepting()
    served.close()
    head, _, body = received.partition(b"\r\n\r\n")
    assert [head.split(b"\r\n")[-1], body] == ends
    assert b"Content-Length" not in head


def test_a_refusal_after_head_has_a_body(emulator: Emulator) -> None:
    with connection_to(emulator.port) as connection:
        connection.sendall(b"HEAD /client/v4/x HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
        received = read_all(connection)
    assert received.endswith(b"a target and a version of HTTP.\n")
