"""What a site's `_redirects` file does to a path.

A line that Cloudflare's parser ignores is ignored here too, and its reason is noted:

1. Bring both addresses of a line into the form in which a request has them: dots resolved,
   percent-encoded.
2. Keep what passes the checks and the counts; the first dynamic source ends the static part.
3. Match a path: as it stands against static sources, then by patterns in the order of the file.
4. Put what wildcards took into the target; of a path on this site, each run of slashes is one.

After workers-sdk: `packages/workers-shared/utils/configuration/parseRedirects.ts`, and what is done
by the rules in `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pages_deploy.rules.dropped import Dropped, DroppedKind, shown
from pages_deploy.rules.lines import BLANKS, LINE_ENDS, lines_of
from pages_deploy.rules.path_pattern import PathPattern, pattern_of
from pages_deploy.rules.paths import filled, has_host, stored_form

# https://developers.cloudflare.com/pages/configuration/redirects/
MAX_STATIC_REDIRECTS = 2000
MAX_DYNAMIC_REDIRECTS = 100
REDIRECT_STATUSES = frozenset({200, 301, 302, 303, 307, 308})

_STATUSES = "200, 301, 302, 303, 307 and 308"
_BLANK_RUN = re.compile(f"[{BLANKS}]++")
# Begun at the first blank of several alone, or many of them would take the square of their time. It
# goes on to the end, and has no line's end in it, such as a carriage return.
_COMMENT = re.compile(f"(?<![{BLANKS}])[{BLANKS}]++#")
# What leads to another site as it is written, and is then left as it is.
_HOST = re.compile(rf"\w++://|//[^/\\?#{BLANKS}]", re.ASCII)
_SLASHES = re.compile(r"[/\\]++")
_DYNAMIC = re.compile(r"\*|:[A-Za-z]")
_INDEX = re.compile(r"/index(.html)?$")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_OTHER_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]++|[oO][0-7]++|[bB][01]++)")


@dataclass(frozen=True)
class Redirect:
    """One rule of `_redirects`."""

    source: str
    """A path in its stored form, with `*` and `:placeholder` where it is dynamic."""
    target: str
    """A path, or `https://` with a host and a path; query and fragment belong to it."""
    status: int
    """One of `REDIRECT_STATUSES`; 200 shows another page of the site in place."""
    line_number: int
    """Where it stands in the file, counted from 1."""


@dataclass(frozen=True)
class Redirects:
    """The rules that count, in the order of the file."""

    rules: tuple[Redirect, ...]
    dropped: tuple[Dropped, ...] = ()
    """The lines that do not."""

    def matches(self, path: str) -> bool:
        """Whether a rule answers, before any asset does, at a path as sent, without its query."""
        return self.rule_for(path) is not None

    def rule_for(self, path: str) -> Redirect | None:
        """Return the rule that answers at a path: percent-encoded as sent, without its query."""
        found = self._find(path)
        return None if found is None else found[0]

    def target_for(self, path: str) -> tuple[str, int] | None:
        """Return where a path leads and by which status; None where no rule answers.

        The target is a path or an address with a host, with its own query and fragment, if any.
        """
        found = self._find(path)
        if found is None:
            return None
        rule, taken = found
        if taken is None:
            return rule.target, rule.status
        target = filled(rule.target, taken)
        return target if _HOST.match(rule.target) else _with_single_slashes(target), rule.status

    def _find(self, path: str) -> tuple[Redirect, dict[str, str] | None] | None:
        """Return the rule of a path, with what its wildcards take where it is a dynamic one."""
        static, dynamic = self._compiled
        if path in static:
            return static[path], None
        for pattern, rule in dynamic:
            if (taken := pattern.match(path)) is not None:
                return rule, taken
        return None

    @cached_property
    def _compiled(self) -> tuple[dict[str, Redirect], list[tuple[PathPattern, Redirect]]]:
        first = next((i for i, rule in enumerate(self.rules) if is_dynamic(rule.source)), None)
        split = len(self.rules) if first is None else first
        static = {rule.source: rule for rule in self.rules[:split]}
        patterns = ((pattern_of(rule.source), rule) for rule in self.rules[split:])
        return static, [(pattern, rule) for pattern, rule in patterns if pattern is not None]


def is_dynamic(source: str) -> bool:
    """Whether a source has wildcards, or would have them if a path was written as one."""
    return _DYNAMIC.search(source) is not None


def read_redirects(text: str) -> Redirects:
    """Read a `_redirects` file, and note what Cloudflare leaves out of it."""
    reader = _Reader()
    for number, line in lines_of(text, reader.dropped):
        if reason := reader.read(number, line):
            reader.dropped.append(Dropped(number, reason, reader.kind))
        if reader.is_full:
            break
    return Redirects(tuple(reader.rules.values()), tuple(reader.dropped))


class _Reader:
    """Reads one line after another; the checks are in Cloudflare's order, since each one counts."""

    def __init__(self) -> None:
        self.rules: dict[str, Redirect] = {}
        self.dropped: list[Dropped] = []
        self.is_full = False
        self.kind: DroppedKind = "invalid"
        """Of what was left out last."""
        self._lines: dict[str, int] = {}
        self._static = self._dynamic = 0

    def read(self, number: int, line: str) -> str:
        """Take a line; returns why it is left out, or nothing."""
        self.kind = "invalid"
        tokens = _BLANK_RUN.split(_without_comment(line))
        if len(tokens) not in (2, 3):
            words = "1 word" if len(tokens) == 1 else f"{len(tokens)} words"
            return f"it has {words}, and a rule has a source, a target and a status"
        if has_host(tokens[0]):
            return f"the source {shown(tokens[0])} has a host, and a rule is for every host"
        source = stored_form("/" + tokens[0].removeprefix("/"))
        target = stored_form(tokens[1], whole=True)
        status = _number(tokens[2]) if len(tokens) == 3 else 302
        rule = Redirect(source, target, int(status) if status in REDIRECT_STATUSES else 0, number)
        return self._count(source) or _wrong(rule, tokens) or self._keep(rule)

    def _keep(self, rule: Redirect) -> str:
        """Keep a rule that is right by itself; returns why it is left out, or nothing."""
        if _is_loop(rule.source, rule.target):
            self.kind = "loop"
            return "from the index of the target Pages leads back to the source: that is a loop"
        if (first := self._lines.get(rule.source)) is not None:
            self.kind = "duplicate"
            return f"line {first} has the same source, and it is the first that counts"
        self._lines[rule.source] = rule.line_number
        if rule.status == 200 and has_host(rule.target):
            return "with the status 200 the target has to be a path of this site"
        self.rules[rule.source] = rule
        is_possible = pattern_of(rule.source) is not None
        return "" if is_possible else "two wildcards of the source have one name: it never matches"

    def _count(self, source: str) -> str:
        """Count a line; returns why it is too many, or nothing."""
        if self._dynamic or is_dynamic(source):
            self._dynamic += 1
            if self._dynamic > MAX_DYNAMIC_REDIRECTS:
                self.is_full = True
                self.kind = "end"
                return (
                    f"Pages reads {MAX_DYNAMIC_REDIRECTS:,} lines from the first one with * or "
                    ":name on, and nothing of the file below"
                )
            return ""
        self._static += 1
        if self._static > MAX_STATIC_REDIRECTS:
            self.kind = "limit"
            return f"Pages reads {MAX_STATIC_REDIRECTS:,} lines without * or :name"
        return ""


