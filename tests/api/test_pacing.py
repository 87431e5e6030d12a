"""The pacer: never more requests than allowed, and a pause where the server asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages_deploy.api.client import PagesClient
from pages_deploy.api.pacing import REQUESTS_PER_WINDOW, WINDOW_SECONDS, Pacer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.settings import EmulatorSettings
from tests.world import FakeTime

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTA = 5
WINDOW = 60


@pytest.fixture
def strict(fake_time: FakeTime) -> Iterator[Emulator]:
    """A Cloudflare that allows few requests."""
    settings_of_few = EmulatorSettings(
        requests_per_window=QUOTA, window_seconds=WINDOW, clock=fake_time.read
    )
    with Emulator(settings=settings_of_few) as running:
        yield running


def connected(emulator: Emulator, fake_time: FakeTime) -> PagesClient:
    return PagesClient(
        emulator.api_token,
        emulator.account_id,
        base_url=emulator.api_base_url,
        timer=fake_time.timer,
    )


def test_as_many_requests_as_are_allowed_go_at_once(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    for _ in range(REQUESTS_PER_WINDOW):
        pacer.wait()
    assert fake_time.slept == []


def test_the_next_one_waits_until_the_oldest_is_five_minutes_past(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.wait()
    fake_time.now += 100
    for _ in range(REQUESTS_PER_WINDOW - 1):
        pacer.wait()
    pacer.wait()
    assert fake_time.slept == [WINDOW_SECONDS - 100]
    pacer.wait()
    assert fake_time.slept == [WINDOW_SECONDS - 100, 100]


BURSTS = st.lists(st.tuples(st.integers(1, 900), st.integers(0, 400)), max_size=8)


@settings(max_examples=30, deadline=None)
@given(BURSTS)
def test_no_five_minutes_ever_see_more_than_is_allowed(bursts: list[tuple[int, int]]) -> None:
    fake_time = FakeTime()
    pacer = Pacer(fake_time.timer)
    sent = []
    for requests, pause in bursts:
        for _ in range(requests):
            pacer.wait()
            sent.append(fake_time.now)
        fake_time.now += pause
    for earlier, later in zip(sent, sent[REQUESTS_PER_WINDOW:], strict=False):
        assert later - earlier >= WINDOW_SECONDS


@settings(max_examples=30, deadline=None)
@given(BURSTS)
def test_nobody_waits_without_need(bursts: list[tuple[int, int]]) -> None:
    fake_time = FakeTime()
    pacer = Pacer(fake_time.timer)
    sent: list[float] = []
    for requests, pause in bursts:
        for _ in range(requests):
            before = fake_time.now
            pacer.wait()
            if fake_time.now > before:
                assert fake_time.now == sent[-REQUESTS_PER_WINDOW] + WINDOW_SECONDS
            sent.append(fake_time.now)
        fake_time.now += pause


@pytest.mark.parametrize(
    ("header", "slept"),
    [
        ('"default";r=0;t=17', [17]),
        ('"default";r=1;t=17', []),
        ('"default";r=10;t=17', []),
        ('"default";r=0;t=4000', [WINDOW_SECONDS]),
        ('"default";r=0', []),
        ("0", []),
        ("", []),
    ],
)
def test_an_answer_that_none_are_left_is_heeded(
    fake_time: FakeTime, header: str, slept: list[float]
) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.note({"Ratelimit": header})
    pacer.wait()
    pacer.wait()
    assert fake_time.slept == slept


def test_an_answer_without_the_header_changes_nothing(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.note({})
    pacer.wait()
    assert fake_time.slept == []


def test_what_is_left_to_wait_grows_shorter_by_itself(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.note({"Ratelimit": '"default";r=0;t=17'})
    fake_time.now += 10
    pacer.wait()
    assert fake_time.slept == [7]


def test_a_client_never_runs_into_the_limit(strict: Emulator, fake_time: FakeTime) -> None:
    with connected(strict, fake_time) as client:
        for _ in range(3 * QUOTA + 1):
            client.accounts.list()
    assert {request.status for request in strict.requests} == {200}
    assert fake_time.slept == [WINDOW, WINDOW, WINDOW]


def test_where_others_have_used_the_quota_up_it_waits_as_long_as_it_is_told(
    strict: Emulator, fake_time: FakeTime
) -> None:
    with connected(strict, fake_time) as client, connected(strict, fake_time) as other:
        for _ in range(QUOTA):
            other.accounts.list()
        assert len(client.accounts.list()) == 1
    assert fake_time.slept == [WINDOW]
    assert [request.status for request in strict.requests[QUOTA:]] == [429, 200]
