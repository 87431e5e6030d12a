"""Hosts and URLs of sites."""

from __future__ import annotations

import pytest

from pages_deploy.emulator.sites.addresses import SiteAddress, site_labels, without_port


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
    ("authority", "host"),
    [("Demo.localhost:80", "demo.localhost"), ("localhost", "localhost"), ("[::1]:8", "[::1]")],
)
def test_host_without_port(authority: str, host: str) -> None:
    assert without_port(authority) == host
