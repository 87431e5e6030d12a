"""When to try again, and how long to wait: the only module that sleeps.

A failed attempt is followed by another after the longer of two waits:

1. the server's `Retry-After`, when it sent one (refused when it is unreasonably long);
2. otherwise `base * 2^n`, capped, then spread by jitter so that parallel callers do not return
   in step.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, TypeVar

from pages_deploy.errors import ApiError, ApiResponseError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

# The shortest time in which a look can have an answer, however little is left.
SHORTEST_REQUEST_SECONDS = 2.0


@dataclass(frozen=True)
class Timer:
    """Time as the rest of the program sees it; tests pass one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    # Seconds since the epoch, to compare with what tokens say of themselves.
    wall: Callable[[], float] = time.time
    # A number in [0, 1) for the jitter.
    random: Callable[[], float] = random.random

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(self, self.monotonic() + seconds)


@dataclass(frozen=True)
class Deadline:
    """A moment after which waiting makes no sense."""

    timer: Timer
    at: float

    @property
    def remaining_seconds(self) -> float:
        return self.at - self.timer.monotonic()

    def respect(self, error: ApiError) -> None:
        """Wait as long as a server's answer asks for, before whatever is next; never beyond."""
        wanted = error.retry_after_seconds if isinstance(error, ApiResponseError) else None
        if wanted and self.remaining_seconds > 0:
            self.timer.sleep(min(wanted, self.remaining_seconds))

    def asking(self) -> Asking:
        """Return the keywords of a call that is one look in a poll: once, and not for longer.

        The poll itself is what repeats it, and what knows when to stop.
        """
        seconds = max(SHORTEST_REQUEST_SECONDS, self.remaining_seconds)
        return {"retry": ONCE, "timeout_seconds": seconds}


class Asking(TypedDict):
    """Keywords of a call of the API that looks at something."""

    retry: RetryPolicy
    timeout_seconds: float


@dataclass(frozen=True)
class RetryPolicy:
    """How often one kind of call is tried, and how the waits between grow."""

    attempts: int
    base_seconds: float = 1.0
    cap_seconds: float = 30.0
    # Cloudflare blocks for five minutes after too many requests; a longer wish is an error.
    longest_retry_after_seconds: float = 330.0

    def delay_seconds(self, failures: int, error: Exception, timer: Timer) -> float | None:
        """Return the wait before the next attempt, or None when there should be none.

        `failures` counts the failed attempts so far, the latest included.
        """
        if not (isinstance(error, ApiError) and error.retryable) or failures >= self.attempts:
            return None
        wanted = error.retry_after_seconds if isinstance(error, ApiResponseError) else None
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


# A deployment is mostly ready within a second or two; later looks can be rarer.
POLL_DELAYS_SECONDS = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
POLL_LAST_DELAY_SECONDS = 3.0


def poll(deadline: Deadline) -> Iterator[None]:
    """Yield once per look, waiting between looks, until the deadline has passed.

    There is always at least one look, and the last one falls on the deadline itself.
    """
    delays = iter(POLL_DELAYS_SECONDS)
    while True:
        yield
        remaining = deadline.remaining_seconds
        if remaining <= 0:
            return
        deadline.timer.sleep(min(next(delays, POLL_LAST_DELAY_SECONDS), remaining))
