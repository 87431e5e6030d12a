"""What a site's `_routes.json` sends to its Worker, and what is wrong with one.

1. The text is strict JSON; an empty one counts as none, so that every path reaches the Worker.
2. The object has the right shape, and its rules pass the checks in wrangler's order.
3. A path reaches the Worker where a rule of `include` matches it and none of `exclude` does.

The checks are those of workers-sdk, `packages/pages-functions/src/routing/routes-validation.ts`,
the matching that of `packages/wrangler/templates/pages-dev-util.ts`, but for the characters of
regular expressions, which stand for themselves here.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pages_deploy.rules.globs import globs

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://developers.cloudflare.com/pages/functions/routing/#limits
MAX_ROUTES = 100
MAX_ROUTE_UNITS = 100

# No other character counts as one in JSON: https://www.rfc-editor.org/rfc/rfc8259#section-2
_BLANKS = re.compile(r"[ \t\n\r]++")
_LISTS = ("include", "exclude")
_READ = ("version", *_LISTS)
# A string that nothing closes goes on to the end, so that no position is looked at twice.
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|NaN|-?Infinity', re.DOTALL)
_SHOWN_LETTERS = 120


class RoutesError(ValueError):
    """A `_routes.json` that wrangler or Pages refuses: the first thing that is wrong with it."""

    def __init__(self, message: str, *, line: int, rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        """A sentence, without the name of the file."""
        self.line = line
        """Where it is wrong, counted from 1."""
        self.rule = rule
        """The rule that is wrong; empty where it is no single one."""


class TooManyRoutesError(RoutesError):
    """More rules than Pages takes, which has an error number of its own for it: 8000057."""


@dataclass(frozen=True)
class RoutesRules:
    """The rules of one `_routes.json`."""

    include: tuple[str, ...]
    """What reaches the Worker; `*` stands for any characters, slashes too."""
    exclude: tuple[str, ...] = ()
    """What does not, whatever `include` says."""

    def matches(self, path: str) -> bool:
        """Whether a path reaches the Worker: percent-encoded as sent, without its query."""
        return not _any_matches(self.exclude, path) and _any_matches(self.include, path)


EVERYTHING = RoutesRules(("/*",))
"""What counts where a Worker comes without rules."""


@dataclass(frozen=True)
class _Rule:
    text: str
    line: int

    def error(self, said: str) -> RoutesError:
        return RoutesError(
            f"The rule {shown_rule(self.text)} {said}", line=self.line, rule=self.text
        )


def read_routes(text: str) -> RoutesRules:
    """Read a `_routes.json`; an empty text is `EVERYTHING`. Raises RoutesError."""
    if not text:
        return EVERYTHING
    lists = _read_lists(text)
    for error in _wrong_rules(lists):
        raise error
    return RoutesRules(*(tuple(rule.text for rule in lists[name]) for name in _LISTS))


def wrong_routes(text: str) -> list[RoutesError]:
    """Return all that is wrong with a `_routes.json`, where `read_routes` raises the first."""
    if not text:
        return []
    try:
        return list(_wrong_rules(_read_lists(text)))
    except RoutesError as error:
        return [error]


def _wrong_rules(lists: dict[str, list[_Rule]]) -> Iterator[RoutesError]:
    rules = [rule for name in _LISTS for rule in lists[name]]
    if len(rules) > MAX_ROUTES:
        first = rules[MAX_ROUTES]
        yield TooManyRoutesError(
            f"The rule {shown_rule(first.text)} is one too many: `include` and `exclude` may have "
            f"{MAX_ROUTES} rules together.",
            line=first.line,
            rule=first.text,
        )
    for rule in rules:
        units = len(rule.text) + sum(letter > "\uffff" for letter in rule.text)
        if units > MAX_ROUTE_UNITS:
            yield rule.error(f"has {units} characters, and may have {MAX_ROUTE_UNITS}.")
    for rule in rules:
        if not rule.text.startswith("/"):
            yield rule.error("does not begin with `/`.")
    for name in _LISTS:
        yield from _overlaps(lists[name], name)


def shown_rule(rule: str) -> str:
    """Return a rule as a message shows it: in backticks, shortened, without half characters."""
    short = rule if len(rule) <= _SHOWN_LETTERS else f"{rule[:_SHOWN_LETTERS]}…"
    return f"`{short.encode(errors='replace').decode()}`"


def _overlaps(rules: list[_Rule], list_name: str) -> Iterator[RoutesError]:
    for wide, other in itertools.product(rules, rules):
        if not wide.text.endswith("/*") or other.text == wide.text:
            continue
        if other.text.startswith(wide.text[:-1]):
            yield other.error(
                f"overlaps {shown_rule(wide.text)} of line {wide.line}, which covers it: "
                f"`{list_name}` may have only one of them."
            )


def _read_lists(text: str) -> dict[str, list[_Rule]]:
    """Read the rules of both lists, as far as they may count. Raises RoutesError."""
    found = _parsed(text)
    places: dict[str, tuple[int, int]] = {}
    for name, start, line in _members(text):
        if name in places and name in _READ:
            # Which of them counts would be up to the parser of whoever reads it.
            raise RoutesError(f"`{name}` is there twice.", line=line)
        places[name] = start, line
    lines = {name: line for name, (_, line) in places.items()}
    version = found.get("version")
    if isinstance(version, bool) or version != 1:
        raise RoutesError("`version` has to be 1.", line=lines.get("version", 1))
    for name in _LISTS:
        if not isinstance(found.get(name), list):
            raise RoutesError(f"`{name}` has to be a list of rules.", line=lines.get(name, 1))
    if not found["include"]:
        raise RoutesError("`include` has to have one rule at least.", line=lines["include"])
    return {
        name: list(itertools.islice(_rules_of(text, places[name][0], name), MAX_ROUTES + 1))
        for name in _LISTS
    }


# Any: what JSON has, until its shape is known.
def _parsed(text: str) -> dict[str, Any]:
    try:
        # As floats, since a whole number of a million digits would take for ever.
        found: Any = json.loads(text, parse_int=float, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        said = "it begins with a byte order mark" if text[0] == "\ufeff" else error.msg
        raise RoutesError(f"It is no strict JSON: {said}.", line=error.lineno) from error
    except RecursionError as error:
        raise RoutesError("It is no strict JSON: too many brackets.", line=1) from error
    except _NoNumberError as error:
        matches = _STRING_OR_CONSTANT.finditer(text)
        place = next(match.start() for match in matches if not match[0].startswith('"'))
        line = 1 + text.count("\n", 0, place)
        raise RoutesError(f"It is no strict JSON: {error} is no number.", line=line) from error
    if not isinstance(found, dict):
        raise RoutesError("It is no object.", line=1)
    return found


class _NoNumberError(Exception):
    """One of the names that Python takes for a number in JSON, and JSON does not."""


def _no_number(name: str) -> float:
    raise _NoNumberError(name)


class _Cursor:
    """A place in a text that is known to be JSON, moving forward only, with its line."""

    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(parse_int=float)
        self._counted = 0
        self._line = 1
        self.at = start

    def skip(self, expected: str = "") -> str:
        """Go over blanks, and over one of the expected characters; return what stands there."""
        blanks = _BLANKS.match(self._text, self.at)
        self.at = blanks.end() if blanks else self.at
        found = self._text[self.at]
        self.at += bool(expected) and found in expected
        return found

    # Any: a value of JSON.
    def value(self) -> Any:
        """Go over a value, and return it."""
        value, self.at = self._decoder.raw_decode(self._text, self.at)
        return value

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        self._line += self._text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each member of the object that a text is: its name, where its value is, its line."""
    cursor = _Cursor(text)
    cursor.skip("{")
    while cursor.skip(",") != "}":
        cursor.skip()
        line = cursor.line
        name = cursor.value()
        cursor.skip(":")
        cursor.skip()
        yield name, cursor.at, line
        cursor.value()


def _rules_of(text: str, start: int, list_name: str) -> Iterator[_Rule]:
    """Yield the rules of the list that begins at a place. Raises RoutesError for what is none."""
    cursor = _Cursor(text, start)
    cursor.skip("[")
    while cursor.skip(",") != "]":
        cursor.skip()
        line = cursor.line
        rule = cursor.value()
        if not isinstance(rule, str):
            raise RoutesError(f"A rule of `{list_name}` is no text.", line=line)
        yield _Rule(rule, line)


def _any_matches(rules: tuple[str, ...], path: str) -> bool:
    return any(_matches(rule, path) for rule in rules)


def _matches(rule: str, path: str) -> bool:
    """Whether a rule matches a whole path; without expressions, so that no rule can be slow."""
    if rule == "/":
        return path == "/"
    if rule.endswith("/*"):
        return globs(rule, path) or globs(rule[:-2], path)
    if rule.endswith("*"):
        return globs(rule, path)
    bare = rule.removesuffix("/")
    return globs(bare, path) or globs(f"{bare}/", path)
