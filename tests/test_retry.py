"""When to try again and how long to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.clock import Timer
from pages_deploy.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    AuthenticationError,
    DirectoryError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
)
from pages_deploy.retry import ONCE, PATIENT, Polling, RetryPolicy, call

if TYPE_CHECKING:
    from pages_deploy.retry import Asking
    from tests.world import FakeTime


def connection_error() -> ApiConnectionError:
    return ApiConnectionError("no answer", method="GET", path="/")


def response_error(
    kind: type[ApiResponseError], *, retry_after_seconds: float | None = None
) -> ApiResponseError:
    return kind("no", method="GET", path="/", status=0, retry_after_seconds=retry_after_seconds)


class Failing:
    """An operation that fails some times and then returns its number of calls."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.calls = 0
        self._times = times
        self._error = error or connection_error()

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        return self.calls


def test_success_waits_for_nothing(fake_time: FakeTime) -> None:
    assert call(Failing(0), PATIENT, timer=fake_time.timer) == 1
    assert fake_time.slept == []


def test_the_waits_double_up_to_a_cap(fake_time: FakeTime) -> None:
    policy = RetryPolicy(attempts=8, base_seconds=1, cap_seconds=10)
    assert call(Failing(7), policy, timer=fake_time.timer) == 8
    # Three quarters of 1, 2, 4, 8, 10, 10, 10.
    assert fake_time.slept == [0.75, 1.5, 3.0, 6.0, 7.5, 7.5, 7.5]


def test_the_last_error_is_raised_when_the_attempts_are_used_up(fake_time: FakeTime) -> None:
    operation = Failing(99)
    with pytest.raises(ApiConnectionError):
        call(operation, RetryPolicy(attempts=3), timer=fake_time.timer)
    assert operation.calls == 3
    assert len(fake_time.slept) == 2


def test_once_is_once(fake_time: FakeTime) -> None:
    operation = Failing(1)
    with pytest.raises(ApiConnectionError):
        call(operation, ONCE, timer=fake_time.timer)
    assert operation.calls == 1
    assert fake_time.slept == []


def test_a_retry_after_header_beats_the_formula(fake_time: FakeTime) -> None:
    errors = [response_error(RateLimitError, retry_after_seconds=wish) for wish in (0.0, 90.0)]
    for error in errors:
        call(Failing(1, error), PATIENT, timer=fake_time.timer)
    assert fake_time.slept == [0.0, 90.0]


@pytest.mark.parametrize(("wish", "waits"), [(300.0, [300.0]), (330.0, [330.0]), (331.0, [])])
def test_the_five_minutes_of_a_rate_limit_are_waited_and_an_absurd_wish_is_not(
    fake_time: FakeTime, wish: float, waits: list[float]
) -> None:
    error = response_error(RateLimitError, retry_after_seconds=wish)
    operation = Failing(1, error)
    if waits:
        call(operation, PATIENT, timer=fake_time.timer)
    else:
        with pytest.raises(RateLimitError):
            call(operation, PATIENT, timer=fake_time.timer)
    assert fake_time.slept == waits


