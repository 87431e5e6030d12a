"""What is no request, or could be read in two ways, is a 400 and the last word on a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.http.raw_requests import HEAD, said_to

if TYPE_CHECKING:
    from pages_deploy.emulator import Emulator

# A second request, which must never be answered.
NEXT = b"GET /client/v4/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
GET = b"GET /client/v4/x HTTP/1.1\r\n"


def refused(emulator: Emulator, sent: bytes) -> int:
    said = said_to(emulator, sent + NEXT)
    (status,) = said.statuses
    assert b"\r\nConnection: close\r\n" in said.raw
    assert emulator.requests == ()
    return status


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 3\r\nContent-Length: 3\r\n",
        b"Content-Length: 3\r\ncontent-length: 5\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding:\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: -3\r\n",
        b"Content-Length: 0x3\r\n",
        b"Content-Length: 3_0\r\n",
        b"Content-Length: 3 3\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length:\r\n",
        b"Content-Length: " + b"9" * 30 + b"\r\n",
    ],
)
def test_a_body_has_one_length(emulator: Emulator, fields: bytes) -> None:
    assert refused(emulator, HEAD + fields + b"\r\nabc") == 400


@pytest.mark.parametrize(
    "fields",
    [
        b"X: a\r\n folded\r\n",
        b"X: a\r\n\tfolded\r\n",
        b" X: a\r\n",
        b"X : a\r\n",
        b"X\t: a\r\n",
        b"Content-Length : 3\r\n",
        b"X: a\x00b\r\n",
        b"X\x00: a\r\n",
        b"X: a\rb\r\n",
        b"X: a\nContent-Length: 3\r\n",
        b"X: a\x7f\r\n",
        b"X: a\x1b[31m\r\n",
        b"no colon\r\n",
        b": no name\r\n",
        b"X(: a\r\n",
        b"\xc3\xbc: a\r\n",
        b"Host: localhost\r\n",
    ],
)
def test_a_field_is_a_name_a_colon_and_a_value(emulator: Emulator, fields: bytes) -> None:
    assert refused(emulator, HEAD + fields + b"\r\n") == 400


@pytest.mark.parametrize(
    "line",
    [
        b"GET /",
        b"GET",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"GET\t/\tHTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET /a\x00 HTTP/1.1",
        b"GET /a\x0b HTTP/1.1",
        b"GET / http/1.1",
        b"GET / HTTP/1.10",
        b"GET / HTTP/11",
        b"G{T / HTTP/1.1",
        b"GET evil HTTP/1.1",
        b"CONNECT localhost:443 HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET ftp://localhost/ HTTP/1.1",
        b"GET http:///client/v4/x HTTP/1.1",
        b"GET http://[::1/client/v4/x HTTP/1.1",
        b"GET http://localhost@evil.test/ HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
    ],
)
def test_a_request_line_is_a_method_a_target_and_a_version(emulator: Emulator, line: bytes) -> None:
    assert refused(emulator, line + b"\r\nHost: localhost\r\n\r\n") == 400


@pytest.mark.parametrize(
    "host", [b"", b"Host:\r\n", b"Host: a b\r\n", b"Host: a/b\r\n", b"Host: a,b\r\n"]
)
def test_a_host_is_one_host(emulator: Emulator, host: bytes) -> None:
    assert refused(emulator, GET + host + b"\r\n") == 400


def test_lines_end_with_cr_lf(emulator: Emulator) -> None:
    assert refused(emulator, b"GET / HTTP/1.1\nHost: localhost\n\n") == 400


def test_a_version_that_is_not_spoken(emulator: Emulator) -> None:
    assert refused(emulator, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (HEAD + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (HEAD + (b"X: " + b"a" * 10_000 + b"\r\n") * 20 + b"\r\n", 431),
        (HEAD + b"X: a\r\n" * 200 + b"\r\n", 431),
        # Without an end.
        (b"a" * 3_000_000, 414),
        (HEAD + b"X: a\r\n" * 100_000, 431),
    ],
)
def test_a_head_has_a_limit(emulator: Emulator, sent: bytes, status: int) -> None:
    assert refused(emulator, sent) == status


def test_the_refusal_says_why_in_a_sentence(emulator: Emulator) -> None:
    said = said_to(emulator, HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n")
    head, _, sentence = said.raw.partition(b"\r\n\r\n")
    assert b"Content-Type: text/plain" in head
    assert sentence == b"A request has one Content-Length, or one Transfer-Encoding instead.\n"


@pytest.mark.parametrize("part", [b"", b"GET", GET, HEAD + b"X: a\r\n", b"\r\n"])
def test_who_leaves_before_the_end_of_a_head_gets_no_answer(
    emulator: Emulator, part: bytes
) -> None:
    assert said_to(emulator, part, leaves=True).raw == b""
    assert emulator.requests == ()


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"Host: localhost\r\nConnection: close\r\n\r\n",
        GET + b"host:\tlocalhost \r\nX:\r\nconnection: a, Close\r\n\r\n",
        b"\r\n" + GET + b"Host: localhost\r\nConnection: close\r\n\r\n",
        b"GET /client/v4/x HTTP/1.0\r\n\r\n",
        b"GET /client/v4/x HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
        b"GET HTTP://LOCALHOST/client/v4/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        GET + b"Host: localhost\r\nX: \xc3\xbc\xff\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_unusual_and_right_is_answered(emulator: Emulator, sent: bytes) -> None:
    # The API does not know the call.
    assert said_to(emulator, sent).statuses == [501]


def test_two_slashes_in_front_are_no_host(emulator: Emulator) -> None:
    sent = b"GET //[evil/x HTTP/1.1\r\nHost: demo.localhost\r\nConnection: close\r\n\r\n"
    assert said_to(emulator, sent).statuses == [404]
