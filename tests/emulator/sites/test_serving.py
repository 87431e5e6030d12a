"""How one deployment answers where Cloudflare's server has no vector to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages_deploy.emulator.sites.serving import Site, SiteAnswer, SiteRequest, answer
from pages_deploy.emulator.state.records import Asset
from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.requests import read_address

HOME = Asset(key="1" * 32, content_type="text/html")
FILES = {
    "/index.html": HOME,
    "/404.html": Asset(key="2" * 32, content_type="text/html"),
    "/app.js": Asset(key="5" * 32, content_type="application/javascript"),
}
SITE = Site(lookup=FILES.get)


def ask(path: str, site: Site = SITE) -> SiteAnswer:
    return answer(SiteRequest(method="GET", address=read_address("a.test", path)), site)


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%00",
        "/\\..\\..\\etc",
        "//etc/passwd",
        "/a/" + "x" * 20_000,
        "/%",
        "/%ff",
    ],
)
def test_a_hostile_path_finds_nothing(path: str) -> None:
    assert ask(path).status == 404


def test_a_target_that_is_no_address_is_as_good_as_none() -> None:
    """Cloudflare's own server fails on it."""
    rules = read_redirects("/ https://h:99999/\n/app.js https://[/\n")
    site = replace(SITE, redirects=rules)
    assert ask("/", site).asset == HOME
    assert ask("/app.js", site).status == 200


def test_a_name_that_no_header_can_have_breaks_nothing() -> None:
    rules = read_headers("/*\n  X-@bad(: 1\n  ! X-A, X-B\n  X-Good: 1\n")
    fields = ask("/", replace(SITE, headers=rules)).fields
    assert fields["X-Good"] == ["1"]
    assert not any("@" in name for name in fields)


def test_what_a_wildcard_took_cannot_lead_to_another_host() -> None:
    site = replace(SITE, redirects=read_redirects("/old/* /:splat 301\n"))
    assert ask("/old//evil.test", site).fields["Location"] == ["/evil.test"]


def test_a_value_that_grows_by_what_it_takes_has_an_end() -> None:
    site = replace(SITE, headers=read_headers("/*\n  X-A: :splat:splat:splat\n"))
    (value,) = ask("/" + "$'" * 5_000, site).fields["X-A"]
    assert len(value) < 500_000
