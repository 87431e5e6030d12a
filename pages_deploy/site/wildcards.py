"""The wildcards of a gitignore pattern, as steps through a path: what git's `wildmatch.c` takes.

1. A byte, `?` and a class in brackets take one byte; the last two never a slash.
2. `*` takes any bytes but slashes. `**` takes slashes too where it fills a part of the path by
   itself, and `**/` nothing at all as well; anywhere else it is `*`.
3. A pattern that ends within a class, or behind a backslash, matches nothing.

Like git's these are bytes: `?` does not stand for a letter of several bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SLASH = ord("/")
_NOT_SLASH = frozenset(range(256)) - {SLASH}
_ESCAPE, _OPEN, _CLOSE, _STAR, _ANY, _DASH, _END = b"\\[]*?-\0"
_SPECIAL = frozenset(b"\\[*?")


class Wild(Enum):
    """What takes any number of bytes."""

    PART = "*"
    """Any bytes without a slash."""
    REST = "**"
    """Whatever follows, at the end of a pattern."""
    DIRECTORIES = "**/"
    """Any number of directories, with their slashes."""
    SOME_DIRECTORIES = "**\\/"
    """At least one directory: git looks for a plain slash where there may be none."""


@dataclass(frozen=True, slots=True)
class One:
    """What takes one byte."""

    taken: frozenset[int]


Step = Wild | One


def steps_of(pattern: bytes, *, has_parts: bool) -> tuple[Step, ...] | None:
    """Return the steps of a pattern; None for one that matches nothing.

    `has_parts` says that it has a slash in it, and so may have a `**` of its own kind.
    """
    text = pattern + bytes((_END,))
    # What git compares before it looks at wildcards; a `**` behind it begins what is left.
    plain = next(at for at, byte in enumerate(text) if byte in _SPECIAL or byte == _END)
    steps: list[Step] = []
    at = 0
    while at < len(pattern):
        byte = text[at]
        if byte == _STAR:
            end = at + 1
            while text[end] == _STAR:
                end += 1
            begins_part = at in {0, plain} or text[at - 1] == SLASH
            is_double = has_parts and end - at > 1 and begins_part
            step, at = _stars(text, end) if is_double else (Wild.PART, end)
            # Twice in a row it takes no more than once.
            if step is not Wild.DIRECTORIES or steps[-1:] != [step]:
                steps.append(step)
        elif byte == _OPEN:
            found = _class(text, at + 1)
            if found is None:
                return None
            taken, at = found
            steps.append(One(taken - {SLASH}))
        elif byte == _ANY:
            steps.append(One(_NOT_SLASH))
            at += 1
        else:
            at += byte == _ESCAPE
            if at == len(pattern):
                return None
            steps.append(One(frozenset((text[at],))))
            at += 1
    return tuple(steps)


def _stars(text: bytes, end: int) -> tuple[Wild, int]:
    """Return what stars are that begin a part of a path and end here, and where it goes on."""
    if text[end] == _END:
        return Wild.REST, end
    if text[end] == SLASH:
        return Wild.DIRECTORIES, end + 1
    if text[end] == _ESCAPE and text[end + 1] == SLASH:
        return Wild.SOME_DIRECTORIES, end + 2
    return Wild.PART, end


def _class(text: bytes, at: int) -> tuple[frozenset[int], int] | None:
    """Return the bytes of a class whose bracket is behind, and where it ends; None without end."""
    is_negated = text[at] in b"!^"
    at += is_negated
    taken: set[int] = set()
    # The byte with which a range may begin.
    before = 0
    is_first = True
    while is_first or text[at] != _CLOSE:
        is_first = False
        byte = text[at]
        if byte == _ESCAPE:
            at += 1
            byte = text[at]
            taken.add(byte)
        elif byte == _DASH and before and text[at + 1] not in {_END, _CLOSE}:
            at += 1 + (text[at + 1] == _ESCAPE)
            taken.update(range(before, text[at] + 1))
            byte = 0
        elif byte == _OPEN and text[at + 1] == ord(":"):
            close = text.find(b"]", at + 2)
            if close < 0:
                return None
            if close == at + 2 or text[close - 1] != ord(":"):
                taken.add(byte)
            else:
                named = _CLASSES.get(text[at + 2 : close - 1])
                if named is None:
                    return None
                taken |= named
                at, byte = close, 0
        else:
            taken.add(byte)
        if text[at] == _END:
            return None
        before = byte
        at += 1
    found = frozenset(taken)
    return (frozenset(range(256)) - found if is_negated else found), at + 1


_DIGIT = frozenset(range(ord("0"), ord("9") + 1))
_UPPER = frozenset(range(ord("A"), ord("Z") + 1))
_LOWER = frozenset(range(ord("a"), ord("z") + 1))
_ALNUM = _DIGIT | _UPPER | _LOWER
_PRINT = frozenset(range(0x20, 0x7F))
# Git's own, of ASCII alone.
_CLASSES = {
    b"alnum": _ALNUM,
    b"alpha": _UPPER | _LOWER,
    b"blank": frozenset(b" \t"),
    b"cntrl": frozenset((*range(0x20), 0x7F)),
    b"digit": _DIGIT,
    b"graph": _PRINT - {ord(" ")},
    b"lower": _LOWER,
    b"print": _PRINT,
    b"punct": _PRINT - _ALNUM - {ord(" ")},
    b"space": frozenset(b" \t\n\r"),
    b"upper": _UPPER,
    b"xdigit": frozenset(b"0123456789abcdefABCDEF"),
}
