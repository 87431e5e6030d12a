"""The outcome of one check before a deployment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """The outcome of one check; printed as JSON by `pages-deploy doctor --json`."""

    subject: str
    """What was checked, in a word."""
    fine: bool
    """Whether a deployment can work as far as this goes."""
    words: str
    """What is the case."""
    remedy: str = ""
    """What to do; good ones may carry advice too."""
    exit_code: int = 0
    """With what a deployment would end; 0 where it is fine."""
