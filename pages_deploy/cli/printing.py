"""How commands print records: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pages_deploy.cli.api_names import as_api
from pages_deploy.cli.runtime import Runtime
from pages_deploy.text.escaping import json_text, log_line

COLUMN_GAP = "  "
NOTHING = "-"


def print_json(runtime: Runtime, value: object) -> None:
    """Print a record, or a list of records, as JSON; fields and times keep the API's words."""
    runtime.print_text(json_text(as_api(value), indent=2))


def print_json_line(runtime: Runtime, value: object) -> None:
    """Print a record of many as JSON on one line, for programs that read while it goes on."""
    runtime.print_text(json_text(as_api(value)))


def print_table(runtime: Runtime, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their headings, aligned; an empty cell shows as a dash.

    On a terminal that is too narrow each row is a block of its own, so that no word is broken.
    """
    cells = [[log_line(cell) or NOTHING for cell in row] for row in rows]
    table = [[column.upper() for column in columns], *cells]
    widths = [max(len(row[number]) for row in table) for number in range(len(columns))]
    if runtime.width is not None and sum(widths) + len(COLUMN_GAP) * (len(widths) - 1) > (
        runtime.width
    ):
        for number, row in enumerate(cells):
            if number:
                runtime.print_line("")
            print_facts(runtime, dict(zip(map(str.capitalize, columns), row, strict=True)))
        return
    for row in table:
        line = COLUMN_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        runtime.print_line(line.rstrip())


def print_facts(runtime: Runtime, facts: Mapping[str, str]) -> None:
    """Print one record, a fact a line; what is empty is left out."""
    known = {name: value for name, value in facts.items() if value}
    width = max(map(len, known), default=0) + 1
    for name, value in known.items():
        runtime.print_line(f"{name + ':':<{width}} {value}")


def print_deleted(runtime: Runtime, kind: str, name: str, *, as_json: bool) -> None:
    """Say what is gone."""
    if as_json:
        print_json(runtime, {"deleted": {kind: name}})
    else:
        runtime.print_line(f"Deleted {kind} {name}")


def age(created_on: datetime | None, now: datetime) -> str:
    """Say in one unit how long ago a moment was; empty where it is not known."""
    if created_on is None:
        return ""
    seconds = int((now - created_on).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{max(0, seconds)} s"
