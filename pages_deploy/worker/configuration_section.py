"""Reading a table of wrangler's configuration file field by field, and saying what is wrong.

What has the wrong shape is reported and read as if it were not there, so that one run tells all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pages_deploy.worker.configuration_lines import Path, line_of, lines_of_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

JsonObject = Mapping[str, Any]
"""An object of a parsed file, of which nobody has checked what is in it."""


class Report:
    """What there is to say about one file: each sentence once, with file, line and key in front."""

    def __init__(self, file_name: str, text: str) -> None:
        self._file_name = file_name
        self._text = text
        self.problems: dict[str, None] = {}
        """What cannot be deployed, in the order in which it was found."""

    def refuse(self, path: Path, said: str) -> None:
        """Say what is wrong with a key; `said` goes on after its name."""
        self.problems[f"{self.place(path)} `{shown_path(path)}` {said}"] = None

    def place(self, path: Path) -> str:
        """Return `wrangler.toml:7:`, without the number where the text is not known."""
        line = line_of(self._lines, path)
        return f"{self._file_name}:" + ("" if line is None else f"{line}:")

    @cached_property
    def _lines(self) -> dict[Path, int]:
        return lines_of_keys(self._text, self._file_name) if self._text else {}


@dataclass(frozen=True)
class Section:
    """One table of a configuration file."""

    values: JsonObject
    path: Path
    """Where it stands in the file; empty for the whole of it."""
    report: Report

    def refuse(self, key: str, said: str) -> None:
        """Say what is wrong with a key of this table."""
        self.report.refuse((*self.path, key), said)

    def text(self, key: str) -> str:
        """Return a text; empty where there is none, as an empty one counts as unset."""
        value = self.values.get(key, "")
        if isinstance(value, str):
            return value
        self.refuse(key, f"has to be a text, but is {kind_of(value)}.")
        return ""

    def needed_text(self, key: str, why: str = "") -> str:
        """Return a text that has to be there; empty where it was refused."""
        value = self.text(key)
        if not value and isinstance(self.values.get(key, ""), str):
            self.refuse(key, f"is missing{f': {why}' if why else ''}.")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts; None where there is none."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.refuse(key, f"has to be a list of texts, but is {kind_of(value)}.")
        return None

    def flag(self, key: str) -> bool | None:
        """Return true or false; None where there is neither."""
        value = self.values.get(key)
        if key not in self.values or isinstance(value, bool):
            return value
        self.refuse(key, f"has to be true or false, but is {kind_of(value)}.")
        return None

    def number(self, key: str) -> float | None:
        """Return a number; None where there is none."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if is_number(value):
            return value
        self.refuse(key, f"has to be a number, but is {kind_of(value)}.")
        return None

    def table(self, key: str) -> Section | None:
        """Return a table inside of this one; None where there is none."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if isinstance(value, dict):
            return Section(value, (*self.path, key), self.report)
        self.refuse(key, f"has to be a table, but is {kind_of(value)}.")
        return None

    def tables(self, key: str) -> Iterator[Section]:
        """Yield the tables of a list."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"has to be a list of tables, but is {kind_of(value)}.")
            return
        for index, item in enumerate(value):
            path = (*self.path, key, index)
            if isinstance(item, dict):
                yield Section(item, path, self.report)
            else:
                self.report.refuse(path, f"has to be a table, but is {kind_of(item)}.")

    # Any: whatever stands there.
    def json(self, key: str) -> Any:
        """Return a value as JSON can have it; None, too, for one that JSON has not."""
        value = self.values.get(key)
        odd = next(_without_json(value), None)
        if odd is None:
            return value
        self.refuse(key, f"contains {kind_of(odd)}, which a variable cannot be: put it in quotes.")
        return None

    def unknown(self, known: Collection[str]) -> Iterator[str]:
        """Yield a warning for each key that nobody reads."""
        for key in self.values:
            if key not in known:
                path = (*self.path, key)
                yield (
                    f"{self.report.place(path)} Unexpected field found: `{shown_path(path)}` is "
                    "not a key that Pages knows, so it has no effect."
                )


def shown_path(path: Path) -> str:
    """Return a path as people write it: `env.production.kv_namespaces[0].id`."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown.removeprefix(".")


def is_number(value: object) -> bool:
    """Whether a value is a number that JSON has: neither a truth value nor infinite."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def kind_of(value: object) -> str:
    """Name what kind of value this is, for a sentence."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, name in ((str, "a text"), (dict, "a table"), (list, "a list")):
        if isinstance(value, kind):
            return name
    if isinstance(value, (int, float)):
        return "a number" if math.isfinite(value) else "a number that is not finite"
    return "a date or time"


# Any: whatever a file can have.
def _without_json(value: Any) -> Iterator[Any]:
    """Yield what JSON cannot have, from a value and all that is in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif not (one is None or isinstance(one, (str, bool)) or is_number(one)):
            yield one
