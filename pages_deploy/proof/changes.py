"""Which pages differ from what production served before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """The pages that are new, changed or removed: paths as in the address bar, decoded."""

    baseline: str
    """The id of the deployment that was compared with; empty where there was none."""
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_complete: bool = True
    """Whether every page was compared and the removed ones could be known."""
