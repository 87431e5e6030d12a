"""Hosts and URLs of sites."""

from __future__ import annotations

import pytest

from pages_deploy.emulator.sites.addresses import SiteAddress, site_labels


def test_urls_carry_the_port() -> None:
    address = SiteAddress(8788)
    assert address.host("demo") == "demo.localhost:8788"
    assert address.url("x.demo") == "http://x.demo.localhost:8788"


@pytest.mark.parametrize(
    ("host", "labels"),
    [
        ("demo.localhost", ("demo",)),
        ("ABC.Demo.localhost.", ("abc", "demo")),
        ("localhost", None),
        ("127.0.0.1", None),
        ("demo.example", None),
    ],
)
def test_labels_of_a_host(host: str, labels: tuple[str, ...] | None) -> None:
    assert site_labels(host) == labels


@pytest.mark.parametrize(
    ("name", "shown", "url"),
    [
        ("www.example.test", "www.example.test", "https://www.example.test"),
        ("www.demo.localhost", "www.demo.localhost:8788", "http://www.demo.localhost:8788"),
    ],
)
def test_a_custom_domain_on_this_machine_carries_the_port(name: str, shown: str, url: str) -> None:
    address = SiteAddress(8788)
    assert (address.domain(name), address.domain_url(name)) == (shown, url)
