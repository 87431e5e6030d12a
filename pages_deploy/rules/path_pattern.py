"""What a rule's path matches: literal text, placeholders and a splat, in time that cannot explode.

Cloudflare makes a regular expression of a rule (workers-sdk,
`packages/pages-shared/asset-server/rulesEngine.ts`): `*` becomes `.*`, and `:name` becomes `[^/]+`,
in a host `[^/.]+`. Several placeholders beside each other would have such an expression try every
way to share a path among them, so the same is matched by sets of places instead:

1. Split a rule into its parts.
2. From its last part to its first, note the places of the path at which the rest of the rule
   matches all that follows: one integer a part, whose bit `n` stands for the last `n` letters.
3. From the first part to the last, let each placeholder take as much as those places allow, which
   is what a greedy expression does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from pages_deploy.rules.lines import LINE_ENDS

_WILDCARD = re.compile(r"\*|:([A-Za-z]\w*+)", re.ASCII)
# In a host a placeholder ends where a letter stands that an expression has to escape.
_ENDS_IN_HOST = frozenset("-/\\^$+?.()|[]{}")
_HTTPS = "https://"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A part of a rule that takes any letters but some."""

    name: str
    """What its text is called in the values of headers."""
    excluded: str
    """The letters that it does not take."""
    may_be_empty: bool = False
    """Whether no letter at all is enough for it."""


class PathPattern:
    """One rule's path, or `https://`, host and path, in its stored form."""

    def __init__(self, parts: list[str | Wildcard]) -> None:
        self._parts = parts
        first, last = parts[0], parts[-1]
        self._start = first if isinstance(first, str) else ""
        self._end = last if isinstance(last, str) else ""

    def match(self, text: str) -> dict[str, str] | None:
        """Return what the wildcards take of a text by their names; None where it does not match."""
        if not text.startswith(self._start) or not text.endswith(self._end):
            return None
        reached = self._reached(text)
        if not reached[0] >> len(text) & 1:
            return None
        found = {}
        at = 0
        for part, after in zip(self._parts, reached[1:], strict=True):
            if isinstance(part, str):
                at += len(part)
                continue
            end = _end_of_run(text, at, part.excluded)
            # The lowest place is the one with the fewest letters behind it.
            places = after >> (len(text) - end)
            end -= (places & -places).bit_length() - 1
            found[part.name] = text[at:end]
            at = end
        return found

    def _reached(self, text: str) -> list[int]:
        """Return the places at which each part and all behind it match, and the end's."""
        before: defaultdict[str, int] = defaultdict(int)
        for place, letter in enumerate(reversed(text)):
            before[letter] |= 1 << place
        everywhere = (1 << len(text)) - 1
        places = 1
        reached = [places]
        for part in reversed(self._parts):
            if isinstance(part, str):
                for letter in reversed(part):
                    places = (places & before[letter]) << 1
            else:
                taken = everywhere
                for letter in part.excluded:
                    taken &= ~before[letter]
                start = places & taken
                # Adding one to a run of ones turns over all of them above it.
                run = ((start + taken) ^ taken | start) & taken
                places = run << 1 | (places if part.may_be_empty else 0)
            reached.append(places)
        reached.reverse()
        return reached


def pattern_of(rule: str) -> PathPattern | None:
    """Read a stored form; None where Cloudflare's makes no expression, so that it never matches.

    That is where two wildcards have one name. Cloudflare replaces placeholders one after another
    wherever their text stands, those of the host first, so that a name that begins with an earlier
    one is that one again.
    """
    parts: list[str | Wildcard] = []
    host_end = _end_of_run(rule, len(_HTTPS), "/") if rule.startswith(_HTTPS) else 0
    of_host, of_path = [], []
    at = 0
    for found in _WILDCARD.finditer(rule):
        parts.append(rule[at : found.start()])
        at, name = found.end(), found[1]
        if name is None:
            parts.append(Wildcard("splat", LINE_ENDS, may_be_empty=True))
        elif at <= host_end and rule[at : at + 1] in _ENDS_IN_HOST:
            parts.append(Wildcard(name, "/."))
            of_host.append(name)
        else:
            parts.append(Wildcard(name, "/"))
            of_path.append(name)
    parts.append(rule[at:])
    taken: set[str] = set()
    for name in of_host + of_path:
        if any(name[:length] in taken for length in range(1, len(name) + 1)):
            return None
        taken.add(name)
    splats = rule.count("*")
    return None if splats > 1 or (splats and "splat" in taken) else PathPattern(parts)


def _end_of_run(text: str, start: int, excluded: str) -> int:
    """Return where the first of the excluded letters stands, or the end."""
    places = (text.find(letter, start) for letter in excluded)
    return min((place for place in places if place >= 0), default=len(text))
