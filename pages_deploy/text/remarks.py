"""What is said of a failure where many people read it: on a page of the run, in a comment."""

from __future__ import annotations

import re

_ACCOUNT = re.compile(r" (?:in|of) account [0-9a-f]{32}")


def public_words(text: str) -> str:
    """Return a sentence without the account, which is of use only to those who have it."""
    return _ACCOUNT.sub("", text)
