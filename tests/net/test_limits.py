"""Answers without end, in size or in time: each ends in an error of its own."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from pages_deploy.net.bodies import Pieces
from pages_deploy.net.failures import Failure, NoAnswerError
from pages_deploy.net.limits import BODY_BYTES
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from tests.raw_server import (
    Break,
    Received,
    json_answer,
    make_certificate,
    needs_openssl,
    serving,
    tls_context,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

SILENCE_SECONDS = 0.6
LARGE_BYTES = 8_000_000
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def endless(begin: bytes, piece: bytes, *, seconds_between: float = 0.0) -> Break:
    """Send one piece after another until the reader leaves."""

    def how(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(begin)
            while True:
                time.sleep(seconds_between)
                connection.sendall(piece)

    return Break(how)


def failure_of(answer: Callable[[Received], bytes]) -> Failure:
    with serving(answer) as port, new_session() as session:
        address = f"http://127.0.0.1:{port}/"
        request = Request("GET", address, read_timeout_seconds=SILENCE_SECONDS)
        with pytest.raises(NoAnswerError) as info:
            session.send(request)
        with pytest.raises(NoAnswerError), session.opened(request) as received:
            # Its reader may count for itself, but neither waits nor stores without end.
            for _ in received.pieces(1 << 16):
                pass
    failure = info.value.failure
    assert failure.reason in info.value.message
    assert failure.sent
    assert failure.repeatable
    assert failure.hint
    return failure


def breaking(order: Break) -> Callable[[Received], bytes]:
    def answer(_received: Received) -> bytes:
        raise order

    return answer


SLOW = {
    "status line": (b"HTTP/1.1 200 ", b"x"),
    "one header": (OK + b"X-Long: ", b"x"),
    "headers": (OK, b"X: y\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (OK + b"Content-Length: 100000\r\n\r\n", b"x"),
    "body until it closes": (OK + b"\r\n", b"x"),
    "chunks": (CHUNKED, b"1\r\nx\r\n"),
    "one chunk": (CHUNKED + b"fffff\r\n", b"x"),
    "the length of a chunk": (CHUNKED, b"0"),
    "an extension of a chunk": (CHUNKED + b"1;", b"x"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize("where", SLOW)
def test_a_piece_now_and_then_does_not_go_on_for_ever(where: str) -> None:
    begin, piece = SLOW[where]
    failure = failure_of(breaking(endless(begin, piece, seconds_between=0.05)))
    if "ended" not in failure.reason:
        assert failure.reason == f"the answer did not finish within {SILENCE_SECONDS:g} seconds"
        assert failure.silent


FAST = {
    "status line": (b"HTTP/1.1 200 ", b"x" * 4096),
    "one header": (OK + b"X-Long: ", b"x" * 4096),
    "headers": (OK, b"X: y\r\n" * 100),
    "long headers": (OK, b"X: " + b"y" * 60_000 + b"\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}


@pytest.mark.parametrize("where", FAST)
def test_a_head_without_end_is_not_read(where: str) -> None:
    begin, piece = FAST[where]
    failure = failure_of(breaking(endless(begin, piece)))
    assert "the head of the answer is" in failure.reason


LARGE = {
    "chunks": (CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n"),
    "body": (OK + b"Content-Length: 1000000000000\r\n\r\n", b"x" * 65536),
    "body until it closes": (OK + b"\r\n", b"x" * 65536),
}


@pytest.mark.parametrize("where", LARGE)
def test_a_body_without_end_is_not_read(where: str) -> None:
    begin, piece = LARGE[where]
    with (
        serving(breaking(endless(begin, piece))) as port,
        new_session() as session,
        pytest.raises(NoAnswerError, match="the answer is larger than 16 MiB") as info,
    ):
        session.send(Request("GET", f"http://127.0.0.1:{port}/"))
    assert not info.value.failure.silent


def encoded(name: str, body: bytes) -> bytes:
    head = f"Content-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n"
    return OK + head.encode() + body


BOMB = bytes(4 * BODY_BYTES)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(BOMB)),
        ("deflate", zlib.compress(BOMB)),
        ("gzip, gzip", gzip.compress(gzip.compress(BOMB))),
    ],
    ids=["gzip", "deflate", "twice"],
)
def test_what_is_large_only_when_it_is_unpacked_is_not_unpacked(name: str, body: bytes) -> None:
    with (
        serving(lambda _received: encoded(name, body)) as port,
        new_session() as session,
        pytest.raises(NoAnswerError, match="the answer is larger than 16 MiB"),
    ):
        session.send(Request("GET", f"http://127.0.0.1:{port}/"))


def test_a_large_answer_that_ends_is_read() -> None:
    body = bytes(range(256)) * 4 * 4096
    packed = encoded("gzip", gzip.compress(body))
    answers = [json_answer(body), packed]
    with serving(lambda _received: answers.pop()) as port, new_session() as session:
        for _ in range(2):
            assert session.send(Request("GET", f"http://127.0.0.1:{port}/")).content == body


def test_the_time_for_an_answer_begins_with_its_first_byte() -> None:
    """A server may think as long as it may be silent, and still has time to say it all."""

    def how(connection: socket.socket) -> None:
        time.sleep(1.2)
        connection.sendall(OK + b"Content-Length: 4\r\n\r\nab")
        time.sleep(1.2)
        connection.sendall(b"cd")

    with serving(breaking(Break(how))) as port, new_session() as session:
        request = Request("GET", f"http://127.0.0.1:{port}/", read_timeout_seconds=2.0)
        assert session.send(request).content == b"abcd"


def test_a_connection_serves_the_next_request_with_all_of_its_time() -> None:
    answered: list[str] = []

    def answer(received: Received) -> bytes:
        answered.append(received.target)
        time.sleep(0.6)
        return json_answer(b"{}")

    with serving(answer) as port, new_session() as session:
        for number in range(4):
            address = f"http://127.0.0.1:{port}/{number}"
            assert session.send(Request("GET", address, read_timeout_seconds=2.0)).status == 200
    assert len(answered) == 4


def read_late(
    listener: socket.socket, context: ssl.SSLContext | None, *, after_seconds: float
) -> None:
    """Take one request, but nothing of it at first; answer once it is read to its end."""
    connection, _ = listener.accept()
    if context is not None:
        connection = context.wrap_socket(connection, server_side=True)
    with connection:
        time.sleep(after_seconds)
        head, _, body = connection.recv(4096).partition(b"\r\n\r\n")
        left = LARGE_BYTES - len(body)
        assert b"Content-Length: %d" % LARGE_BYTES in head
        while left > 0 and (piece := connection.recv(1 << 16)):
            left -= len(piece)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("scheme", ["http", pytest.param("https", marks=needs_openssl)])
def test_a_write_may_take_longer_than_a_connection(tmp_path: Path, scheme: str) -> None:
    bundle, context = None, None
    if scheme == "https":
        bundle = str(make_certificate(tmp_path)[0])
        context = tls_context(tmp_path)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        new_session(ca_bundle=bundle) as session,
        ThreadPoolExecutor(1) as beside,
    ):
        # What the system takes by itself is soon full.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        beside.submit(read_late, listener, context, after_seconds=3 * SILENCE_SECONDS)
        request = Request(
            "POST",
            f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/",
            body=Pieces(bytes(LARGE_BYTES)),
            connect_timeout_seconds=SILENCE_SECONDS,
            read_timeout_seconds=30.0,
        )
        assert session.send(request).content == b"ok"


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[int, str]]:
    certificate, _ = make_certificate(tmp_path)
    context = tls_context(tmp_path)
    order = endless(OK + b"Content-Length: 100000\r\n\r\n", b"x", seconds_between=0.05)
    with serving(breaking(order), tls=context) as port:
        yield port, str(certificate)


@needs_openssl
def test_an_encrypted_answer_has_no_more_time(encrypted: tuple[int, str]) -> None:
    port, bundle = encrypted
    request = Request("GET", f"https://127.0.0.1:{port}/", read_timeout_seconds=SILENCE_SECONDS)
    with (
        new_session(ca_bundle=bundle) as session,
        pytest.raises(NoAnswerError, match="did not finish within"),
    ):
        session.send(request)


@pytest.mark.parametrize("seconds_between", [0.0, 0.05])
def test_nor_has_the_answer_of_a_proxy(
    monkeypatch: pytest.MonkeyPatch, seconds_between: float
) -> None:
    order = endless(OK, b"X: " + b"y" * 4096 + b"\r\n", seconds_between=seconds_between)
    with serving(breaking(order)) as port, new_session() as session:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        request = Request(
            "GET",
            "https://host.test/",
            connect_timeout_seconds=SILENCE_SECONDS,
            read_timeout_seconds=SILENCE_SECONDS,
        )
        with pytest.raises(NoAnswerError, match=r"head of the answer|did not finish within"):
            session.send(request)
