"""What a request without an answer is told as: why, whether it was sent, whether to repeat it."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pages_deploy.net.credentials import SecretHeaders
from pages_deploy.net.failures import Failure, NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from tests.raw_server import Break, broken_off, cut, needs_openssl, reset, serving, tls_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.raw_server import Received

TOKEN = "token-of-the-test"
BASE_PATH = "/wrong/base"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def failure_at(address: str, *, token: str = TOKEN, ca_bundle: str | None = None) -> Failure:
    """Ask where there is no answer to be had."""
    credentials = SecretHeaders({"Authorization": f"Bearer {token}"}, [token])
    request = Request("GET", f"{address}{BASE_PATH}", read_timeout_seconds=0.5)
    with (
        new_session(credentials=credentials, ca_bundle=ca_bundle) as session,
        pytest.raises(NoAnswerError) as info,
    ):
        session.send(request)
    error = info.value
    assert token not in f"{error.message} {error.hint} {error!r} {error.__cause__!r}"
    assert error.__context__ is None
    assert error.hint == error.failure.hint != ""
    assert error.failure.reason in error.message
    return error.failure


def kind_of(failure: Failure) -> tuple[str, bool, bool, bool]:
    return failure.reason, failure.sent, failure.silent, failure.repeatable


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_where_nobody_listens() -> None:
    failure = failure_at(f"http://127.0.0.1:{unused_port()}")
    assert kind_of(failure) == ("the host cannot be reached", False, False, True)


def test_a_name_that_nobody_knows() -> None:
    failure = failure_at("http://does-not-exist.invalid")
    assert kind_of(failure) == ("the host cannot be reached", False, False, True)


def test_a_host_that_takes_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_args: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    failure = failure_at("http://127.0.0.1")
    assert kind_of(failure) == ("no connection within 10 seconds", False, False, True)


def breaking(how: Callable[[socket.socket], None]) -> Callable[[Received], bytes]:
    def answer(_received: Received) -> bytes:
        raise Break(how)

    return answer


@pytest.mark.parametrize("how", [cut, reset])
def test_a_connection_that_ends_before_the_answer(how: Callable[[socket.socket], None]) -> None:
    with serving(breaking(how)) as port:
        failure = failure_at(f"http://127.0.0.1:{port}")
    assert kind_of(failure) == ("the connection broke before the answer came", True, False, True)


def test_a_server_that_says_nothing() -> None:
    done = threading.Event()

    def answer(_received: Received) -> bytes:
        done.wait(20)
        return b""

    with serving(answer) as port:
        failure = failure_at(f"http://127.0.0.1:{port}")
        done.set()
    assert kind_of(failure) == ("the server stopped answering", True, True, True)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\nno number",
        # The wrong header is the server's, not the request's.
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ],
    ids=["gzip", "a chunk", "chunks", "two lengths"],
)
def test_an_answer_that_is_broken(head: str) -> None:
    def answer(_received: Received) -> bytes:
        raise broken_off(f"HTTP/1.1 200 OK\r\n{head}".encode())

    with serving(answer) as port:
        failure = failure_at(f"http://127.0.0.1:{port}")
    assert failure.reason.startswith(("the answer was cut off", "the connection broke"))
    assert failure.sent
    assert failure.repeatable


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_leads_nowhere(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{unused_port()}")
    failure = failure_at(f"{scheme}://host.test")
    assert kind_of(failure) == ("the proxy refused or dropped the connection", True, False, True)
    assert "HTTPS_PROXY" in failure.hint


def test_a_server_that_speaks_no_tls() -> None:
    with serving(breaking(cut)) as port:
        failure = failure_at(f"https://127.0.0.1:{port}")
    assert kind_of(failure) == ("the encrypted connection broke", True, False, True)


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    with serving(breaking(cut), tls=tls_context(tmp_path)) as port:
        yield f"https://127.0.0.1:{port}"


@needs_openssl
def test_a_certificate_that_nobody_vouches_for(untrusted: str) -> None:
    failure = failure_at(untrusted)
    assert failure.reason.startswith("its certificate cannot be verified (self")
    assert kind_of(replace(failure, reason="")) == ("", False, False, False)
    assert "SSL_CERT_FILE" in failure.hint


BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("content", [None, "", "no certificate", BROKEN], ids=range(4))
@needs_openssl
def test_a_ca_file_that_is_none(untrusted: str, tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    failure = failure_at(untrusted, ca_bundle=str(bundle))
    assert kind_of(failure) == ("the CA file cannot be used", False, False, False)
    assert "SSL_CERT_FILE" in failure.hint


@pytest.mark.parametrize("token", ["two\nlines-of-a-token", "schlüssel\u20ac"])
def test_a_token_that_cannot_be_sent(token: str) -> None:
    with serving(lambda _received: b"") as port:
        failure = failure_at(f"http://127.0.0.1:{port}", token=token)
    assert kind_of(failure) == ("the request cannot be sent as it is", False, False, False)


@pytest.mark.parametrize("address", ["http://[", "no-scheme", "http://", "ftp://x", "http://a b"])
def test_an_address_that_is_none(address: str) -> None:
    failure = failure_at(address)
    assert kind_of(failure) == ("the request cannot be sent as it is", False, False, False)


@needs_openssl
def test_an_error_that_is_being_handled_meanwhile_is_not_the_reason(untrusted: str) -> None:
    """Recovery asks for more while it handles what went wrong before."""
    with new_session() as session:
        try:
            session.send(Request("GET", untrusted))
        except NoAnswerError:
            with pytest.raises(NoAnswerError, match="cannot be reached"):
                session.send(Request("GET", f"http://127.0.0.1:{unused_port()}"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host.test/wrong/base/x", "GET https://host.test/wrong/base/x"),
        ("http://host.test:81/x?token=1#part", "GET http://host.test:81/x"),
        ("https://me:hidden@host.test/x", "GET https://host.test/x"),
        ("https://me:hid/den@host.test/x", "GET https://host.test/x"),
        ("https://me:hid@den@host.test/x", "GET https://host.test/x"),
        ("host.test/x", "GET host.test/x"),
        ("https://[", "GET a malformed address"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert Request("GET", address).shown == shown
