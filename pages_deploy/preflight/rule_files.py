"""What Pages leaves out of a site's files of rules: it deploys them all the same, in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects

if TYPE_CHECKING:
    from collections.abc import Mapping


class DroppedRule(NamedTuple):
    """A line without effect."""

    file: str
    """`_headers` or `_redirects`."""
    line: int
    """Counted from 1."""
    reason: str
    """Why, as a sentence without its end."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def dropped_rules(special_files: Mapping[str, bytes]) -> list[DroppedRule]:
    """Return what has no effect in the special files of a manifest, by file and line."""
    dropped = {
        "_headers": read_headers(_text(special_files, "_headers")).dropped,
        "_redirects": read_redirects(_text(special_files, "_redirects")).dropped,
    }
    return sorted(
        DroppedRule(file, one.line_number, one.reason)
        for file, several in dropped.items()
        for one in several
    )


def _text(special_files: Mapping[str, bytes], name: str) -> str:
    return special_files.get(name, b"").decode("utf-8", "replace")
