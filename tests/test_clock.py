"""Deadlines, and how often what is under way is polled."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from pages_deploy.clock import poll

if TYPE_CHECKING:
    from tests.world import FakeTime


def test_polling_is_frequent_at_first_and_never_beyond_its_deadline(fake_time: FakeTime) -> None:
    start = fake_time.now
    moments = [fake_time.now - start for _ in poll(fake_time.timer.deadline(10))]
    assert moments == pytest.approx([0, 0.3, 0.8, 1.5, 2.5, 4.0, 6.0, 9.0, 10.0])


@pytest.mark.parametrize("seconds", [0, -5])
def test_there_is_at_least_one_poll(fake_time: FakeTime, seconds: float) -> None:
    assert len(list(poll(fake_time.timer.deadline(seconds)))) == 1
    assert fake_time.slept == []


def test_polling_counts_the_time_that_the_polls_take(fake_time: FakeTime) -> None:
    polls = 0
    for _ in poll(fake_time.timer.deadline(10)):
        polls += 1
        fake_time.now += 20
    assert polls == 1
    assert fake_time.slept == []


def test_the_remaining_time_of_a_deadline_runs_out(fake_time: FakeTime) -> None:
    deadline = fake_time.timer.deadline(5)
    remaining = []
    for _ in itertools.repeat(None, 3):
        remaining.append(deadline.remaining_seconds)
        fake_time.sleep(3)
    assert remaining == [5, 2, -1]
