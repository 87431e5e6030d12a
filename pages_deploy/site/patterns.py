"""Patterns in gitignore's syntax: their lines read, and all of them matched in one pass.

1. Each line becomes a pattern: whether it brings back, is for directories alone, and its steps
   (`wildcards.py`). One without a slash, but for a last one, may match at any depth.
2. All patterns together are one automaton: a bit says that so many steps of some pattern have been
   taken, and a byte of a path moves all bits at once. The last pattern's bits are the highest.
3. So time grows with the length of the path, whatever the patterns are: nothing is tried twice.

https://git-scm.com/docs/gitignore tells the syntax; the tests ask git itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from pages_deploy.site.wildcards import SLASH, One, Step, Wild, steps_of

# Of one file, or of one option. A thousand names are half as much.
MAX_BYTES = 64 * 1024
_UTF_8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line that says something."""

    text: str
    """As it is written."""
    line: int
    """Counted from 1."""
    origin: str
    """Where it is written: the file's name, or the option's."""
    steps: tuple[Step, ...]
    brings_back: bool = False
    """Whether it begins with `!`."""
    is_for_directories: bool = False
    """Whether it ends with a slash."""


def read_patterns(content: bytes, origin: str) -> tuple[Pattern, ...]:
    """Read the lines of a file, or of an option, as git does; those that match nothing are none.

    What is not UTF-8 is read as well.
    """
    found = []
    for number, line in enumerate(content.removeprefix(_UTF_8_MARK).split(b"\n"), 1):
        if not line.startswith(b"#"):
            pattern = read_pattern(line.removesuffix(b"\r"), origin, number)
            found += [] if pattern is None else [pattern]
    return tuple(found)


def read_pattern(line: bytes, origin: str, number: int) -> Pattern | None:
    """Read one pattern; None for one that matches nothing."""
    line = _without_last_blanks(line)
    brings_back = line.startswith(b"!")
    body = line.removeprefix(b"!")
    is_for_directories = body.endswith(b"/")
    body = body.removesuffix(b"/")
    has_parts = b"/" in body
    steps = steps_of(body.removeprefix(b"/"), has_parts=has_parts)
    if not steps:
        return None
    if not has_parts:
        steps = (Wild.DIRECTORIES, *steps)
    text = line.decode(errors="replace")
    return Pattern(text, number, origin, steps, brings_back, is_for_directories)


def _without_last_blanks(line: bytes) -> bytes:
    """Return a line without the blanks at its end, but for one behind a backslash."""
    plain = line.rstrip(b" ")
    backslashes = len(plain) - len(plain.rstrip(b"\\"))
    return plain + b" " if backslashes % 2 and plain != line else plain


class PatternSet:
    """Some patterns, of which the last that matches decides.

    Where a path has got to is a state: `start` before it, then what `after` makes of it.
    """

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        bits = sum(len(pattern.steps) + 1 for pattern in patterns)
        # By byte: the bits that it moves on, and those that may stay.
        moves = [bytearray(bits // 8 + 1) for _ in range(256)]
        stays, stays_at_slash, skips = (bytearray(bits // 8 + 1) for _ in range(3))
        self._at_end: dict[int, Pattern] = {}
        starts = []
        bit = 0
        for pattern in patterns:
            starts.append(bit)
            for step in pattern.steps:
                if isinstance(step, One):
                    for byte in step.taken:
                        _set(moves[byte], bit)
                    bit += 1
                    continue
                _set(stays, bit)
                if step is not Wild.PART:
                    _set(stays_at_slash, bit)
                if step in {Wild.DIRECTORIES, Wild.SOME_DIRECTORIES}:
                    _set(moves[SLASH], bit)
                    if step is Wild.DIRECTORIES:
                        _set(skips, bit)
                    bit += 1
            self._at_end[bit] = pattern
            bit += 1
        self._moves = list(map(_number, moves))
        self._stays = [_number(stays)] * 256
        self._stays[SLASH] = _number(stays_at_slash)
        self._skips = _number(skips)
        self._ends_of_directories = sum(1 << end for end in self._at_end)
        self._ends_of_files = sum(
            1 << end for end, pattern in self._at_end.items() if not pattern.is_for_directories
        )
        self.start = self._skipped(sum(1 << first for first in starts))
        """The state before the first byte of a path."""

    def after(self, state: int, text: bytes) -> int:
        """Return the state after some more bytes of a path, which begins without a slash."""
        for byte in text:
            moved = self._skipped((state & self._moves[byte]) << 1)
            state = moved | (state & self._stays[byte])
        return state

    def last_match(self, state: int, *, is_directory: bool) -> Pattern | None:
        """Return the last pattern that matches the path whose end has this state."""
        ends = self._ends_of_directories if is_directory else self._ends_of_files
        matching = state & ends
        return self._at_end[matching.bit_length() - 1] if matching else None

    def _skipped(self, state: int) -> int:
        # There are no two `**/` in a row that would have to be left out at once.
        return state | ((state & self._skips) << 1)


def _set(bits: bytearray, bit: int) -> None:
    bits[bit >> 3] |= 1 << (bit & 7)


def _number(bits: bytearray) -> int:
    return int.from_bytes(bits, "little")
