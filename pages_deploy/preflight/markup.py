"""The links of an HTML page: first those that it may have, at great speed, then those it has.

1. `glance` finds all that looks like a value of `href` or `src`, in comments and scripts too: never
   less than what is there, and for little more than reading the page costs.
2. `links_with` reads the page as a browser splits it into tags, as far as it has to, and says where
   some of these values stand; `links_of` does so for all.

All work on bytes and take linear time. A value is cut where its query or fragment begins, so that
what differs in these alone is one. After
https://html.spec.whatwg.org/multipage/parsing.html#tokenization, but for what leads to fewer links
alone: a CDATA section is skipped in HTML too, and in SVG `title` and `style` hold text alone.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# No server takes a longer one.
LONGEST_VALUE = 2048
# Where values have no quotes, what looks like one may begin within another, and each is copied; a
# page of more is not worth a glance.
_MOST_GLANCES = 32 * 1024
_ALWAYS_FEW_BYTES = 4 * _MOST_GLANCES
# So many are looked for one by one, if they are no short words that are everywhere.
_FEW_VALUES = 8
_LONG_VALUE = 4

# The `#` of a reference such as `&#47;` begins no fragment.
_CUT = re.compile(rb"[^?#]*+(?:(?<=&)\#[^?#]*+)*+", re.VERBOSE)
# What looks like a value but is none may have a link in it, so that only its name is taken.
_LOOKS_LIKE_ONE = rb"""[\t\n\f\r\ ]*+=[\t\n\f\r\ ]*+(?=(
        "[^"?#]*+(?:(?<=&)\#[^"?#]*+)*+
        | '[^'?#]*+(?:(?<=&)\#[^'?#]*+)*+
        | [^\t\n\f\r\ >"'][^\t\n\f\r\ >]{0,2047}+
    ))"""
# A regular expression is sought by its first letters far more quickly than by one of two words.
_HREF = re.compile(rb"href" + _LOOKS_LIKE_ONE, re.VERBOSE)
_SRC = re.compile(rb"src" + _LOOKS_LIKE_ONE, re.VERBOSE)
_ATTRIBUTE = rb"""
    [\t\n\f\r\ /]*+
    (=[^\t\n\f\r\ />=]*+|[^\t\n\f\r\ />=]++)
    (?:[\t\n\f\r\ ]*+=[\t\n\f\r\ ]*+(?:
        "([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\t\n\f\r\ >"'][^\t\n\f\r\ >]*+)|(?=>)
    ))?+"""
# Begun at the first blank of several alone, or many of them would take the square of their time.
_ATTRIBUTES = re.compile(rb"(?<![\t\n\f\r\ /])" + _ATTRIBUTE, re.VERBOSE)
_REST_OF_TAG = b"(?:" + re.sub(rb"\((?=[=\[])", b"(?:", _ATTRIBUTE) + rb")*+[\t\n\f\r\ /]*+"
_RAW = rb"""(?i:script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\t\n\f\r\ />])"""
_RAW_TEXT = rb"[^<]*+(?:<(?!/(?i:(?P=raw))[\t\n\f\r\ />])[^<]*+)*+"
_COMMENT = rb"!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+--!?>)"
_BOGUS = rb"(?!!--|!\[CDATA\[)(?:[!?]|/(?![A-Za-z]))[^>]*+>"
_CDATA = rb"!\[CDATA\[[^]]*+(?:\](?!\]>)[^]]*+)*+\]\]>"
# All that is over at its end, the usual tags first. It has no group, since Python 3.11 mixes up
# those that are repeated.
_WHOLE = re.compile(
    rb"""(?:
        [^<]++
        | </[A-Za-z][A-Za-z0-9]*+>
        | <(?:[A-HJ-MO-RU-WYZa-hj-mo-ru-wyz]|(?!RAW)[INSTXinstx])[A-Za-z0-9]*+
          (?:[\n\ ]++[A-Za-z-]++="[^"]*+")*+\ ?+/?+>
        | <(?:/|(?!RAW))[A-Za-z][^\t\n\f\r\ />]*+REST>
        | <COMMENT
        | <CDATA
        | <BOGUS
        | <(?=[^A-Za-z/!?])
    )*+""".replace(b"RAW", _RAW)
    .replace(b"REST", _REST_OF_TAG)
    .replace(b"<CDATA", b"<" + _CDATA)
    .replace(b"COMMENT", _COMMENT)
    .replace(b"BOGUS", _BOGUS),
    re.VERBOSE,
)
# What begins with `<`, to its end or that of the page.
_TAG = re.compile(
    rb"""<(?:
        (?:(?P<raw>RAW)|(?P<name>/?[A-Za-z][^\t\n\f\r\ />]*+))
        (?P<attributes>REST)(?P<end>>?)(?(raw)RAW_TEXT)
        | COMMENT | CDATA | BOGUS | [!?/].*+
    )""".replace(b"RAW_TEXT", _RAW_TEXT)
    .replace(b"RAW", _RAW)
    .replace(b"REST", _REST_OF_TAG)
    .replace(b"| CDATA", b"| " + _CDATA)
    .replace(b"COMMENT", _COMMENT)
    .replace(b"BOGUS", _BOGUS),
    re.VERBOSE | re.DOTALL,
)
_LINKING = re.compile(rb"(?:href|src)[\t\n\f\r ]*+=", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#(?:[0-9]++|[xX][0-9A-Fa-f]++);?|([0-9A-Za-z]++)(;|=?))")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Link(NamedTuple):
    """A value of `href` or `src`."""

    value: bytes
    """As it is written."""
    start: int
    """The place in the page at which the value begins."""
    is_base: bool = False
    """Whether it is that of a `base`, which leads nowhere itself."""

    @property
    def cut(self) -> bytes:
        """The value up to its query or fragment."""
        return _cut(self.value)


class Glance:
    """What a page may have, at least what it has."""

    def __init__(self, page: bytes) -> None:
        self._page = page
        self._lowered = lowered = page.lower()
        count = lowered.count(b"href")
        self.is_enough = (
            len(page) <= _ALWAYS_FEW_BYTES or count + lowered.count(b"src") <= _MOST_GLANCES
        )
        """Whether the values are known; where they are too many, only `links_of` can tell."""
        self.values: set[bytes] = set()
        """Each value of `href` and `src` once, as it is written, with the quote before it; mostly
        cut at its query or fragment. `bare` makes a link's value of it."""
        if self.is_enough:
            found: list[bytes] = _HREF.findall(page)
            if len(found) == count or count == page.count(b"href"):
                self.values.update(found)
            else:
                # Some are in capitals, and to cut each one out takes twice as long.
                self.values.update(page[slice(*one.span(1))] for one in _HREF.finditer(lowered))
            self.values.update(page[slice(*one.span(1))] for one in _SRC.finditer(lowered))

    @property
    def may_have_base(self) -> bool:
        """Whether a `base` before the body may change where the links lead."""
        body = self._lowered.find(b"<body")
        return self._lowered.find(b"<base", 0, body if body >= 0 else len(self._page)) >= 0

    @property
    def may_have_base_anywhere(self) -> bool:
        """Whether one may do so that stands where it should not."""
        return b"<base" in self._lowered

    def links_with(self, values: Collection[bytes]) -> Iterator[Link]:
        """Yield the links of the page that have one of these values, in their order."""
        return (link for link in _links_at(self._page, self._places(values)) if link.cut in values)

    def _places(self, values: Collection[bytes]) -> list[int]:
        """Return the places at which one of some values may begin, in their order."""
        if len(values) <= _FEW_VALUES and all(len(value) >= _LONG_VALUE for value in values):
            return sorted({place for value in values for place in _all_of(value, self._page)})
        places = set()
        matches = chain(_HREF.finditer(self._lowered), _SRC.finditer(self._lowered))
        for start, end in (found.span(1) for found in matches):
            value = self._page[start:end]
            if bare(value) in values:
                places.add(start + value.startswith((b'"', b"'")))
        return sorted(places)


