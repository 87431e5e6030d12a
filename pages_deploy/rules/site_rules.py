"""What a site's own `_redirects` and `_headers` do to a path, for the proof of serving.

A path that the site itself redirects is no failure, and a header that it changes is not compared.
Lines that Cloudflare's parser ignores are ignored here, in silence:

1. Split at line feeds and trim as JavaScript does; skip empty lines, comments and long lines.
2. Bring paths into the form in which a request has them: dots resolved, percent-encoded.
3. Of `_redirects` keep what passes the checks and the counts; the first dynamic source ends the
   static part. Of `_headers` collect the lines of each block; a later block of the same path takes
   the place of the earlier one.
4. Match a path: as it stands against static sources, then by patterns in the order of the file.

After workers-sdk: the parsers in `packages/workers-shared/utils/configuration`, and what is done by
their rules in `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pages_deploy.rules.paths import filled, has_host, pattern_of, stored_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# https://developers.cloudflare.com/pages/configuration/redirects/ and `constants.ts` of the parser;
# a line is counted in UTF-16 units.
MAX_LINE_UNITS = 2000
MAX_STATIC_REDIRECTS = 2000
MAX_DYNAMIC_REDIRECTS = 100
# Counted before the block above is kept, so that one more gets through.
MAX_HEADER_BLOCKS = 100
REDIRECT_STATUSES = frozenset({200, 301, 302, 303, 307, 308})

# JavaScript's white space, which Python's is not: it has U+FEFF and lacks U+001C to U+001F, U+0085.
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_BLANK_RUN = re.compile(f"[{_BLANKS}]+")
_BLANK_ENDS = re.compile(f"^[{_BLANKS}]+|[{_BLANKS}]+$")
_COMMENT = re.compile(f"[{_BLANKS}]+#.*")
_PATH_LINE = re.compile(f"/|[^{_BLANKS}]+://")
_DYNAMIC = re.compile(r"\*|:[A-Za-z]")
# The placeholder that `*` becomes.
_SPLAT = re.compile(r":splat(?!\w)", re.ASCII)
_INDEX = re.compile(r"/index(.html)?$")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_OTHER_BASE = re.compile(r"0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


@dataclass(frozen=True)
class Redirect:
    """One rule of `_redirects`; 200 shows another page of the site in place."""

    source: str
    target: str
    status: int
    line_number: int


@dataclass(frozen=True)
class Redirects:
    """The rules that count, in the order of the file."""

    rules: tuple[Redirect, ...]

    def matches(self, path: str) -> bool:
        """Whether a rule answers, before any asset does, at a path as sent, without its query."""
        return self.rule_for(path) is not None

    def rule_for(self, path: str) -> Redirect | None:
        """Return the rule that answers at a path: percent-encoded as sent, without its query."""
        static, dynamic = self._compiled
        if path in static:
            return static[path]
        return next((rule for pattern, rule in dynamic if pattern.fullmatch(path)), None)

    @cached_property
    def _compiled(self) -> tuple[dict[str, Redirect], list[tuple[re.Pattern[str], Redirect]]]:
        first = next((i for i, rule in enumerate(self.rules) if _DYNAMIC.search(rule.source)), None)
        split = len(self.rules) if first is None else first
        static = {rule.source: rule for rule in self.rules[:split]}
        patterns = ((pattern_of(rule.source), rule) for rule in self.rules[split:])
        return static, [(pattern, rule) for pattern, rule in patterns if pattern is not None]


@dataclass(frozen=True)
class HeaderRule:
    """One block of `_headers`; the names are in lower case."""

    # A path, or `https://`, a host and a path.
    path: str
    set: Mapping[str, str]
    unset: tuple[str, ...]


@dataclass(frozen=True)
class HeaderRules:
    """The blocks that count, in the order of the file."""

    rules: tuple[HeaderRule, ...]

    def sets(self, path: str, header_name: str, *, host: str = "") -> str | None:
        """Return what the site makes of a header at a path; None where it leaves it alone.

        A header that is taken away is the empty text. The path is percent-encoded, as sent, without
        its query; the host is in lower case, without a port, and rules for a host need one.
        """
        name, found, is_set = header_name.lower(), None, False
        for pattern, rule in self._compiled:
            match = pattern.fullmatch(f"https://{host}{path}" if has_host(rule.path) else path)
            if match is None:
                continue
            if name in rule.unset:
                found = ""
            if name in rule.set:
                value = filled(rule.set[name], match.groupdict())
                found, is_set = f"{found}, {value}" if is_set and found else value, True
        return found

    @cached_property
    def _compiled(self) -> list[tuple[re.Pattern[str], HeaderRule]]:
        latest = {rule.path: rule for rule in self.rules}
        patterns = ((pattern_of(path), rule) for path, rule in latest.items())
        return [(pattern, rule) for pattern, rule in patterns if pattern is not None]


def read_redirects(text: str) -> Redirects:
    """Read a `_redirects` file; what Cloudflare would ignore is left out."""
    rules: dict[str, Redirect] = {}
    taken, static_count, dynamic_count = set(), 0, 0
    for number, line in _lines(text):
        tokens = _BLANK_RUN.split(_COMMENT.sub("", line))
        if len(tokens) not in (2, 3) or has_host(tokens[0]):
            continue
        source = stored_form("/" + tokens[0].removeprefix("/"))
        if dynamic_count or _DYNAMIC.search(source):
            dynamic_count += 1
            if dynamic_count > MAX_DYNAMIC_REDIRECTS:
                break
        else:
            static_count += 1
            if static_count > MAX_STATIC_REDIRECTS:
                continue
        target = stored_form(tokens[1], whole=True)
        status = _number(tokens[2]) if len(tokens) == 3 else 302
        if not target or status not in REDIRECT_STATUSES or _is_loop(source, target):
            continue
        if source in taken:
            continue
        taken.add(source)
        if status != 200 or not has_host(target):
            rules[source] = Redirect(source, target, int(status), number)
    return Redirects(tuple(rules.values()))


def read_headers(text: str) -> HeaderRules:
    """Read a `_headers` file; what Cloudflare would ignore is left out."""
    blocks: list[HeaderRule] = []
    path = ""
    given: dict[str, str] = {}
    unset: list[str] = []

    def end_block() -> None:
        if path and (given or unset):
            blocks.append(HeaderRule(path, given, tuple(unset)))

    for _, line in _lines(text):
        if _PATH_LINE.match(line):
            if len(blocks) >= MAX_HEADER_BLOCKS:
                break
            end_block()
            path, given, unset = stored_form(line, may_have_port=False), {}, []
            if "*" in path and (path.count("*") > 1 or _SPLAT.search(path)):
                path = ""
            continue
        name, colon, value = (_BLANK_ENDS.sub("", part) for part in line.partition(":"))
        if not colon:
            if line.startswith("! "):
                unset.append(line[2:].lower())
        elif name and value and " " not in name:
            name = name.lower()
            given[name] = f"{given[name]}, {value}" if name in given else value
    end_block()
    return HeaderRules(tuple(blocks))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that may say something, trimmed, with its number from 1."""
    for number, raw in enumerate(text.split("\n"), 1):
        line = _BLANK_ENDS.sub("", raw)
        units = len(line) + sum(letter > "\uffff" for letter in line)
        if line and not line.startswith("#") and units <= MAX_LINE_UNITS:
            yield number, line


def _number(token: str) -> float:
    """Read a number as JavaScript does; 0 for what is none."""
    if _DECIMAL.fullmatch(token):
        return float(token)
    return int(token, 0) if _OTHER_BASE.fullmatch(token) else 0


def _is_loop(source: str, target: str) -> bool:
    """Whether Pages would send the visitor from the target's `index` back to the source."""
    return source.endswith(("/", "/*")) and not has_host(target) and bool(_INDEX.search(target))
