"""The lines of a `_redirects` or `_headers` file that may say something, as JavaScript sees them.

After workers-sdk: the parsers in `packages/workers-shared/utils/configuration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.rules.dropped import Dropped

if TYPE_CHECKING:
    from collections.abc import Iterator

# `constants.ts` of the parsers.
MAX_LINE_UNITS = 2000

# JavaScript's white space, which Python's is not: it has U+FEFF and lacks U+001C to U+001F, U+0085.
BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# What JavaScript's `.` does not match.
LINE_ENDS = "\n\r\u2028\u2029"


def trimmed(text: str) -> str:
    """Return a text without the blanks at its ends, as JavaScript's `trim` does."""
    return text.strip(BLANKS)


def lines_of(text: str, dropped: list[Dropped]) -> Iterator[tuple[int, str]]:
    """Yield each line of a file with its number from 1, trimmed.

    Empty lines and comments are left out. So are lines of more than `MAX_LINE_UNITS` UTF-16 units,
    which are noted in `dropped`.
    """
    for number, raw in enumerate(text.split("\n"), 1):
        line = trimmed(raw)
        if not line or line.startswith("#"):
            continue
        units = len(line) + sum(letter > "\uffff" for letter in line)
        if units <= MAX_LINE_UNITS:
            yield number, line
        else:
            reason = f"the line has {units:,} characters, and Pages reads {MAX_LINE_UNITS:,}"
            dropped.append(Dropped(number, reason, "long"))
