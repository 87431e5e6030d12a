"""What somebody meant who typed a word that is not there."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Two letters that changed places in a word of six are above it; `dist` and `init` are below.
CUTOFF = 0.7
MAX_LETTERS = 40
# What other tools call the same.
OTHER_NAMES = {
    "publish": "deploy",
    "upload": "deploy",
    "serve": "preview",
    "dev": "preview",
    "whoami": "doctor",
    "ls": "list",
    "show": "get",
    "info": "get",
    "new": "create",
    "rm": "delete",
    "remove": "delete",
    "tail": "logs",
}


def closest(word: str, names: Iterable[str]) -> str:
    """Return the name that a word was meant to be; empty where it is like none of them."""
    names = list(names)
    lower = word.lower()[:MAX_LETTERS]
    if OTHER_NAMES.get(lower) in names:
        return OTHER_NAMES[lower]
    return next(iter(difflib.get_close_matches(lower, names, n=1, cutoff=CUTOFF)), "")
