"""Accept-Encoding as Cloudflare's own server reads it, letter by letter."""

from __future__ import annotations

import pytest

from pages_deploy.emulator.sites.negotiation import refuses_plain


@pytest.mark.parametrize(
    "accepted",
    [
        "identity;q=0",
        "gzip, *;q=0",
        " identity ; q = 0.0 ",
        "identity;q=.0",
        "identity;q=-0",
        "*;q=0, gzip;q=1",
        "identity;q=0abc",
        "*;q=0x1",
        "identity, identity;q=0",
        "identity;q=0;q=1",
        "identity;q=0;x=1",
    ],
)
def test_the_plain_form_is_refused(accepted: str) -> None:
    assert refuses_plain(accepted)


@pytest.mark.parametrize(
    "accepted",
    [
        "",
        "gzip",
        "*;q=0, identity",
        "IDENTITY;q=0",
        "identity;Q=0",
        "identity;x=1;q=0",
        "identity;q=",
        "identity;q=x",
        "identity;q=0.01",
        "identity;q=0, identity",
        "*;q=nan",
        "identity;q=" + "0" * 60_000 + ".1",
    ],
)
def test_the_plain_form_is_taken(accepted: str) -> None:
    assert not refuses_plain(accepted)
