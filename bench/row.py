"""One line of the result: what was compared, what is aimed at, what came out."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Sample

# How a figure is written, by what it counts.
FORMS = {
    "times": "{:.2f}",
    "megabytes": "{:.0f} MB",
    "calls": "{:.0f}",
    "share": "{:.0%}",
    "requests a second": "{:,.0f}",
}


@dataclass(frozen=True)
class Row:
    """A figure, or why there is none."""

    what: str
    unit: str
    """One of FORMS."""

    target: float | None = None
    """None where nothing is aimed at."""

    value: float | None = None
    note: str = ""
    """What was compared; where there is no figure, why."""

    is_at_least: bool = False
    """Whether the target is the least; otherwise it is the most."""

    @property
    def is_met(self) -> bool | None:
        """None where that cannot be told."""
        if self.value is None or self.target is None:
            return None
        # As it is shown: 1.504 is shown as 1.50.
        shown = round(self.value, 0 if self.unit == "megabytes" else 2)
        return shown >= self.target if self.is_at_least else shown <= self.target

    def cells(self) -> tuple[str, str, str, str]:
        """Return what, target, figure and note as text."""
        form = FORMS[self.unit].format
        sign = "at least" if self.is_at_least else "at most"
        target = "" if self.target is None else f"{sign} {form(self.target)}"
        if self.value is None:
            return self.what, target, "-", self.note
        mark = " (missed)" if self.is_met is False else ""
        return self.what, target, form(self.value) + mark, self.note


def seconds(name: str, samples: Sequence[Sample]) -> str:
    """Return the median time and its range as text: `wrangler 9.2 s (9.0 to 9.9)`."""
    return spread(name, [sample.wall_seconds for sample in samples])


def spread(name: str, values: Sequence[float]) -> str:
    """Return the median of some seconds and their range as text."""
    middle = statistics.median(values)
    digits = 3 if middle < 0.1 else 2
    shown = [f"{value:.{digits}f}" for value in (middle, min(values), max(values))]
    return f"{name} {shown[0]} s" + (f" ({shown[1]} to {shown[2]})" if len(values) > 1 else "")
