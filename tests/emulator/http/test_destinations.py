"""Which host shows what: sites, the API, the page for people, the project in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import HOME, DirectUpload

if TYPE_CHECKING:
    from collections.abc import Iterator

FRONT = EmulatorSettings(front_project="demo", api_hosts=frozenset({"pages.internal"}))
LOOPBACK = ("127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]")
NAMES = ("localhost", "localhost:1", "LocalHost.", "pages.internal")


@pytest.fixture
def front() -> Iterator[DirectUpload]:
    """An emulator with the project `demo` in front, which has no deployment yet."""
    with Emulator(settings=FRONT) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        yield client


def at(client: DirectUpload, host: str, path: str = "/") -> requests.Response:
    url = f"http://127.0.0.1:{client.emulator.port}{path}"
    return requests.get(url, headers={"Host": host}, timeout=20, allow_redirects=False)


def shows_page(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "Pages emulator</title>" in answer.text


@pytest.mark.parametrize("host", [*LOOPBACK, "localhost", "LocalHost.:1"])
def test_the_page_is_at_the_emulators_own_address(client: DirectUpload, host: str) -> None:
    assert shows_page(at(client, host))


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_address_is_the_project_in_front(front: DirectUpload, host: str) -> None:
    front.deploy({**HOME, "/projects/demo": b"mine", "/a/index.html": b"a"})
    assert at(front, host).content == HOME["/index.html"]
    assert at(front, host, "/projects/demo").content == b"mine"
    redirect = at(front, host, "/a?b")
    assert (redirect.status_code, redirect.headers["Location"]) == (308, "/a/?b")
    assert "X-Robots-Tag" not in at(front, host).headers


@pytest.mark.parametrize("host", NAMES)
def test_with_a_project_in_front_the_names_still_show_the_page(
    front: DirectUpload, host: str
) -> None:
    front.deploy(HOME)
    assert shows_page(at(front, host))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_with_a_project_in_front_the_api_is_where_it_was(front: DirectUpload, host: str) -> None:
    front.deploy({"/client/v4/accounts": b"mine"})
    answer = front.call("GET", "/accounts", headers={"Host": host})
    assert answer.json()["success"] is True


def test_production_is_in_front_and_follows_a_rollback(front: DirectUpload) -> None:
    first = front.deploy({"/index.html": b"first"})
    front.deploy({"/index.html": b"second"})
    front.deploy({"/index.html": b"preview"}, branch="x")
    assert at(front, "127.0.0.1").content == b"second"
    front.call("POST", f"{{projects}}/demo/deployments/{first['id']}/rollback")
    assert at(front, "127.0.0.1").content == b"first"


def test_the_project_in_front_keeps_its_other_addresses(front: DirectUpload) -> None:
    made = front.deploy(HOME)
    assert front.visit("demo").content == front.visit(made["url"]).content == HOME["/index.html"]


@pytest.mark.parametrize("name", ["demo", "nobody"])
def test_what_is_in_front_but_not_there_yet_leads_to_the_page(name: str) -> None:
    settings = EmulatorSettings(front_project=name)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        answer = at(client, "127.0.0.1")
        assert answer.status_code == 404
        assert f'<a href="http://localhost:{emulator.port}/">' in answer.text


def test_a_project_in_front_whose_subdomain_was_taken_is_found() -> None:
    settings = EmulatorSettings(front_project="demo", taken_subdomains=frozenset({"demo"}))
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        client.deploy(HOME)
        assert at(client, "127.0.0.1").content == HOME["/index.html"]


def test_no_other_address_of_the_machine_is_the_project_in_front() -> None:
    """There a browser says nothing of where a request comes from, and the API is beside it."""
    settings = EmulatorSettings(front_project="demo")
    with Emulator(host="0.0.0.0", settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        client.deploy(HOME)
        assert shows_page(at(client, "0.0.0.0"))


@pytest.mark.parametrize("label", ["nobody", "x.demo", "a.b.demo", "demo"])
def test_a_site_that_is_not_there_leads_to_the_page(client: DirectUpload, label: str) -> None:
    answer = client.visit(label)
    assert answer.status_code == 404
    assert f'<a href="http://localhost:{client.emulator.port}/">' in answer.text


@pytest.mark.parametrize("host", ["evil.test", "192.168.0.7", "localhost.evil.test", "0.0.0.0"])
@pytest.mark.parametrize("path", ["/", "/projects/demo", "/index.html"])
def test_an_unknown_host_is_told_where_the_page_is_and_nothing_else(
    client: DirectUpload, host: str, path: str
) -> None:
    client.deploy(HOME)
    answer = at(client, host, path)
    assert answer.status_code == 421
    assert f'<a href="http://localhost:{client.emulator.port}/">' in answer.text
    assert f"<code>{host}</code>" in answer.text
    assert "demo" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_is_where_the_emulator_listens() -> None:
    for host in ("127.0.0.1", "localhost", "0.0.0.0"):
        with Emulator(host=host) as emulator:
            assert emulator.page_url == f"http://localhost:{emulator.port}/"
    with Emulator(host="127.0.0.2") as emulator:
        assert emulator.page_url == f"http://127.0.0.2:{emulator.port}/"
        assert shows_page(requests.get(emulator.page_url, timeout=20))


def test_the_page_is_recorded_by_its_host(client: DirectUpload) -> None:
    at(client, "localhost:1", "/projects/demo?page=2")
    at(client, "evil.test", "/")
    *_, page, unknown = client.emulator.requests
    assert (page.path, page.query) == ("localhost/projects/demo", "page=2")
    assert (unknown.path, unknown.status) == ("evil.test/", 421)
