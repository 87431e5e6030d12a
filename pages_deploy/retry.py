"""When to try again, and how long to wait before.

A failed attempt is followed by another after the longer of two waits:

1. the server's `Retry-After`, when it sent one (refused when it is unreasonably long);
2. otherwise `base * 2^n`, capped, then spread by jitter so that parallel callers do not return
   in step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, TypeVar

from pages_deploy.errors import ApiError, ApiResponseError

if TYPE_CHECKING:
    from pages_deploy.clock import Deadline, Timer

T = TypeVar("T")

# The shortest time in which a look can have an answer, however little is left.
SHORTEST_REQUEST_SECONDS = 2.0


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


def respect(deadline: Deadline, error: ApiError) -> None:
    """Wait as long as a server's answer asks for, before whatever is next; never beyond."""
    wanted = error.retry_after_seconds if isinstance(error, ApiResponseError) else None
    if wanted and deadline.remaining_seconds > 0:
        deadline.timer.sleep(min(wanted, deadline.remaining_seconds))


def asking(deadline: Deadline) -> Asking:
    """Return the keywords of a call that is one look in a poll: once, and not for longer.

    The poll itself is what repeats it, and what knows when to stop.
    """
    seconds = max(SHORTEST_REQUEST_SECONDS, deadline.remaining_seconds)
    return {"retry": ONCE, "timeout_seconds": seconds}


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
