"""What a site's `_headers` file does to the headers of a path.

A line that Cloudflare's parser ignores is ignored here, in silence:

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

from pages_deploy.rules.lines import BLANKS, lines_of, trimmed
from pages_deploy.rules.path_pattern import PathPattern, pattern_of
from pages_deploy.rules.paths import filled, has_host, stored_form

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://developers.cloudflare.com/pages/configuration/headers/. Counted before the block above is
# kept, so that one more gets through.
MAX_HEADER_BLOCKS = 100

_PATH_LINE = re.compile(f"/|[^{BLANKS}]+://")
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
            taken = pattern.match(f"https://{host}{path}" if has_host(rule.path) else path)
            if taken is None:
                continue
            if name in rule.unset:
                found = ""
            if name in rule.set:
                value = filled(rule.set[name], taken)
                found, is_set = f"{found}, {value}" if is_set and found else value, True
        return found

    @cached_property
    def _compiled(self) -> list[tuple[PathPattern, HeaderRule]]:
        latest = {rule.path: rule for rule in self.rules}
        patterns = ((pattern_of(path), rule) for path, rule in latest.items())
        return [(pattern, rule) for pattern, rule in patterns if pattern is not None]


def read_headers(text: str) -> HeaderRules:
    """Read a `_headers` file; what Cloudflare would ignore is left out."""
    blocks: list[HeaderRule] = []
    path = ""
    given: dict[str, list[str]] = {}
    unset: list[str] = []

    def end_block() -> None:
        if path and (given or unset):
            values = {name: ", ".join(several) for name, several in given.items()}
            blocks.append(HeaderRule(path, values, tuple(unset)))

    for _, line in lines_of(text):
        if _PATH_LINE.match(line):
            if len(blocks) >= MAX_HEADER_BLOCKS:
                break
            end_block()
            path, given, unset = stored_form(line, may_have_port=False), {}, []
            if "*" in path and (path.count("*") > 1 or _SPLAT.search(path)):
                path = ""
            continue
        name, colon, value = map(trimmed, line.partition(":"))
        if not colon:
            if line.startswith("! "):
                unset.append(line[2:].lower())
        elif name and value and " " not in name:
            given.setdefault(name.lower(), []).append(value)
    end_block()
    return HeaderRules(tuple(blocks))
