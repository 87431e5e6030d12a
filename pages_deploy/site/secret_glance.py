"""One fast look at a content: may one of the rules find anything in it?

Every secret with a form begins with letters of its own. A few of those are its anchor; those of all
rules are looked for at once, by ahocorasick-rs, which compares many bytes at a time. Only where an
anchor stands is the rule's expression tried. Where that package has no wheel (Alpine Linux, Windows
on ARM), Python's own expressions look for the letters, and take several times as long.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pages_deploy.site.secret_contents import ContentRule

    Glance = Callable[[bytes], bool]

# How pictures, fonts, films and archives begin that are compressed: nothing in them can be read.
COMPRESSED = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"wOFF", b"wOF2", b"OggS", b"ID3"),
    *(b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf"),
    *(
        b"\x1a\x45\xdf\xa3",
        b"\x00\x00\x00\x18ftyp",
        b"\x00\x00\x00\x1cftyp",
        b"\x00\x00\x00\x20ftyp",
    ),
)
# The package compares so many letters of up to 64 anchors at once; one of them should be rare.
ANCHOR_BYTES = 4
SEPARATORS = b"_-"
# Of the starts that hold one of these it is the anchor: how they end is frequent.
RARE = (
    *(b"-BEG", b"k.co", b"kb2/", b"i/we", b"sKey", b"S_KE", b"s_ke", b"E_AP", b"F_AP"),
    *(b"glag", b"k-an", b"k_li", b"i_or", b"n_ap"),
)
# Two letters are too few; what follows them is a hexadecimal digit.
SHORT = {b"SK": b"0123456789ABCDEFabcdef"}
# So many of the anchors without a separator go along with those that have one: without any, the
# package would look for `_` and `-` themselves, which are frequent.
COMPANIONS = 3
# Where more anchors stand, the rules themselves look, for they watch the time.
MOST_TRIED = 100
# One of these stands in each start: without the package, it is what is looked for.
LETTERS = (b"_", b"-", b"K", b"G", b"z", b"/")


def glance_for(rules: Sequence[ContentRule]) -> Glance:
    """Return what tells of a content whether one of the rules may find something in it."""
    try:
        from ahocorasick_rs import BytesAhoCorasick, MatchKind  # noqa: PLC0415 - not everywhere
    except ImportError:
        return _in_turn(rules)

    by_anchor: defaultdict[bytes, list[ContentRule]] = defaultdict(list)
    for rule in rules:
        for anchor in anchors_of(rule.start):
            by_anchor[anchor].append(rule)
    groups = anchor_groups(by_anchor)
    searches = [
        (BytesAhoCorasick(group, matchkind=MatchKind.LeftmostFirst).find_matches_as_indexes, group)
        for group in groups
    ]

    def may_have(content: bytes) -> bool:
        if content.startswith(COMPRESSED):
            return False
        for search, group in searches:
            found = search(content)
            if len(found) > MOST_TRIED:
                return True
            for number, place, _ in found:
                anchor = group[number]
                for rule in by_anchor[anchor]:
                    start = place - max(rule.start.find(anchor), 0)
                    if start >= 0 and rule.expression.match(content, start):
                        return True
        return False

    return may_have


def anchors_of(start: bytes) -> list[bytes]:
    """Return the letters of a start by which it is found, in one way or in several."""
    if start in SHORT:
        return [start + SHORT[start][at : at + 1] for at in range(len(SHORT[start]))]
    for anchor in RARE:
        if anchor in start:
            return [anchor]
    end = max(start.rfind(b"_"), start.rfind(b"-")) + 1 or ANCHOR_BYTES
    return [start[max(end - ANCHOR_BYTES, 0) : end]]


def anchor_groups(anchors: Iterable[bytes]) -> list[list[bytes]]:
    """Return the anchors as they are looked for together: most with a separator, and the others.

    A single short one has fewer letters of all others compared.
    """
    groups: list[list[bytes]] = [[], []]
    companions = COMPANIONS
    for anchor in anchors:
        is_long = len(anchor) >= ANCHOR_BYTES
        is_usual = is_long and anchor[-1] in SEPARATORS
        if is_long and not is_usual and companions:
            companions -= 1
            is_usual = True
        groups[not is_usual].append(anchor)
    return groups


def _in_turn(rules: Iterable[ContentRule]) -> Glance:
    """Return a glance by an expression for each of `LETTERS`."""
    ways: defaultdict[bytes, set[tuple[bytes, bytes]]] = defaultdict(set)
    for rule in rules:
        letter = next(letter for letter in LETTERS if letter in rule.start)
        before, _, after = rule.start.rpartition(letter)
        ways[letter].add((before, after))
    expressions = [_around(letter, several) for letter, several in ways.items()]
    return lambda content: (
        not content.startswith(COMPRESSED)
        and any(expression.search(content) for expression in expressions)
    )


def _around(letter: bytes, ways: set[tuple[bytes, bytes]]) -> re.Pattern[bytes]:
    """Return the expression of a letter with some texts before and after it.

    It begins with the letter, which is found fast, and with the letters before that, which decide
    most often.
    """
    one = re.escape(letter)
    previous = b"".join(sorted({re.escape(before[-1:]) for before, _ in ways}))
    choices = b"|".join(
        rb"(?<=%s)%s" % (re.escape(before + letter), re.escape(after))
        for before, after in sorted(ways)
    )
    return re.compile(rb"%s(?<=[%s]%s)(?:%s)" % (one, previous, one, choices))
