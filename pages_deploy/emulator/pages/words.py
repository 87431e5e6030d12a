"""Times, sizes and counts as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_KIB: Final = 1024


def moment(seconds: float) -> str:
    """A time, from seconds since 1970: `2026-01-02 03:04:05 UTC`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def time_of_day(seconds: float) -> str:
    """The time of a moment without its day: `03:04:05`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def age(seconds: float) -> str:
    """How long ago something was, by its age: `5 minutes ago`."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            return f"{count(int(seconds // unit), name)} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """A number of things: `1 file`, `2,000 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(byte_count: int) -> str:
    """A number of bytes: `512 bytes`, `1.5 KiB`."""
    if byte_count < _KIB:
        return count(byte_count, "byte")
    kib = byte_count / _KIB
    return f"{kib:,.1f} KiB" if kib < _KIB else f"{kib / _KIB:,.1f} MiB"
