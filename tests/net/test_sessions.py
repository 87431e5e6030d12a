"""How anything is asked: whom a session trusts, where names lead, what goes along."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.errors import EmulatorError
from pages_deploy.emulator.server import Emulator
from pages_deploy.net.credentials import SecretHeaders
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from tests.raw_server import (
    Received,
    broken_off,
    json_answer,
    make_certificate,
    needs_openssl,
    serving,
    tls_context,
)

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "secret-of-the-session"
OTHER = "secret-of-one-request"


@pytest.fixture
def no_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose resolver knows no name, which RFC 6761 allows even for localhost."""
    resolve = socket.getaddrinfo

    def only_numbers(host: Any, *others: Any, **named: Any) -> Any:
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)


@pytest.mark.usefixtures("no_resolver")
def test_names_under_localhost_need_no_resolver_and_no_proxy(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    url = f"http://deep.demo.localhost:{emulator.port}/a%20b"
    with new_session() as session:
        answer = session.send(Request("GET", url, query={"c": "d"}))
    assert answer.status == 404
    assert answer.request.shown == f"GET {url}"
    assert [request.path for request in emulator.requests] == ["deep.demo.localhost/a%20b"]


def test_names_under_localhost_are_asked_where_somebody_listens() -> None:
    try:
        running = Emulator(host="::1")
        running.start()
    except EmulatorError:
        pytest.skip("This machine has no IPv6.")
    url = f"http://demo.localhost:{running.port}/"
    with new_session() as session:
        with contextlib.closing(running):
            assert session.send(Request("GET", url)).status == 404
        with pytest.raises(NoAnswerError) as info:
            session.send(Request("GET", url))
    assert info.value.failure.reason == "the host cannot be reached"


def test_what_somebody_has_taken_at_the_second_address_is_not_said_to_be_unsent() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("This machine has no IPv6.")

    def break_off() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65537)

    with contextlib.closing(server), new_session() as session:
        listening = threading.Thread(target=break_off)
        listening.start()
        with pytest.raises(NoAnswerError) as info:
            session.send(Request("POST", f"http://demo.localhost:{server.getsockname()[1]}/"))
        listening.join()
    assert info.value.failure.sent


@pytest.mark.usefixtures("no_resolver")
def test_other_names_still_need_a_resolver() -> None:
    with new_session() as session, pytest.raises(NoAnswerError) as info:
        session.send(Request("GET", "http://localhost.example.test/"))
    assert info.value.failure.reason == "the host cannot be reached"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@needs_openssl
def test_a_given_bundle_of_authorities_wins_over_the_environments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, "of-the-environment.pem")
    context = tls_context(tmp_path)
    with (
        serving(lambda _received: json_answer(b"{}"), tls=context) as port,
        new_session(ca_bundle=str(tmp_path / "certificate.pem")) as session,
    ):
        assert session.send(Request("GET", f"https://127.0.0.1:{port}/")).status == 200


def echo(received: Received) -> bytes:
    """Quote back whatever came, as some servers do."""
    quoted = "\n".join(f"{name}: {value}" for name, value in received.headers.items())
    return json_answer(quoted.encode())


def test_credentials_of_a_request_take_the_place_of_the_sessions_and_both_are_kept_out() -> None:
    with (
        serving(echo) as port,
        new_session(credentials=SecretHeaders({"X-Key": SECRET}, [SECRET])) as session,
    ):
        address = f"http://127.0.0.1:{port}/"
        own = session.send(Request("GET", address, headers={"X-Said": SECRET}))
        others = session.send(
            Request(
                "GET",
                address,
                headers={"X-Said": SECRET},
                credentials=SecretHeaders({"X-Token": OTHER}, [OTHER]),
            )
        )
    assert f"x-key: {SECRET}".encode() in own.content
    assert b"x-key" not in others.content
    assert f"x-token: {OTHER}".encode() in others.content
    for answer in (own, others):
        assert SECRET not in answer.text()
        assert OTHER not in answer.text()
        assert "***" in answer.text()


def test_neither_netrc_nor_cookies_nor_the_address_lend_a_request_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    received: list[Received] = []

    def answer(request: Received) -> bytes:
        received.append(request)
        return json_answer(b"{}").replace(b"\r\n", b"\r\nSet-Cookie: a=b; path=/\r\n", 1)

    with serving(answer) as port, new_session() as session:
        for address in (f"http://127.0.0.1:{port}/", f"http://me:password@127.0.0.1:{port}/"):
            session.send(Request("GET", address))
    for request in received:
        assert not {"authorization", "cookie"} & set(request.headers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/elsewhere", "http://[", "//", "\x7f"])
def test_a_redirect_is_an_answer_like_any_other(status: int, location: str) -> None:
    head = f"HTTP/1.1 {status} -\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    asked: list[str] = []

    def answer(request: Received) -> bytes:
        asked.append(request.target)
        return head

    with serving(answer) as port, new_session() as session:
        received = session.send(Request("GET", f"http://127.0.0.1:{port}/"))
    assert (received.status, received.header("Location")) == (status, location)
    assert asked == ["/"]


def test_a_body_may_be_read_in_pieces() -> None:
    content = base64.b64encode(bytes(range(256)) * 64)
    with (
        serving(lambda _received: json_answer(content)) as port,
        new_session() as session,
        session.opened(Request("GET", f"http://127.0.0.1:{port}/")) as received,
    ):
        pieces = list(received.pieces(1000))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == 1000


def test_a_body_that_breaks_off_while_it_is_read_is_no_answer() -> None:
    def answer(_received: Received) -> bytes:
        raise broken_off(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")

    with serving(answer) as port, new_session() as session:
        request = Request("GET", f"http://127.0.0.1:{port}/")
        with pytest.raises(NoAnswerError), session.opened(request) as received:
            list(received.pieces(1000))


def test_an_error_of_the_reader_stays_its_own() -> None:
    with serving(lambda _received: json_answer(b"{}")) as port, new_session() as session:
        request = Request("GET", f"http://127.0.0.1:{port}/")
        with pytest.raises(KeyError), session.opened(request):
            raise KeyError("of the reader")


@needs_openssl
def test_a_certificate_of_another_host_is_told_as_such(tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path)
    with (
        serving(lambda _received: json_answer(b"{}"), tls=tls_context(tmp_path)) as port,
        new_session(ca_bundle=str(certificate)) as session,
        pytest.raises(NoAnswerError, match="certificate cannot be verified"),
    ):
        session.send(Request("GET", f"https://localhost:{port}/"))
