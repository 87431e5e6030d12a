"""Moments as the API spells them.

A record gives a moment as a `datetime`, to calculate with; what is printed for programs has the
server's own text, which may have fewer or more digits than a `datetime` would give.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, SupportsIndex


class ServerTime(datetime):
    """An aware `datetime` that remembers its text: `str()` gives it as the API spelled it."""

    text: str = ""
    """As the API spelled it; empty for a moment that was calculated from another."""

    @classmethod
    def parse(cls, text: str) -> ServerTime:
        """Read RFC 3339, as in `2021-03-09T00:55:03.923456Z`; digits below microseconds are cut.

        Raises ValueError for what is no moment, or does not say in which time zone.
        """
        moment = cls.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(f"'{text}' has no time zone")
        moment.text = text
        return moment

    def __str__(self) -> str:
        return self.text or self.isoformat()

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """Let copies and pickles keep the text."""
        if not self.text:
            return super().__reduce_ex__(protocol)
        return (type(self).parse, (self.text,))
