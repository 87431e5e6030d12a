"""Time: the clock that everything reads, deadlines, and how often to poll what is under way.

The only module that sleeps.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Timer:
    """Time as the rest of the program sees it; tests pass one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    """Waits for so many seconds."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that only grow, to measure durations by."""
    wall: Callable[[], float] = time.time
    """Seconds since the epoch, to compare with what tokens say of themselves."""
    random: Callable[[], float] = random.random
    """A number in [0, 1) for the jitter."""

    def deadline(self, seconds: float) -> Deadline:
        """Return the moment that is so many seconds from now."""
        return Deadline(self, self.monotonic() + seconds)


@dataclass(frozen=True)
class Deadline:
    """A moment after which waiting makes no sense."""

    timer: Timer
    at: float
    """The moment on the timer's monotonic clock, in seconds."""

    @property
    def remaining_seconds(self) -> float:
        """How long it is until then; negative once it has passed."""
        return self.at - self.timer.monotonic()


# A deployment is mostly ready within a second or two; later polls can be rarer.
POLL_DELAYS_SECONDS = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
POLL_LAST_DELAY_SECONDS = 3.0


def poll_delays() -> Iterator[float]:
    """Yield the seconds to wait after each poll, without end."""
    yield from POLL_DELAYS_SECONDS
    while True:
        yield POLL_LAST_DELAY_SECONDS


def poll(deadline: Deadline) -> Iterator[None]:
    """Yield once a poll, waiting between polls, until the deadline has passed.

    There is always at least one poll, and the last one falls on the deadline itself.
    """
    for delay in poll_delays():
        yield
        remaining = deadline.remaining_seconds
        if remaining <= 0:
            return
        deadline.timer.sleep(min(delay, remaining))
