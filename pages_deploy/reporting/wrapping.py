"""Sentences on a terminal that is narrower than they are."""

from __future__ import annotations

import textwrap


def wrapped(line: str, columns: int) -> str:
    """Return a line broken between words, what follows further to the right.

    A word that is too long, such as an address, stays whole: the terminal folds it, and it can
    still be opened and copied as one.
    """
    if len(line) <= columns:
        return line
    indent = len(line) - len(line.lstrip(" ")) + 2
    parts = textwrap.wrap(
        line,
        columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )
    return "\n".join(parts)
