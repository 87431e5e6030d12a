"""Amounts as people read them."""

from __future__ import annotations


def human_bytes(count: int) -> str:
    """Write a number of bytes: 999 bytes, 12.3 MB; a kB has 1000 of them."""
    if count < 1000:
        return f"{count} bytes"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95 or unit == "GB":
            break
    return f"{size:.1f} {unit}"


def counted(count: int, thing: str) -> str:
    """Write a number of things whose plural ends in s: 1 file, 2,000 files."""
    return f"{count} {thing}" if count == 1 else f"{count:,} {thing}s"
