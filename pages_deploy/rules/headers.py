"""What a site's `_headers` file does to the headers of a path.

A line that Cloudflare's parser ignores is ignored here too, and its reason is noted:

1. A line that is a path begins a block; it is brought into the form in which a request has it.
2. Collect the lines below it, which set a header or take one away; a later block of the same path
   takes the place of the earlier one.
3. Match a path by the patterns of all blocks, in the order of the file.

After workers-sdk: `packages/workers-shared/utils/configuration/parseHeaders.ts`, and what is done
by the rules in `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pages_deploy.rules.dropped import Dropped, shown
from pages_deploy.rules.lines import BLANKS, lines_of, trimmed
from pages_deploy.rules.path_pattern import PathPattern, pattern_of
from pages_deploy.rules.paths import filled, has_host, stored_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# https://developers.cloudflare.com/pages/configuration/headers/. Counted before the block above is
# kept, so that one more gets through.
MAX_HEADER_BLOCKS = 100

# A header whose value is an address, which looks like one itself.
_GLUED = re.compile(r"[A-Za-z0-9-]++:[A-Za-z]++://")
_PATH_LINE = re.compile(f"/|[^{BLANKS}]+://")
# https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# https://fetch.spec.whatwg.org/#concept-header-value-normalize
_OUTER = " \t\r\n"
# The placeholder that `*` becomes.
_SPLAT = re.compile(r":splat(?!\w)", re.ASCII)


@dataclass(frozen=True)
class HeaderRule:
    """One block of `_headers`; the names of headers are in lower case."""

    path: str
    """In its stored form: a path, or `https://`, a host and a path."""
    set: Mapping[str, str]
    """The values by name; those of a name that is given twice are joined by a comma."""
    unset: tuple[str, ...]
    """The names that are taken away."""


@dataclass(frozen=True)
class Change:
    """What one block does to the headers of a path: it takes away first, then sets."""

    unset: tuple[str, ...]
    set: Mapping[str, str]
    """The values, with what wildcards took."""


@dataclass(frozen=True)
class HeaderRules:
    """The blocks that count, in the order of the file."""

    rules: tuple[HeaderRule, ...]
    dropped: tuple[Dropped, ...] = ()
    """The lines that do not."""

    def changes(self, path: str, *, host: str = "") -> Iterator[Change]:
        """Yield what the blocks do at a path, in their order.

        The path is percent-encoded, as sent, without its query; the host is in lower case, without
        a port, and rules for a host need one. The first block that sets a name takes the place of
        what there was; the later ones add to it.
        """
        for pattern, rule in self._compiled:
            taken = pattern.match(f"https://{host}{path}" if has_host(rule.path) else path)
            if taken is not None:
                # Blanks at the ends, such as those around a splat that took nothing, are not sent.
                values = {
                    name: filled(value, taken).strip(_OUTER) for name, value in rule.set.items()
                }
                yield Change(rule.unset, values)

    def sets(self, path: str, header_name: str, *, host: str = "") -> str | None:
        """Return what the site makes of a header at a path; None where it leaves it alone.

        A header that is taken away is the empty text.
        """
        name, found, is_set = header_name.lower(), None, False
        for change in self.changes(path, host=host):
            if name in change.unset:
                found = ""
            if name in change.set:
                value = change.set[name]
                found, is_set = f"{found}, {value}" if is_set and found else value, True
        return found

    @cached_property
    def _compiled(self) -> list[tuple[PathPattern, HeaderRule]]:
        latest = {rule.path: rule for rule in self.rules}
        patterns = ((pattern_of(path), _usable(rule)) for path, rule in latest.items())
        return [(pattern, rule) for pattern, rule in patterns if pattern is not None]


def _usable(rule: HeaderRule) -> HeaderRule:
    """Leave out names and values that no server can send; Cloudflare's fails on them."""
    values = {name: value for name, value in rule.set.items() if not _unsendable(name, value)}
    unset = tuple(name for name in rule.unset if not _unsendable(name, ""))
    return HeaderRule(rule.path, values, unset)


def _unsendable(name: str, value: str) -> str:
    """Return why no server can send a header, or nothing."""
    if _NAME.fullmatch(name) is None:
        return f"{shown(name)} cannot be the name of a header"
    return "the value has a control character in it" if _CONTROL.search(value) else ""


def read_headers(text: str) -> HeaderRules:
    """Read a `_headers` file, and note what Cloudflare leaves out of it."""
    reader = _Reader()
    for number, line in lines_of(text, reader.dropped):
        if reason := reader.read(number, line):
            reader.dropped.append(Dropped(number, reason, "end" if reader.is_full else "invalid"))
        if reader.is_full:
            break
    else:
        reader.end_block()
    return HeaderRules(tuple(reader.blocks), tuple(reader.dropped))


class _Reader:
    """Reads one line after another into blocks."""

    def __init__(self) -> None:
        self.blocks: list[HeaderRule] = []
        self.dropped: list[Dropped] = []
        self.is_full = False
        self._begin(0, "")
        self._lines: dict[str, int] = {}

    def read(self, number: int, line: str) -> str:
        """Take a line; returns why it is left out, or nothing."""
        if _PATH_LINE.match(line):
            return self._read_path(number, line)
        if not self._path:
            # Below a path that is wrong, the path alone is reported.
            return "" if self._line_number else "it stands above the first path"
        name, colon, value = map(trimmed, line.partition(":"))
        if not colon:
            return self._read_detachment(line)
        if not name or not value:
            return "the name or the value is missing"
        if " " in name:
            return f"the name {shown(name)} has a blank in it"
        self._given.setdefault(name.lower(), []).append(value)
        return _unsendable(name, value)

    def _read_detachment(self, line: str) -> str:
        if not line.startswith("! "):
            return f"{shown(line)} has no colon, so it is no header"
        name = line[2:].lower()
        self._unset.append(name)
        return _unsendable(name, "")

    def _read_path(self, number: int, line: str) -> str:
        if len(self.blocks) >= MAX_HEADER_BLOCKS:
            self.is_full = True
            self.end_block()
            return f"Pages reads {MAX_HEADER_BLOCKS + 1} paths, and nothing of the file below"
        self.end_block()
        path = stored_form(line, may_have_port=False)
        reason = ""
        if not path:
            reason = f"{shown(line)} is neither a path nor https:// with a host and without a port"
            if _GLUED.match(line):
                reason += ": of a header, put a blank behind its colon"
        elif path.count("*") > 1:
            reason = f"{shown(line)} has more than one *"
        elif "*" in path and _SPLAT.search(path):
            reason = f"{shown(line)} has both * and :splat, which is the name of what * takes"
        self._begin(number, "" if reason else path)
        if not reason and pattern_of(path) is None:
            return "two wildcards of the path have one name, so it never matches"
        return reason

    def _begin(self, number: int, path: str) -> None:
        self._line_number, self._path = number, path
        self._given: dict[str, list[str]] = {}
        self._unset: list[str] = []

    def end_block(self) -> None:
        """Keep the block that is being read; one without headers says nothing."""
        if not self._path:
            return
        if not self._given and not self._unset:
            self.dropped.append(Dropped(self._line_number, "no header stands below this path"))
            return
        if self._path in self._lines:
            reason = f"line {self._line_number} has the same path, and takes the place of this one"
            self.dropped.append(Dropped(self._lines[self._path], reason, "duplicate"))
        self._lines[self._path] = self._line_number
        values = {name: ", ".join(several) for name, several in self._given.items()}
        self.blocks.append(HeaderRule(self._path, values, tuple(self._unset)))
