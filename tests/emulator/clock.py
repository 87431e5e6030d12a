"""Time that passes only when a test says so."""

from __future__ import annotations


class Clock:
    """The clock of an emulator, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
