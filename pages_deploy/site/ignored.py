"""What the patterns of `.assetsignore` and EXCLUDE leave out: decided entry by entry, and counted.

1. Each directory hands its entries on with what the patterns have seen of its path.
2. What is left out is not looked into but to count its files: nothing below can be brought back,
   as in git.
3. `.assetsignore` is written for Cloudflare Workers too, where `_headers` and its like would be
   published: it does not touch them. EXCLUDE does, for it is said to this tool.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.site.ignoring import IGNORE_FILE, RESERVED_IN_ROOT, files_below
from pages_deploy.site.patterns import PatternSet
from pages_deploy.site.reading import is_link
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.site.patterns import Pattern

# Of those that are listed; the counts have all.
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class IgnoredEntry:
    """One entry that a pattern leaves out, a directory with all that is in it."""

    path: str
    """With its leading slash, and with one at the end of a directory."""
    files: int
    """How many files are left out with it."""
    origin: str
    """Where the pattern stands: `.assetsignore` or `EXCLUDE`."""
    line: int
    """The line of the pattern there."""


@dataclass(frozen=True)
class Ignored:
    """The files that patterns leave out."""

    counts: dict[str, int] = field(default_factory=dict)
    """How many there are, by where the patterns stand."""
    entries: tuple[IgnoredEntry, ...] = ()
    """The first of the entries, in the order of the walk."""

    @property
    def count(self) -> int:
        """How many files there are."""
        return sum(self.counts.values())

    @property
    def words(self) -> str:
        """How many files each origin leaves out: `3 files ignored by .assetsignore`."""
        first, *others = self.counts
        told = [f"{counted(self.counts[first], 'file')} ignored by {first}"]
        return ", ".join(told + [f"{self.counts[origin]} by {origin}" for origin in others])


class Ignoring:
    """Asks the patterns about each entry of a walk, and notes what they leave out."""

    def __init__(self, from_file: tuple[Pattern, ...], exclude: tuple[Pattern, ...]) -> None:
        self._all = PatternSet((*from_file, *exclude))
        self._exclude = PatternSet(exclude)
        self._entries: list[IgnoredEntry] = []
        self._counts = Counter[str]()
        self.start = self._all.start
        """The state of the root."""

    @property
    def found(self) -> Ignored:
        """What was left out so far."""
        order = sorted(self._counts, key=lambda origin: origin != IGNORE_FILE)
        counts = {origin: self._counts[origin] for origin in order if self._counts[origin]}
        return Ignored(counts, tuple(self._entries))

    def below(self, state: int, name: str) -> int:
        """Return the state of a directory, by that of the one above."""
        return self._all.after(state, os.fsencode(name) + b"/")

    def leaves_out(
        self,
        path: str,
        place: str,
        state: int,
        status: os.stat_result,
        *,
        resolve: Callable[[], os.stat_result],
    ) -> bool:
        """Whether an entry is left out, which is noted.

        `state` is that of its directory, `status` its own; only where it is a link, and what it
        leads to matters, `resolve` tells the status of that.
        """
        name = os.fsencode(place.rpartition(os.sep)[2])
        is_reserved = path[1:] in RESERVED_IN_ROOT
        patterns = self._exclude if is_reserved else self._all
        ended = patterns.after(patterns.start if is_reserved else state, name)
        as_file, as_directory = (
            patterns.last_match(ended, is_directory=is_directory) for is_directory in (False, True)
        )
        is_directory = stat.S_ISDIR(status.st_mode)
        if is_link(status) and _leaves_out(as_file) != _leaves_out(as_directory):
            is_directory = stat.S_ISDIR(resolve().st_mode)
        pattern = as_directory if is_directory else as_file
        if pattern is None or pattern.brings_back:
            return False
        self._note(path, place, pattern, has_files=stat.S_ISDIR(status.st_mode))
        return True

    def _note(self, path: str, place: str, pattern: Pattern, *, has_files: bool) -> None:
        files = files_below(Path(place), path).count
        self._counts[pattern.origin] += files
        if len(self._entries) < MOST_LISTED:
            shown = path.encode(errors="surrogateescape").decode(errors="replace")
            shown += "/" if has_files else ""
            self._entries.append(IgnoredEntry(shown, files, pattern.origin, pattern.line))


def _leaves_out(pattern: Pattern | None) -> bool:
    return pattern is not None and not pattern.brings_back
