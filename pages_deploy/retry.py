"""When to ask again: after a failure, and while something is under way.

A failed attempt is followed by another after the longer of two waits:

1. the server's `Retry-After`, when it sent one (refused when it is unreasonably long);
2. otherwise `base * 2^n`, capped, then spread by jitter so that parallel callers do not return
   in step.

What is under way is polled until a deadline; a failed poll is followed by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypedDict, TypeVar

from pages_deploy.clock import poll_delays
from pages_deploy.errors import ApiError, ApiResponseError

if TYPE_CHECKING:
    from pages_deploy.clock import Deadline, Timer

T = TypeVar("T")

# The shortest time in which a poll can have an answer, however little is left.
SHORTEST_REQUEST_SECONDS = 2.0
# Of all the time there is, one poll may wait for its answer this part: the server that hangs once
# may be well a moment later.
LONGEST_PART_OF_TIME = 0.2


@dataclass(frozen=True)
class RetryPolicy:
    """How often one kind of call is tried, and how the waits between grow."""

    attempts: int
    """How often it is tried at the most, the first time included."""
    base_seconds: float = 1.0
    """The wait after the first failure, before jitter."""
    cap_seconds: float = 30.0
    """What no wait of the formula exceeds."""
    longest_retry_after_seconds: float = 330.0
    """Cloudflare blocks for five minutes after too many requests; a longer wish is an error."""

    def delay_seconds(self, failures: int, error: Exception, timer: Timer) -> float | None:
        """Return the wait before the next attempt, or None when there should be none.

        `failures` counts the failed attempts so far, the latest included.
        """
        if not (isinstance(error, ApiError) and error.retryable) or failures >= self.attempts:
            return None
        wanted = _retry_after_seconds(error)
        if wanted is not None:
            return wanted if wanted <= self.longest_retry_after_seconds else None
        capped = min(self.cap_seconds, self.base_seconds * 2.0 ** (failures - 1))
        return capped * (0.5 + timer.random() / 2)


# Reading is harmless, and so is a call that says the same thing again.
PATIENT = RetryPolicy(attempts=6)
ONCE = RetryPolicy(attempts=1)


# Called before each wait with the error and the seconds until the next attempt.
OnRetry = Callable[[ApiError, float], None]


def ignore_retry(_error: ApiError, _seconds: float) -> None:
    """Say nothing of a retry."""


def call(
    operation: Callable[[], T],
    policy: RetryPolicy,
    *,
    timer: Timer,
    on_retry: OnRetry = ignore_retry,
) -> T:
    """Run `operation` until it succeeds or the policy has no further attempt; raises its error."""
    failures = 0
    lost_answer = False
    while True:
        try:
            return operation()
        except ApiError as error:
            failures += 1
            error.follows_lost_answer = lost_answer
            lost_answer = lost_answer or error.may_have_worked
            wait = policy.delay_seconds(failures, error, timer)
            if wait is None:
                raise
            on_retry(error, wait)
            timer.sleep(wait)


class Asking(TypedDict):
    """Keywords of a call of the API that is one poll: once, and for a part of the time."""

    retry: RetryPolicy
    timeout_seconds: float


@dataclass
class Polling(Generic[T]):
    """The answers of the API about something under way, one a poll, until a deadline.

    Iterating asks, and yields each answer. A poll that fails for a moment yields nothing and is
    followed by the next one, no earlier than the server's `Retry-After` wants; any other ApiError
    is raised. Whoever iterates leaves the loop at the answer that is waited for; its end means that
    time has run out.
    """

    ask: Callable[[Asking], T]
    """Asks once; gets the keywords for the call of the API."""
    deadline: Deadline
    tolerated: tuple[type[ApiError], ...] = ()
    """Errors that are waited out like those of a moment."""
    trouble: ApiError | None = None
    """Why the latest poll failed; None where it did not."""

    def __iter__(self) -> Iterator[T]:
        longest_seconds = self.deadline.remaining_seconds * LONGEST_PART_OF_TIME
        for delay in poll_delays():
            left = min(longest_seconds, self.deadline.remaining_seconds)
            patience = max(SHORTEST_REQUEST_SECONDS, left)
            wanted = None
            try:
                answer = self.ask({"retry": ONCE, "timeout_seconds": patience})
            except ApiError as error:
                if not error.retryable and not isinstance(error, self.tolerated):
                    raise
                self.trouble = error
                wanted = _retry_after_seconds(error)
            else:
                self.trouble = None
                yield answer
            remaining = self.deadline.remaining_seconds
            if remaining <= 0:
                return
            # However long the server wants to be left alone, the last poll falls on the deadline.
            self.deadline.timer.sleep(min(max(delay, wanted or 0.0), remaining))

    @property
    def trouble_sentence(self) -> str:
        """A sentence about why the latest poll failed, after a space; empty where it did not."""
        return f" The last poll failed: {self.trouble.message}" if self.trouble is not None else ""


def _retry_after_seconds(error: ApiError) -> float | None:
    return error.retry_after_seconds if isinstance(error, ApiResponseError) else None
