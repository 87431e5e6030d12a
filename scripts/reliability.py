"""Write the tables of docs/reliability.md by running every cell of them; a test keeps them equal.

Usage: python scripts/reliability.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


from tests.acceptance.fault_matrix import (  # noqa: E402 - the path has to be right before
    BEFORE_CREATION,
    FAULTS,
    FROM_CREATION_ON,
    REQUESTS,
    Request,
)
from tests.acceptance.fault_runs import Cell, Key, run_all  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE = ROOT / "docs" / "reliability.md"
TABLES = {
    "Before the creation": BEFORE_CREATION,
    "From the creation on": FROM_CREATION_ON,
}


def main() -> None:
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), all_cells()), "utf-8")


def all_cells() -> dict[Key, Cell]:
    """Run every request with every fault, once and each time."""
    return run_all(
        [
            (request, fault_name, is_always)
            for request in REQUESTS
            for fault_name in FAULTS
            for is_always in (False, True)
        ]
    )


def with_tables(page: str, cells: Mapping[Key, Cell]) -> str:
    """Return the page's text with the tables as the runs have come out."""
    parts = []
    for title, requests in TABLES.items():
        parts.append(f"## {title}\n")
        parts += [f"- **{request.name}**: {request.words}" for request in requests]
        for is_always, often in ((False, "once"), (True, "each time")):
            parts.append(f"\nThe fault happens {often}:\n")
            parts += _table(requests, cells, is_always=is_always)
        parts.append("")
    pattern = re.compile(r"(<!-- tables: [^\n]*-->\n).*?(<!-- /tables -->)", re.DOTALL)
    changed, count = pattern.subn(lambda found: found[1] + "\n".join(parts) + found[2], page)
    if count != 1:
        raise SystemExit(f"{PAGE} has {count} places for the tables")
    return changed


def _table(requests: Sequence[Request], cells: Mapping[Key, Cell], *, is_always: bool) -> list[str]:
    rows = [["", *(request.name for request in requests)]]
    for fault_name in FAULTS:
        outcomes = (cells[request, fault_name, is_always].text for request in requests)
        rows.append([fault_name, *outcomes])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading, *lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    return [heading, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines]


if __name__ == "__main__":
    main()
