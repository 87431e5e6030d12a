"""Hosts of targets, as Cloudflare's own server wrote them into a Location."""

from __future__ import annotations

import pytest

from pages_deploy.rules.host_names import host_of
from pages_deploy.rules.requests import Address, resolved


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("EX%61MPLE.test", "example.test"),
        ("bücher.test", "xn--bcher-kva.test"),
        ("faß.test", "xn--fa-hia.test"),
        ("日本。test", "xn--wgv71a.test"),
        ("ｗｗｗ.test", "www.test"),
        ("h.test.", "h.test."),
        ("h_x.test", "h_x.test"),
        ("h.test:", "h.test"),
        ("h.test:00443", "h.test"),
        ("h.test:0", "h.test:0"),
        ("h.test:08443", "h.test:8443"),
        ("[::1]", "[::1]"),
        ("[2001:DB8::0:1]:81", "[2001:db8::1]:81"),
        ("[::ffff:1.2.3.4]", "[::ffff:102:304]"),
        ("0x7f.1", "127.0.0.1"),
        ("1.2.3", "1.2.0.3"),
        ("010.1.1.1", "8.1.1.1"),
        ("1.2.3.4.", "1.2.3.4"),
        ("0x", "0.0.0.0"),
    ],
)
def test_a_host_is_written_as_browsers_write_it(written: str, host: str) -> None:
    assert host_of(written) == host


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":8443",
        "h.test:65536",
        "h.test:" + "9" * 5000,
        "a:b",
        "h%20x",
        "h^x",
        "[::1",
        "[x]",
        "[fe80::1%25eth0]",
        "256.1.1.1",
        "1.2.3.4.5",
        "1.2.3.09",
        "1.2.3.256",
        "x.0x1g.0x1",
        "\ufffe.test",
        "a" * 400,
        "\u00e9" * 100_000,
        "1." + "9" * 5000,
    ],
)
def test_what_names_no_host_is_none(written: str) -> None:
    assert host_of(written) == ""


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("https://user:pw@h.test/x", "https://user:pw@h.test/x?q"),
        ("https://user:@h.test", "https://user@h.test/?q"),
        ("https://:pw@h.test", "https://:pw@h.test/?q"),
        ("https://@h.test", "https://h.test/?q"),
        ("https://a@b@h.test", "https://a%40b@h.test/?q"),
        ("https://user@example.test/z", "/z?q"),
        ("/x?a='b'", "/x?a=%27b%27"),
        ("https://h.test/x?a='b'", "https://h.test/x?a=%27b%27"),
        # Where a splat took nothing.
        ("/x?", "/x?q"),
        ("/x#", "/x?q"),
        ("https://h.test/x?", "https://h.test/x??q"),
        ("https://h.test/x#", "https://h.test/x#?q"),
        ("https://h.test/x?#f", "https://h.test/x??q#f"),
        ("https://h.test/x?a#", "https://h.test/x??a"),
    ],
)
def test_a_location_is_the_one_that_cloudflares_server_sends(target: str, location: str) -> None:
    assert resolved(target, Address("example.test", "/", "?q")) == location