@pytest.mark.parametrize(
    "error",
    [
        connection_error(),
        response_error(RateLimitError),
        response_error(ServerError),
        response_error(UnexpectedAnswerError),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_again(fake_time: FakeTime, error: ApiError) -> None:
    assert call(Failing(1, error), PATIENT, timer=fake_time.timer) == 2


@pytest.mark.parametrize(
    "error",
    [
        response_error(ApiResponseError, retry_after_seconds=1.0),
        response_error(AuthenticationError),
        response_error(NotFoundError),
        DirectoryError("not a call at all"),
        ValueError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_will_not_pass_is_not_tried_again(fake_time: FakeTime, error: Exception) -> None:
    operation = Failing(9, error)
    with pytest.raises(type(error)):
        call(operation, PATIENT, timer=fake_time.timer)
    assert operation.calls == 1


LOST = connection_error()
NEVER_SENT = ApiConnectionError("no host", method="DELETE", path="/", sent=False)
BUSY = response_error(RateLimitError)
GONE = response_error(NotFoundError)
BROKEN = response_error(ServerError)
ODD = response_error(UnexpectedAnswerError)


@pytest.mark.parametrize(
    ("errors", "follows"),
    [
        ([GONE], False),
        ([LOST, GONE], True),
        ([BROKEN, GONE], True),
        ([ODD, GONE], True),
        ([LOST, BUSY, NEVER_SENT, GONE], True),
        ([BUSY, GONE], False),
        ([NEVER_SENT, GONE], False),
        ([BUSY, NEVER_SENT, BUSY, GONE], False),
    ],
    ids=range(8),
)
def test_an_error_knows_whether_an_earlier_attempt_may_have_worked(
    fake_time: FakeTime, errors: list[ApiError], follows: bool
) -> None:
    ahead = iter(errors)

    def operation() -> None:
        raise next(ahead)

    with pytest.raises(NotFoundError) as info:
        call(operation, PATIENT, timer=fake_time.timer)
    assert info.value.follows_lost_answer is follows


@given(
    st.integers(1, 40),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.01, 10),
    st.floats(10, 100),
)
def test_jitter_shortens_a_wait_to_no_less_than_half_and_comes_after_the_cap(
    failures: int, random: float, base: float, cap: float
) -> None:
    policy = RetryPolicy(attempts=99, base_seconds=base, cap_seconds=cap)
    timer = Timer(random=lambda: random)
    wait = policy.delay_seconds(failures, connection_error(), timer)
    full = min(cap, base * 2 ** (failures - 1))
    assert wait is not None
    assert full / 2 <= wait <= full
    assert wait == pytest.approx(full * (0.5 + random / 2))


def test_each_wait_is_told_before_it_begins(fake_time: FakeTime) -> None:
    told: list[tuple[str, float, int]] = []
    call(
        Failing(2),
        PATIENT,
        timer=fake_time.timer,
        on_retry=lambda error, wait: told.append((error.message, wait, len(fake_time.slept))),
    )
    assert told == [("no answer", 0.75, 0), ("no answer", 1.5, 1)]


class Answering:
    """A call of the API that answers or fails, as it is told beforehand; the last one for ever."""

    def __init__(self, *answers: int | ApiError) -> None:
        self.asked: list[Asking] = []
        self._answers = answers

    def __call__(self, asking: Asking) -> int:
        self.asked.append(asking)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, ApiError):
            raise answer
        return answer


def test_polling_yields_each_answer_until_time_has_run_out(fake_time: FakeTime) -> None:
    polling = Polling(Answering(1, 2, 3), fake_time.timer.deadline(0.8))
    assert list(polling) == [1, 2, 3]
    assert fake_time.slept == pytest.approx([0.3, 0.5])


def test_a_poll_is_asked_once_and_for_a_part_of_the_time_alone(fake_time: FakeTime) -> None:
    answering = Answering(1)
    assert len(list(Polling(answering, fake_time.timer.deadline(50)))) == len(answering.asked)
    assert {asking["retry"] for asking in answering.asked} == {ONCE}
    timeouts = [asking["timeout_seconds"] for asking in answering.asked]
    assert timeouts[0] == max(timeouts) == 10
    # However little is left, an answer has to be possible.
    assert timeouts[-1] == 2


def test_a_failure_of_a_moment_yields_nothing_and_is_told(fake_time: FakeTime) -> None:
    polling = Polling(Answering(BROKEN, 1, LOST), fake_time.timer.deadline(1.4))
    told = [(answer, polling.trouble) for answer in polling]
    assert told == [(1, None)]
    assert polling.trouble is LOST
    assert polling.trouble_sentence == " The last poll failed: no answer"


def test_a_poll_comes_no_earlier_than_the_server_wants_and_never_too_late(
    fake_time: FakeTime,
) -> None:
    busy = response_error(RateLimitError, retry_after_seconds=8)
    assert next(iter(Polling(Answering(busy, 1), fake_time.timer.deadline(20)))) == 1
    assert fake_time.slept[0] == 8
    began = fake_time.now
    assert list(Polling(Answering(busy), fake_time.timer.deadline(20))) == []
    assert fake_time.now - began == pytest.approx(20)


def test_a_wait_beyond_the_deadline_still_leaves_the_poll_on_it(fake_time: FakeTime) -> None:
    busy = response_error(RateLimitError, retry_after_seconds=99)
    assert next(iter(Polling(Answering(busy, 1), fake_time.timer.deadline(6)))) == 1
    assert fake_time.slept == [6]


def test_a_refusal_ends_polling_unless_it_is_tolerated(fake_time: FakeTime) -> None:
    with pytest.raises(NotFoundError):
        list(Polling(Answering(GONE, 1), fake_time.timer.deadline(9)))
    tolerant = Polling(Answering(GONE, 1), fake_time.timer.deadline(9), tolerated=(NotFoundError,))
    assert next(iter(tolerant)) == 1
