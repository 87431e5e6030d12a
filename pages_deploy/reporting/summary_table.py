"""The table in a summary: a row for each site, with what belongs to the rows below it.

Several runs may write to one file, and so may others. A run that finds our own table at the end of
what is there adds its row to it; after anything else it begins a table of its own. The table is
known by its form alone: heading, rows, and blocks as `summary.py` makes them, up to the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COLUMNS = ("Site", "Status", "Address", "Commit", "Files", "Verified", "Time")
HEADING = (
    f"### Cloudflare Pages deployments\n\n| {' | '.join(COLUMNS)} |\n|{' :--- |' * len(COLUMNS)}\n"
).encode()
# GitHub drops what is longer, all of it.
MAX_SUMMARY_BYTES = 1024 * 1024
_CELL = rb"(?:\\[^\r\n]| (?!\|)|[^ \\|<>\r\n])++"
_ROW = rb"\| " + rb" \| ".join([_CELL] * len(COLUMNS)) + rb" \|\n"
_WORDS = rb"[^<>\r\n]++"
_ITEM = rb"- " + _WORDS + rb"\n"
_FOLDED = rb"<details><summary>" + _WORDS + rb"</summary>\n\n(?:" + _ITEM + rb")++\n</details>\n\n"
_OURS = re.compile(
    rb"(?P<rows>(?:" + _ROW + rb")++)\n(?:" + _FOLDED + rb"|(?:" + _ITEM + rb")++\n)*+"
)


@dataclass(frozen=True)
class Summary:
    """What the page of a run says of one site."""

    row: str
    """Its line of the table, as `row_of` makes it."""
    details: str
    """What stands below the table: whole blocks, each with a blank line at its end."""

    def masked(self, mask: Callable[[str], str]) -> Summary:
        """Return the same without secrets."""
        return Summary(mask(self.row), mask(self.details))


def row_of(cells: Sequence[str]) -> str:
    """Return a line of the table; no cell may be empty."""
    return f"| {' | '.join(cells)} |\n"


def joined(there: bytes, summary: Summary) -> tuple[int, bytes]:
    """Return how much of what is there stays at its place, and what follows it from then on.

    Raises ValueError where the row would make it longer than is shown.
    """
    # What a server answers may hold half a character, which no file can.
    row, details = (text.encode(errors="replace") for text in (summary.row, summary.details))
    kept, before, after = _place(there)
    room = MAX_SUMMARY_BYTES - kept - len(before) - len(row) - len(after)
    if room < 0:
        raise ValueError("with this row it is longer than the 1 MiB that GitHub shows")
    return kept, before + row + after + (details if len(details) <= room else b"")


def _place(there: bytes) -> tuple[int, bytes, bytes]:
    """Return where a row goes, and what has to come before and after it."""
    start = there.rfind(HEADING)
    if start == 0 or there[start - 1 : start] == b"\n":
        ours = _OURS.fullmatch(there, start + len(HEADING))
        if ours is not None:
            return ours.end("rows"), b"", there[ours.end("rows") :]
    # A heading needs a blank line before it, where HTML or a table ends.
    ended = next((end for end in (b"\n\n", b"\n") if there.endswith(end)), b"")
    return len(there), (b"\n\n"[len(ended) :] if there else b"") + HEADING, b"\n"
