"""Stay below Cloudflare's rate limit, rather than run into it and be shut out for five minutes.

1,200 requests in five minutes are allowed to a user or an account's token, all programs together
(https://developers.cloudflare.com/fundamentals/api/reference/limits/).

1. Count our own requests of the last five minutes; near the limit, wait until the oldest is past.
2. Where the server says how many are left, and it is none, wait as long as it says.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.clock import Timer

WINDOW_SECONDS = 300.0
# Some room for whatever else uses the same token.
REQUESTS_PER_WINDOW = 1100
_REMAINING = re.compile(r"\br=(\d{1,9})\b")
_SECONDS = re.compile(r"\bt=(\d{1,9})\b")


class Pacer:
    """Holds requests back; shared by the threads of one transport.

    `on_wait` is called with the seconds of each wait before it begins.
    """

    def __init__(
        self, timer: Timer, on_wait: Callable[[float], None] = lambda _seconds: None
    ) -> None:
        self._timer = timer
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._sent: deque[float] = deque(maxlen=REQUESTS_PER_WINDOW)
        self._not_before = 0.0

    def wait(self) -> None:
        """Wait until the next request may go, and count it."""
        with self._lock:
            now = self._timer.monotonic()
            until = max(now, self._not_before)
            if len(self._sent) == REQUESTS_PER_WINDOW:
                until = max(until, self._sent[0] + WINDOW_SECONDS)
            # Counted before the wait, so that the next in line waits for its own turn.
            self._sent.append(until)
        if until > now:
            self._on_wait(until - now)
            self._timer.sleep(until - now)

    def note(self, ratelimit: str) -> None:
        """Take in what an answer's header `Ratelimit` says of the requests that are left."""
        remaining, reset = _REMAINING.search(ratelimit), _SECONDS.search(ratelimit)
        if remaining is not None and reset is not None and int(remaining[1]) == 0:
            seconds = min(float(reset[1]), WINDOW_SECONDS)
            with self._lock:
                self._not_before = self._timer.monotonic() + seconds
