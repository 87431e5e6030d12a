"""What a site's `_redirects` file does to a path.

A line that Cloudflare's parser ignores is ignored here, in silence:

1. Bring both addresses of a line into the form in which a request has them: dots resolved,
   percent-encoded.
2. Keep what passes the checks and the counts; the first dynamic source ends the static part.
3. Match a path: as it stands against static sources, then by patterns in the order of the file.

After workers-sdk: `packages/workers-shared/utils/configuration/parseRedirects.ts`, and what is done
by the rules in `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pages_deploy.rules.lines import BLANKS, lines_of
from pages_deploy.rules.path_pattern import PathPattern, pattern_of
from pages_deploy.rules.paths import has_host, stored_form

# https://developers.cloudflare.com/pages/configuration/redirects/
MAX_STATIC_REDIRECTS = 2000
MAX_DYNAMIC_REDIRECTS = 100
REDIRECT_STATUSES = frozenset({200, 301, 302, 303, 307, 308})

_BLANK_RUN = re.compile(f"[{BLANKS}]++")
# Begun at the first blank of several alone, or many of them would take the square of their time.
_COMMENT = re.compile(f"(?<![{BLANKS}])[{BLANKS}]++#.*+")
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

    def matches(self, path: str) -> bool:
        """Whether a rule answers, before any asset does, at a path as sent, without its query."""
        return self.rule_for(path) is not None

    def rule_for(self, path: str) -> Redirect | None:
        """Return the rule that answers at a path: percent-encoded as sent, without its query."""
        static, dynamic = self._compiled
        if path in static:
            return static[path]
        return next((rule for pattern, rule in dynamic if pattern.match(path) is not None), None)

    @cached_property
    def _compiled(self) -> tuple[dict[str, Redirect], list[tuple[PathPattern, Redirect]]]:
        first = next((i for i, rule in enumerate(self.rules) if _DYNAMIC.search(rule.source)), None)
        split = len(self.rules) if first is None else first
        static = {rule.source: rule for rule in self.rules[:split]}
        patterns = ((pattern_of(rule.source), rule) for rule in self.rules[split:])
        return static, [(pattern, rule) for pattern, rule in patterns if pattern is not None]


def read_redirects(text: str) -> Redirects:
    """Read a `_redirects` file; what Cloudflare would ignore is left out."""
    rules: dict[str, Redirect] = {}
    taken, static_count, dynamic_count = set(), 0, 0
    for number, line in lines_of(text):
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


def _number(token: str) -> float:
    """Read a number as JavaScript does; 0 for what is none."""
    if _DECIMAL.fullmatch(token):
        return float(token)
    return int(token, 0) if _OTHER_BASE.fullmatch(token) else 0


def _is_loop(source: str, target: str) -> bool:
    """Whether Pages would send the visitor from the target's `index` back to the source."""
    return source.endswith(("/", "/*")) and not has_host(target) and bool(_INDEX.search(target))
