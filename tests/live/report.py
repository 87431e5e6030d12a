"""What a run of the contract has found: a line for each check, so that one run tells everything.

A line is made so that a difference can become a change of the emulator: what was asked, what the
contract expects, which is what the emulator answers, and what came in its place.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pages_deploy.text.masking import masked_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One check."""

    contract: str
    """The part of the contract, such as `rollback`."""
    request: str
    """What was asked, in words or as on the wire."""
    expected: Any
    """As JSON; of an object, all that is compared."""
    found: Any
    """As JSON; an object may say more than was expected, for whoever changes the emulator."""
    is_equal: bool

    def in_words(self) -> Iterator[str]:
        """Yield the lines that people read: of objects, what differs."""
        expected, found = self.expected, self.found
        if isinstance(expected, dict) and isinstance(found, dict):
            names = [name for name, value in expected.items() if found.get(name) != value]
            expected = {name: expected[name] for name in names}
            found = {name: found.get(name) for name in names}
        yield f"{self.contract}: {self.request}"
        yield f"  expected {_json(expected)}"
        yield f"  found    {_json(found)}"


class Report:
    """The lines of a run; each is in the file, if there is one, as soon as it is known."""

    def __init__(self, mask: Callable[[str], str], file: Path | None = None) -> None:
        self.lines: list[Line] = []
        self.notes: list[str] = []
        self._mask = mask
        self._file = file
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("", "utf-8")

    def add(self, line: Line) -> Line:
        """Take a check; returns it as it is told, without any secret."""
        told = Line(**masked_json(asdict(line), self._mask))
        self.lines.append(told)
        self._write(asdict(told))
        return told

    def note(self, text: str) -> None:
        """Take a sentence that people should read."""
        self.notes.append(self._mask(text))
        self._write({"note": self.notes[-1]})

    def in_words(self) -> Iterator[str]:
        """Yield what people read at the end."""
        differences = [line for line in self.lines if not line.is_equal]
        yield f"{len(self.lines)} checks, {len(differences)} differences."
        for line in differences:
            yield from line.in_words()
        yield from self.notes
        if self._file is not None:
            yield f"All of it is in {self._file}"

    def _write(self, line: object) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{_json(line)}\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
