"""The API answers at names of this machine alone: a foreign page cannot lead its own name here."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.http.raw_requests import Said, said_to

TOKENS = "/client/v4/user/tokens/verify"


def asked_at(emulator: Emulator, host: str, *, target: str = TOKENS) -> Said:
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Authorization: Bearer {emulator.api_token}\r\n\r\n"
    )
    return said_to(emulator, request.encode())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:{port}",
        "127.9.9.9",
        "localhost",
        "LocalHost.:{port}",
        "[::1]",
        "[::1]:{port}",
        "[::ffff:127.0.0.1]",
        # Which port is said does not matter: a proxy or a container may have another.
        "localhost:1",
    ],
)
def test_it_answers_at_loopback_names(emulator: Emulator, host: str) -> None:
    assert asked_at(emulator, host.format(port=emulator.port)).statuses == [200]


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:{port}",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "127.0.0.1.nip.io",
        "evil-localhost",
        "192.168.0.7",
        "[fe80::1]",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f000001",
    ],
)
def test_it_answers_nobody_elsewhere(emulator: Emulator, host: str) -> None:
    said = asked_at(emulator, host.format(port=emulator.port))
    assert said.statuses == [421]
    assert b"the emulator's API answers at loopback addresses" in said.raw
    assert emulator.api_token.encode() not in said.raw


def test_the_host_of_a_whole_url_is_the_one_that_counts(emulator: Emulator) -> None:
    there = asked_at(emulator, "localhost", target=f"http://evil.test{TOKENS}")
    assert there.statuses == [421]
    here = asked_at(emulator, "evil.test", target=f"http://localhost{TOKENS}")
    assert here.statuses == [200]


def test_a_foreign_host_changes_nothing_and_uses_up_nothing() -> None:
    with Emulator(settings=EmulatorSettings(requests_per_window=1)) as emulator:
        for _ in range(3):
            assert asked_at(emulator, "evil.test").statuses == [421]
        assert asked_at(emulator, "localhost").statuses == [200]


def test_it_answers_at_the_names_that_it_was_given() -> None:
    settings = EmulatorSettings(api_hosts=frozenset({"Pages.internal"}))
    with Emulator(settings=settings) as emulator:
        assert asked_at(emulator, "pages.internal:8790").statuses == [200]
        assert asked_at(emulator, "other.internal:8790").statuses == [421]
        assert emulator.settings is settings


def test_it_answers_at_what_it_was_told_to_listen_on() -> None:
    with Emulator(host="0.0.0.0") as emulator:
        assert asked_at(emulator, "0.0.0.0").statuses == [200]
        # Where the connection arrived is 127.0.0.1.
        assert asked_at(emulator, "192.168.0.7").statuses == [421]


def test_sites_answer_at_their_own_names(emulator: Emulator) -> None:
    assert asked_at(emulator, "demo.localhost", target="/").statuses == [404]
