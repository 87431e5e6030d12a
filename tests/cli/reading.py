"""Read what commands print: tables, facts, JSON, complaints."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.world import Outcome


class AtTerminal(Protocol):
    def __call__(self, *arguments: str, environ: Mapping[str, str], answer: str) -> Outcome:
        """Run a command line for somebody who types an answer."""


def rows(outcome: Outcome) -> list[dict[str, str]]:
    """Return the rows of a table by their headings."""
    assert outcome.exit_code == 0, outcome.stderr
    headings, *lines = outcome.stdout.splitlines()
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", headings)]
    ends = [*starts[1:], None]
    return [
        {
            headings[start:end].strip().lower(): line[start:end].strip()
            for start, end in zip(starts, ends, strict=True)
        }
        for line in lines
    ]


def facts(outcome: Outcome) -> dict[str, str]:
    """Return the facts of one record by their names."""
    assert outcome.exit_code == 0, outcome.stderr
    pairs = (line.partition(":") for line in outcome.stdout.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def data(outcome: Outcome) -> Any:
    """Return the JSON on stdout, where there must be nothing else."""
    assert outcome.exit_code == 0, outcome.stderr
    return json.loads(outcome.stdout)


def complaint(outcome: Outcome, exit_code: int) -> str:
    """Return the one error on stderr with its hint, and make sure that it is no traceback."""
    assert outcome.exit_code == exit_code, outcome.stderr
    assert "Traceback" not in outcome.stderr
    lines = outcome.stderr.splitlines()
    errors = [number for number, line in enumerate(lines) if line.startswith("Error: ")]
    assert len(errors) == 1, outcome.stderr
    return "\n".join(lines[errors[0] :])
