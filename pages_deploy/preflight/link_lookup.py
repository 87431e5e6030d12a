"""Where many values lead that pages have for links, looked up as seldom as can be.

1. Values that were seen to be alive are taken away, all at once: each is known by how many steps up
   it goes, and by the directory to which they lead. So a menu that every page has costs one look
   for each depth of the site.
2. Each of the others is resolved, and its path is looked up once.

What is held is bounded; where it is full, it is forgotten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pages_deploy.preflight.link_targets import path_of_link
from pages_deploy.preflight.markup import LONGEST_VALUE, bare, meant

if TYPE_CHECKING:
    from pages_deploy.preflight.link_targets import Base
    from pages_deploy.rules.answers import Answers, Kind

_THERE = frozenset({"file", "worker", "elsewhere"})
# Of each of the two memories, with what Python adds to an entry.
_MOST_BYTES = 32_000_000
_ENTRY_BYTES = 150
# With another scheme, a host, or all of the path it leads to the same place from every page.
_FROM_ANYWHERE = re.compile(rb"/|(?!https:(?!//))[a-z][a-z0-9+.-]*+:", re.IGNORECASE)
# Nothing in it has to be resolved but the steps up before it, and an empty one is the page itself.
_PLAIN = re.compile(
    rb"""(?:\./(?=\.\./))?+(?=[^/]|/[^/])
    (/|(?:\.\./)*+)
    (?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]*+/)*+
    (?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]*+)?+""",
    re.VERBOSE,
)
# A directory, and by how many steps up it is reached; of none what is reached from anywhere.
_Level = tuple[str, int]


class Lead(NamedTuple):
    """Where a link leads."""

    path: str
    """A path of the site, percent-encoded."""
    kind: Kind
    """What comes of a visit there."""

    @property
    def is_dead(self) -> bool:
        """Whether nothing is there."""
        return self.kind not in _THERE


class LinkLookup:
    """Looks up the links of the pages of one site, best in the order of their directories."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._kinds: dict[str, Kind] = {}
        self._alive: dict[tuple[str, int], set[bytes]] = {}
        self._kinds_bytes = self._alive_bytes = 0
        self._levels = _levels("/")

    def dead_among(self, seen: set[bytes], base: Base) -> dict[bytes, Lead]:
        """Return where those lead of the values that were seen at a glance that lead nowhere."""
        is_known = base.directory is not None and not base.is_elsewhere
        levels = self._levels_of(base.directory or "/") if is_known else []
        alive = (self._alive[level] for level in levels if level in self._alive)
        dead = {}
        for one in seen.difference(*alive):
            value = bare(one)
            if len(value) > LONGEST_VALUE:
                continue
            level, lead = self._look(value, base, levels)
            if lead is not None and lead.is_dead:
                dead[value] = lead
            elif level is not None:
                self._remember(one, level)
        return dead

    def lead_of(self, value: bytes, base: Base) -> Lead | None:
        """Return where a value leads; None where it leads to no path of the site."""
        path = path_of_link(meant(value), base, self._answers.hosts)
        return None if path is None else Lead(path, self._kind_of(path))

    def _look(
        self, value: bytes, base: Base, levels: list[_Level]
    ) -> tuple[_Level | None, Lead | None]:
        """Return where a value leads, and under what that may be known, if it may."""
        if not levels:
            return None, self.lead_of(value, base)
        plain = _PLAIN.fullmatch(value)
        if plain is None:
            level = levels[0 if _FROM_ANYWHERE.match(value) else 1]
            return level, self.lead_of(value, base)
        if value.startswith(b"/"):
            path = value.decode()
            return levels[0], Lead(path, self._kind_of(path))
        steps = 1 + len(plain[1]) // len("../")
        # What goes up further than there is to go stays at the root, and is known here alone.
        path = levels[min(steps, len(levels) - 1)][0] + value[plain.end(1) :].decode()
        return levels[steps if steps < len(levels) else 1], Lead(path, self._kind_of(path))

    def _levels_of(self, directory: str) -> list[_Level]:
        if self._levels[1][0] != directory:
            self._levels = _levels(directory)
        return self._levels

    def _kind_of(self, path: str) -> Kind:
        kind = self._kinds.get(path)
        if kind is None:
            if self._kinds_bytes > _MOST_BYTES:
                self._kinds.clear()
                self._kinds_bytes = 0
            self._kinds_bytes += len(path) + _ENTRY_BYTES
            # Without rules every file is reached by its own name, by a redirect or two.
            is_file = self._answers.has_no_rules and self._answers.has(path)
            kind = self._kinds[path] = "file" if is_file else self._answers.at(path).kind
        return kind

    def _remember(self, value: bytes, level: _Level) -> None:
        if self._alive_bytes > _MOST_BYTES:
            self._alive.clear()
            self._alive_bytes = 0
        self._alive.setdefault(level, set()).add(value)
        self._alive_bytes += len(value) + _ENTRY_BYTES


def _levels(directory: str) -> list[_Level]:
    """Return under what the values of a page may be known: from anywhere, or by steps up."""
    levels: list[_Level] = [("", 0)]
    steps = 0
    while directory:
        levels.append((directory, steps))
        directory = directory[: directory.rindex("/", 0, -1) + 1] if len(directory) > 1 else ""
        steps += 1
    return levels