def _without_comment(line: str) -> str:
    last_end = max(map(line.rfind, LINE_ENDS))
    found = (match for match in _COMMENT.finditer(line) if match.end() > last_end)
    comment = next(found, None)
    return line if comment is None else line[: comment.start()]


def _with_single_slashes(target: str) -> str:
    """Make one slash of each run in the path, so that what a wildcard took can name no host."""
    end = next((at for at, letter in enumerate(target) if letter in "?#"), len(target))
    return _SLASHES.sub("/", target[:end]) + target[end:]


def _wrong(rule: Redirect, tokens: list[str]) -> str:
    """Return what is wrong with a rule by itself, or nothing."""
    if not rule.target:
        return f"the target {shown(tokens[1])} is neither a path that begins with / nor https://"
    if rule.status not in REDIRECT_STATUSES:
        return f"the status {shown(tokens[2])} is none of {_STATUSES}"
    return ""


def _number(token: str) -> float:
    """Read a number as JavaScript does; 0 for what is none."""
    if _DECIMAL.fullmatch(token):
        return float(token)
    return int(token, 0) if _OTHER_BASE.fullmatch(token) else 0


def _is_loop(source: str, target: str) -> bool:
    """Whether Pages would send the visitor from the target's `index` back to the source."""
    return source.endswith(("/", "/*")) and not has_host(target) and bool(_INDEX.search(target))
