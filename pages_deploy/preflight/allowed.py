"""The addresses that may vanish: a file with one path or pattern a line.

`*` stands for any characters, slashes too, as in `_redirects` and `_routes.json`; a line that
begins with `#` is a comment. A path may be percent-encoded or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.rules.addresses import decoded
from pages_deploy.rules.globs import globs

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 1_000_000
# Each of them is tried on each address.
MOST_PATTERNS = 1_000


@dataclass
class Allowed:
    """What may vanish."""

    name: str = ""
    """The file's, as it was given; empty where there is none."""
    lines: dict[str, int] = field(default_factory=dict)
    """The number of the line, from 1, of each path and pattern, decoded."""
    used: set[str] = field(default_factory=set)
    """Those that have allowed something."""

    def __post_init__(self) -> None:
        self._patterns = [entry for entry in self.lines if "*" in entry]

    def allows(self, path: str) -> bool:
        """Whether a path, decoded, may vanish; every entry that says so counts as used."""
        saying = [entry for entry in self._patterns if globs(entry, path)]
        if path in self.lines:
            saying.append(path)
        self.used.update(saying)
        return bool(saying)

    @property
    def unused(self) -> dict[str, int]:
        """The lines that have allowed nothing."""
        return {entry: line for entry, line in self.lines.items() if entry not in self.used}


def read_allowed(file: Path, *, name: str) -> Allowed:
    """Read a file that is called `name` in messages. Raises SettingsError."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"Cannot read {name}, which names the addresses that may vanish: "
            f"{error.strerror or error}.",
            "Check the path: it has one address or pattern a line.",
        ) from error
    lines: dict[str, int] = {}
    for number, line in enumerate(content.decode("utf-8-sig", "replace").split("\n"), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        if not entry.startswith(("/", "*")):
            raise SettingsError(
                f"{name}:{number}: {entry[:100]!r} is no path: it does not begin with a slash.",
                "Write each address as /path, with * for any characters.",
            )
        lines.setdefault(decoded(entry), number)
    if len(content) > MOST_BYTES or sum("*" in entry for entry in lines) > MOST_PATTERNS:
        raise SettingsError(
            f"{name} is larger than {MOST_BYTES:,} bytes, or has more than {MOST_PATTERNS:,} "
            "patterns.",
            "Write fewer and wider patterns.",
        )
    return Allowed(name, lines)