def is_readable(page: bytes) -> bool:
    """Whether a page is in an encoding that has ASCII in it."""
    return not page.startswith(_UTF_16)


def links_of(page: bytes) -> Iterator[Link]:
    """Yield the links of a page, in their order, that are no longer than `LONGEST_VALUE`."""
    return (link for tag in _TAG.finditer(page) for link in _links_in(tag))


def _links_at(page: bytes, places: Iterable[int]) -> Iterator[Link]:
    """Yield the links of the tags that some places are in; the others are passed over at once."""
    at = 0
    for place in places:
        while at < place:
            whole = _WHOLE.match(page, at, place)
            at = whole.end() if whole else at
            if at == place:
                break
            tag = _TAG.match(page, at)
            if tag is None:
                # A `<` that begins nothing.
                at += 1
                continue
            yield from _links_in(tag)
            at = tag.end()


def _links_in(tag: re.Match[bytes]) -> Iterator[Link]:
    """Yield the links of what begins with `<`."""
    name = (tag["raw"] or tag["name"] or b"/").lower()
    start, end = tag.span("attributes")
    if name.startswith(b"/") or not tag["end"] or not _LINKING.search(tag.string, start, end):
        return
    seen = set()
    for found in _ATTRIBUTES.finditer(tag.string, start, end):
        attribute, which = found[1].lower(), found.lastindex or 0
        # Of two with one name the first counts.
        if attribute not in {b"href", b"src"} or attribute in seen:
            continue
        seen.add(attribute)
        if which > 1 and len(found[which]) <= LONGEST_VALUE:
            yield Link(found[which], found.start(which), name == b"base" and attribute == b"href")


def bare(seen: bytes) -> bytes:
    """Return a value that was seen at a glance without its quote, query and fragment."""
    return _cut(seen[1:] if seen.startswith((b'"', b"'")) else seen)


def meant(value: bytes) -> str:
    """Return the text of a value as it is written: in UTF-8, with its references replaced.

    A name without its semicolon is none before a letter, a digit or `=`:
    https://html.spec.whatwg.org/multipage/parsing.html#named-character-reference-state
    """
    text = value.decode("utf-8", "replace")
    return _REFERENCE.sub(_replaced, text) if "&" in text else text


def _replaced(found: re.Match[str]) -> str:
    name, end = found[1], found[2]
    if name is None:
        return html.unescape(found[0])
    if end == ";":
        return html5.get(f"{name};", found[0])
    return found[0] if end else html5.get(name, found[0])


def _cut(value: bytes) -> bytes:
    found = _CUT.match(value)
    return found[0] if found else value


def _all_of(value: bytes, page: bytes) -> Iterator[int]:
    """Yield each place at which a value stands, one within another too."""
    place = page.find(value)
    while place >= 0:
        yield place
        place = page.find(value, place + 1)
