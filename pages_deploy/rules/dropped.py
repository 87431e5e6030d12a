"""What Pages leaves out of a file of rules, and why: nobody else tells the site's owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# A line that is no rule; one whose place another line takes; one that leads back to itself; one
# that is one too many; one that is too many together with all below it; one that is too long.
DroppedKind = Literal["invalid", "duplicate", "loop", "limit", "end", "long"]


@dataclass(frozen=True)
class Dropped:
    """A line that has no effect, or not the one that it looks like."""

    line_number: int
    """Counted from 1."""
    reason: str
    """Why, as a sentence without its end, such as `the status 404 is none that Pages knows`."""
    kind: DroppedKind = "invalid"


def shown(text: str, *, longest: int = 80) -> str:
    """Quote a piece of a line; of a long one its beginning."""
    return f"'{text}'" if len(text) <= longest else f"'{text[:longest]}...'"
