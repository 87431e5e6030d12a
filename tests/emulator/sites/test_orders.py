"""Hosts of production that lag behind, or where somebody else answers, on order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import EmulatorError, EmulatorSettings
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import DirectUpload, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.emulator.http.host_answers import HostAnswer

DOMAINS = "{projects}/demo/domains"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[DirectUpload]:
    """A client of an emulator whose time stands still."""
    with running(EmulatorSettings(clock=clock)) as connected:
        connected.create_project()
        yield connected


def deploy(client: DirectUpload, text: bytes) -> str:
    return str(client.deploy({"/index.html": text})["url"])


def domain(client: DirectUpload, name: str = "www.demo.localhost") -> str:
    """Attach a domain, and return the host by which it is visited."""
    return str(client.call("POST", DOMAINS, json={"name": name}).json()["result"]["name"])


def test_a_custom_domain_may_be_below_localhost(client: DirectUpload) -> None:
    port = client.emulator.port
    shown = [domain(client), domain(client, f"Shop.localhost:{port}")]
    assert shown == [f"www.demo.localhost:{port}", f"shop.localhost:{port}"]
    assert client.project()["domains"][1:] == shown
    made = client.deploy({"/index.html": b"home"})
    assert made["aliases"] == [f"http://{host}" for host in shown]
    assert [client.visit(host).content for host in shown] == [b"home", b"home"]
    for name in (shown[0], "www.demo.localhost"):
        assert client.call("GET", f"{DOMAINS}/{name}").json()["result"]["name"] == shown[0]


def test_a_custom_domain_comes_before_the_branch_of_that_name(client: DirectUpload) -> None:
    deploy(client, b"production")
    client.deploy({"/index.html": b"branch"}, branch="shop")
    assert client.visit("shop.demo").content == b"branch"
    assert client.visit(domain(client, "shop.demo.localhost")).content == b"production"


def test_a_host_that_lags_for_ever_shows_what_was_live_then(client: DirectUpload) -> None:
    host = domain(client)
    deploy(client, b"first")
    client.emulator.lag("www.demo.localhost")
    deploy(client, b"second")
    third = deploy(client, b"third")
    assert client.visit(host).content == b"first"
    assert client.visit("demo").content == b"third"
    assert client.visit(third).content == b"third"


def test_a_host_that_lags_for_a_while_catches_up(client: DirectUpload, clock: Clock) -> None:
    deploy(client, b"first")
    client.emulator.lag("demo", seconds=5)
    deploy(client, b"second")
    assert client.visit("demo").content == b"first"
    clock.now += 4.9
    assert client.visit("demo").content == b"first"
    clock.now += 0.1
    assert client.visit("demo").content == b"second"


def test_a_host_that_lags_has_nothing_before_the_first_deployment(
    client: DirectUpload, clock: Clock
) -> None:
    client.emulator.lag("demo", seconds=5)
    deploy(client, b"first")
    assert client.visit("demo").status_code == 404
    clock.now += 5
    assert client.visit("demo").content == b"first"


def test_an_order_takes_the_place_of_an_earlier_one(client: DirectUpload) -> None:
    client.emulator.lag("demo")
    deploy(client, b"first")
    client.emulator.lag("demo", seconds=0)
    assert client.visit("demo").content == b"first"


def test_a_host_that_is_nobodys_cannot_lag(client: DirectUpload) -> None:
    for host in ("nobody", "www.example.test", "x.demo.localhost"):
        with pytest.raises(EmulatorError, match=host):
            client.emulator.lag(host)


@pytest.mark.parametrize(
    ("answer", "status", "headers"),
    [
        ("access", 302, {"Location": "https://team.cloudflareaccess.com/"}),
        ("challenge", 403, {"cf-mitigated": "challenge"}),
        ("parking", 200, {"Content-Type": "text/html"}),
        ("another project", 200, {"ETag": '"0123'}),
        ("redirect", 301, {"Location": "https://elsewhere.example.test/"}),
        ("nothing", 522, {"Content-Type": "text/plain"}),
    ],
)
def test_somebody_else_answers_at_a_domain_whatever_is_asked(
    client: DirectUpload, answer: HostAnswer, status: int, headers: dict[str, str]
) -> None:
    host = domain(client)
    deploy(client, b"home")
    client.emulator.domain_answers(host, answer)
    for path in ("/", "/a/b.css"):
        for method in ("GET", "HEAD"):
            found = client.visit(host, path, method=method)
            assert found.status_code == status
            assert {name: found.headers[name][: len(begin)] for name, begin in headers.items()} == (
                headers
            )
            assert ("ETag" in found.headers) == ("ETag" in headers)
    assert client.visit("demo").content == b"home"
    client.emulator.stop_failing()
    assert client.visit(host).content == b"home"


def test_somebody_else_may_answer_at_a_projects_own_host(client: DirectUpload) -> None:
    url = deploy(client, b"home")
    client.emulator.domain_answers("demo", "nothing")
    assert client.visit("demo").status_code == 522
    assert client.visit(url).content == b"home"
