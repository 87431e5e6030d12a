"""The limit of requests to the API: one count for all credentials, in windows of time.

Cloudflare counts by user, across that user's tokens, keys and dashboard; the emulator has one user.

1. a window begins with the first request after the one before has ended;
2. the first request above the quota blocks everything for the length of a whole window.

https://developers.cloudflare.com/fundamentals/api/reference/limits/
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import RefusalError

if TYPE_CHECKING:
    from pages_deploy.emulator.state.settings import EmulatorSettings


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a request stands with the limit."""

    quota: int
    """Requests that a window may have."""

    window_seconds: int
    """Length of a window, rounded up."""

    requests_left: int
    """How many more this window may have."""

    seconds_left: int
    """Until the window, or the blocking, ends; rounded up."""

    is_blocked: bool
    """Whether the limit was exceeded, by this request or by one before."""

    def check(self) -> None:
        """Raises RefusalError 971 (HTTP 429) for a request above the limit."""
        if self.is_blocked:
            raise RefusalError(
                429,
                971,
                message=f"More than {self.quota} requests per {self.window_seconds} seconds"
                " reached. Please wait and consider throttling your request speed",
            )

    def headers(self) -> dict[str, str]:
        """The header fields that tell a client, by name."""
        fields = {
            "Ratelimit": f'"default";r={self.requests_left};t={self.seconds_left}',
            "Ratelimit-Policy": f'"default";q={self.quota};w={self.window_seconds}',
        }
        if self.is_blocked:
            fields["Retry-After"] = str(self.seconds_left)
        return fields


class RateLimit:
    """The count of one emulator. With `requests_per_window` of None there is no limit."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._ends_on = -math.inf
        self._count = 0
        self._is_blocked = False

    def count(self) -> Standing | None:
        """Count one request; None without a limit."""
        quota = self._settings.requests_per_window
        if quota is None:
            return None
        with self._lock:
            now = self._settings.now()
            if now >= self._ends_on:
                self._ends_on = now + self._settings.window_seconds
                self._count = 0
                self._is_blocked = False
            self._count += 1
            if self._count > quota and not self._is_blocked:
                self._is_blocked = True
                self._ends_on = now + self._settings.window_seconds
            return Standing(
                quota=quota,
                window_seconds=math.ceil(self._settings.window_seconds),
                requests_left=max(0, quota - self._count),
                seconds_left=math.ceil(self._ends_on - now),
                is_blocked=self._is_blocked,
            )
