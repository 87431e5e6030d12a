"""The limit of requests to the API, and the emulator's clock."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from pages_deploy.emulator import EmulatorSettings
from pages_deploy.emulator.http.faults import Answer
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import DirectUpload, error_code, running


def limited(clock: Clock, *, requests: int, seconds: float) -> EmulatorSettings:
    return EmulatorSettings(clock=clock, requests_per_window=requests, window_seconds=seconds)


def test_without_the_setting_there_is_no_limit(client: DirectUpload) -> None:
    assert "Ratelimit" not in client.call("GET", "/accounts").headers


def test_every_answer_tells_how_much_is_left() -> None:
    clock = Clock()
    settings = limited(clock, requests=10, seconds=60)
    with running(settings) as client:
        first = client.call("GET", "/accounts")
        clock.now += 20.5
        second = client.call("GET", "/unknown")
        third = client.assets("check-missing", {}, token="no-token")
        for number, answer in enumerate((first, second, third), start=1):
            left = 60 if number == 1 else 40
            assert answer.headers["Ratelimit"] == f'"default";r={10 - number};t={left}'
            assert answer.headers["Ratelimit-Policy"] == '"default";q=10;w=60'
            assert "Retry-After" not in answer.headers


def test_request_above_the_limit_blocks_a_whole_window() -> None:
    clock = Clock()
    settings = limited(clock, requests=2, seconds=60)
    with running(settings) as client:
        for _ in range(2):
            assert client.call("GET", "/accounts").status_code == 200
        clock.now += 59
        refused = client.call("POST", "{projects}", json={"name": "x", "production_branch": "y"})
        assert (refused.status_code, error_code(refused)) == (429, 971)
        assert refused.headers["Retry-After"] == "60"
        assert refused.headers["Ratelimit"] == '"default";r=0;t=60'
        clock.now += 59.5
        refused = client.call("GET", "/accounts")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        clock.now += 0.5
        assert client.call("GET", "{projects}").json()["result"] == []


def test_window_ends_by_itself() -> None:
    clock = Clock()
    settings = limited(clock, requests=1, seconds=60)
    with running(settings) as client:
        for _ in range(3):
            assert client.call("GET", "/accounts").status_code == 200
            clock.now += 60


def test_sites_have_no_limit() -> None:
    settings = EmulatorSettings(requests_per_window=1)
    with running(settings) as client:
        for _ in range(3):
            answer = client.visit("demo")
            assert answer.status_code == 404
            assert "Ratelimit" not in answer.headers


@pytest.mark.parametrize("skew", [0.0, 3600.0, -3600.0])
def test_every_answer_has_one_date_by_the_emulators_clock(skew: float) -> None:
    settings = EmulatorSettings(clock=Clock(), clock_skew_seconds=skew)
    with running(settings) as client:
        for answer in (
            client.call("GET", "/accounts"),
            client.call("GET", "/unknown"),
            client.visit("demo"),
        ):
            date = parsedate_to_datetime(answer.headers["Date"])
            assert date.timestamp() == 1_000_000 + skew
        assert client.create_project()["created_on"].startswith(
            {0.0: "1970-01-12T13", 3600.0: "1970-01-12T14", -3600.0: "1970-01-12T12"}[skew]
        )


def test_ordered_answer_may_bring_its_own_date(client: DirectUpload) -> None:
    date = "Thu, 01 Jan 2015 00:00:00 GMT"
    client.emulator.fail_next("GET", "/accounts", Answer(status=200, headers={"Date": date}))
    assert client.call("GET", "/accounts").headers["Date"] == date
