"""Proxies that cannot be used are named as that, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.net.failures import Failure, NoAnswerError
from pages_deploy.net.proxies import unusable_proxy
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from tests.raw_server import json_answer, serving

if TYPE_CHECKING:
    from tests.raw_server import Received

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def failure_at(address: str) -> Failure:
    with new_session() as session, pytest.raises(NoAnswerError) as info:
        session.send(Request("GET", address))
    return info.value.failure


BAD = {
    "socks5h://127.0.0.1:1080": "SOCKS needs the package PySocks",
    "socks5://127.0.0.1:1080": "SOCKS needs the package PySocks",
    "socks4://127.0.0.1:1080": "SOCKS needs the package PySocks",
    "SOCKS5H://127.0.0.1:1080": "SOCKS needs the package PySocks",
    "http://proxy.test": "it names no port",
    "http://proxy.test:": "it names no port",
    "http://proxy.test:0": "it names no port",
    "proxy.test": "it names no port",
    "http://:3128": "it names no host",
    "http://": "it names no host",
    "http://proxy .test:3128": "it names no host",
    "http://proxy.test:port": "not an address with a host and a port",
    "http://proxy.test:99999": "not an address with a host and a port",
    "http://[": "not an address with a host and a port",
    "ftp://proxy.test:21": "'ftp' is not a scheme of a proxy",
    "foo://proxy.test:21": "'foo' is not a scheme of a proxy",
}


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", BAD)
def test_a_proxy_that_cannot_be_used_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    failure = failure_at("https://api.test/x")
    assert variable in failure.reason
    assert proxy in failure.reason
    assert BAD[proxy] in failure.reason
    assert failure.is_setting
    assert not failure.sent
    assert not failure.repeatable
    assert "token" not in failure.hint


def test_its_user_and_password_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://somebody:hidden@proxy.test:1080")
    reason = failure_at("https://api.test/x").reason
    assert "proxy.test:1080" in reason
    assert "hidden" not in reason
    assert "somebody" not in reason


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "NO_PROXY"])
def test_a_proxy_that_an_address_does_not_take_is_nobodys_concern(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    if variable == "NO_PROXY":
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1")
    else:
        monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1")
    with serving(lambda _received: json_answer(b"{}")) as port, new_session() as session:
        assert session.send(Request("GET", f"http://127.0.0.1:{port}/")).status == 200


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:{}", "127.0.0.1:{}", "http://me:password@127.0.0.1:{}/"]
)
def test_a_proxy_as_people_write_it_is_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    asked: list[str] = []

    def answer(received: Received) -> bytes:
        asked.append(received.target)
        return json_answer(b"{}")

    with serving(answer) as port, new_session() as session:
        monkeypatch.setenv("http_proxy", proxy.format(port))
        assert session.send(Request("GET", "http://api.test/x")).status == 200
    assert asked == ["http://api.test/x"]


@pytest.mark.parametrize("proxy", ["http://proxy.test:3128", "https://proxy.test:443"])
def test_nothing_is_wrong_with_a_good_one(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert unusable_proxy("https://api.test/") == ""
    assert unusable_proxy("http://[") == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [(407, "wants a user and a password"), (403, "refuses the connection"), (400, "HTTP 400")],
)
def test_the_clear_no_of_a_proxy_is_final_and_the_proxys(
    monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    with serving(lambda _received: json_answer(b"", status)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        failure = failure_at("https://api.test/x")
    assert words in failure.reason
    assert failure.reason.startswith("the proxy")
    assert not failure.repeatable
    assert not failure.sent


@pytest.mark.parametrize("status", [408, 429, 502, 503])
def test_trouble_of_a_proxy_may_pass(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with serving(lambda _received: json_answer(b"", status)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        failure = failure_at("https://api.test/x")
    assert failure.reason == "the proxy refused or dropped the connection"
    assert failure.repeatable
