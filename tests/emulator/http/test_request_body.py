"""Bodies in chunks, bodies that break off, and bodies without an end."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import running
from tests.emulator.http.raw_requests import HEAD, said_to

NEXT = b"GET /client/v4/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "chunks",
    [
        b"3\r\nabc\r\n0\r\n\r\n",
        b"0\r\n\r\n",
        b"00003\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        b'3;name=value;other="x"\r\nabc\r\n0 ;last\r\n\r\n',
        b"3\r\nabc\r\n0\r\nTrailer: value\r\nOther:\r\n\r\n",
        b"1\r\na\r\n" * 5_000 + b"0\r\n\r\n",
    ],
)
def test_the_next_request_begins_where_the_chunks_end(emulator: Emulator, chunks: bytes) -> None:
    said = said_to(emulator, CHUNKED + chunks + NEXT)
    assert said.statuses == [501, 501]


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\nabc\r\n0\r\n\r\n",
        b"\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"3_0\r\nabc\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"3 \r\nabc\r\n0\r\n\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"2\r\nabc\r\n0\r\n\r\n",
        b"3;a\x00b\r\nabc\r\n0\r\n\r\n",
        b"3;" + b"a" * 2_000 + b"\r\nabc\r\n0\r\n\r\n",
        b"f" * 20 + b"\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
        b"3\r\nabc\r\n0\r\nA: b\r\n folded\r\n\r\n",
        b"3\r\nabc\r\n0\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
)
def test_chunks_that_are_none_end_the_connection(emulator: Emulator, chunks: bytes) -> None:
    said = said_to(emulator, CHUNKED + chunks + NEXT)
    (status,) = said.statuses
    assert status in (400, 431)
    assert b"\r\nConnection: close\r\n" in said.raw


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 9\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"]
)
def test_a_body_that_breaks_off_is_a_bad_request(emulator: Emulator, framing: bytes) -> None:
    """And no call is made with half of it."""
    account = emulator.account_id
    head = (
        f"POST /client/v4/accounts/{account}/pages/projects HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {emulator.api_token}\r\n"
    )
    said = said_to(emulator, head.encode() + framing, leaves=True)
    assert said.statuses == [400]
    assert b"left before the end" in said.raw
    assert emulator.store.projects.all(account) == ()


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_above_the_limit_is_refused(is_chunked: bool) -> None:
    with running(EmulatorSettings(max_body_bytes=1000)) as client:
        pieces = [b"[" * 600] * 2
        body = iter(pieces) if is_chunked else b"".join(pieces)
        answer = client.call("POST", "{projects}", data=body)
        assert answer.status_code == 413


def test_a_body_of_sixty_mebibytes_is_taken(emulator: Emulator) -> None:
    """As large as one batch of assets can become in base64, and more."""
    body = b'{"x": "' + b"a" * (60 * 1024 * 1024) + b'"}'
    length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    token = f"Authorization: Bearer {emulator.api_token}\r\n".encode()
    path = f"POST /client/v4/accounts/{emulator.account_id}/pages/projects HTTP/1.1\r\n".encode()
    said = said_to(emulator, path + b"Host: localhost\r\n" + token + length + body)
    # Read, and found to name no project.
    assert said.statuses == [400]
    assert b"The field `name`" in said.raw


def test_a_client_that_asks_before_it_sends_is_told_to(emulator: Emulator) -> None:
    head = HEAD + b"Connection: close\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n"
    assert said_to(emulator, head + b"abc").statuses == [100, 501]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_without_end_is_malformed(text: str) -> None:
    with running(EmulatorSettings()) as client:
        answer = client.call("POST", "{projects}", data=text)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 6007)
        client.create_project()
        answer = client.call(
            "POST", "{projects}/demo/deployments", files={"manifest": (None, text)}
        )
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 8000096)
