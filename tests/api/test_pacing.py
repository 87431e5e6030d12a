"""The pacer: never more requests than allowed, and a pause where the server asks for one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages_deploy.api.client import PagesClient
from pages_deploy.api.pacing import REQUESTS_PER_WINDOW, WINDOW_SECONDS, Pacer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
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
    pacer.note(header)
    pacer.wait()
    pacer.wait()
    assert fake_time.slept == slept


def test_an_answer_without_the_header_changes_nothing(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.note("")
    pacer.wait()
    assert fake_time.slept == []


def test_what_is_left_to_wait_grows_shorter_by_itself(fake_time: FakeTime) -> None:
    pacer = Pacer(fake_time.timer)
    pacer.note('"default";r=0;t=17')
    fake_time.now += 10
    pacer.wait()
    assert fake_time.slept == [7]


@pytest.mark.parametrize("digits", ["0" * 5000, "9" * 5000])
def test_a_number_that_is_too_long_to_be_one_is_not_heeded(
    fake_time: FakeTime, digits: str
) -> None:
    pacer = Pacer(fake_time.timer)
    for header in (f'"default";r={digits};t=17', f'"default";r=0;t={digits}', f"r={digits}"):
        pacer.note(header)
    pacer.wait()
    assert fake_time.slept == []


def test_each_wait_is_told_before_it_begins(fake_time: FakeTime) -> None:
    told: list[tuple[float, int]] = []
    pacer = Pacer(fake_time.timer, lambda seconds: told.append((seconds, len(fake_time.slept))))
    pacer.wait()
    assert told == []
    pacer.note('"default";r=0;t=17')
    pacer.wait()
    pacer.wait()
    assert told == [(17, 0)]
    for _ in range(REQUESTS_PER_WINDOW):
        pacer.wait()
    assert len(told) == len(fake_time.slept)
    assert [seconds for seconds, _ in told] == fake_time.slept


def test_who_waits_keeps_nobody_else_from_coming_or_from_telling_what_is_left(
    fake_time: FakeTime,
) -> None:
    # Both threads have to be asleep at once to come through.
    together = threading.Barrier(2, timeout=20)
    pacer: Pacer

    def sleep(_seconds: float) -> None:
        together.wait()
        pacer.note('"default";r=5;t=17')

    pacer = Pacer(replace(fake_time.timer, sleep=sleep))
    pacer.note('"default";r=0;t=17')
    with ThreadPoolExecutor(2) as pool:
        for waiting in [pool.submit(pacer.wait) for _ in range(2)]:
            waiting.result(timeout=30)
    assert not together.broken


def test_a_client_tells_that_it_waits(strict: Emulator, fake_time: FakeTime) -> None:
    told: list[float] = []
    with PagesClient(
        strict.api_token,
        base_url=strict.api_base_url,
        timer=fake_time.timer,
        on_wait=told.append,
    ) as client:
        for _ in range(QUOTA + 1):
            client.accounts.list()
    assert told == fake_time.slept == [WINDOW]


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
