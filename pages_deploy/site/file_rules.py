"""What the user says of the files: which to leave out, and as which type to send some of them.

1. EXCLUDE has patterns in gitignore's syntax, one a line; they come after `.assetsignore`'s.
2. CONTENT_TYPE has `PATTERN=TYPE` on each line; the last whose pattern matches a file, or a
   directory that it is in, says its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pages_deploy.errors import SettingsError
from pages_deploy.site.content_types import is_known_type
from pages_deploy.site.patterns import MAX_BYTES, Pattern, PatternSet, read_pattern, read_patterns

EXCLUDE = "EXCLUDE"
CONTENT_TYPE = "CONTENT_TYPE"
# RFC 9110, 5.6.2, 5.6.4 and 8.3.1, of which a quoted text may have more than what is printed.
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*+"'
_TYPE = re.compile(rf"{_NAME}/{_NAME}(?: *+; *+{_NAME}=(?:{_NAME}|{_QUOTED}))*+")
# Of a type with its parameters.
MOST_TYPE_BYTES = 255


@dataclass(frozen=True, slots=True)
class TypeRule:
    """One line of CONTENT_TYPE."""

    pattern: Pattern
    content_type: str
    """As it is sent, with its parameters."""


@dataclass(frozen=True, slots=True)
class FileRules:
    """What the user says of the files of a build directory."""

    exclude: tuple[Pattern, ...] = ()
    """What to leave out; those that begin with `!` bring back."""
    content_types: tuple[TypeRule, ...] = ()
    """As which types to send files."""

    @classmethod
    def read(cls, *, exclude: str = "", content_types: str = "") -> FileRules:
        """Read the options EXCLUDE and CONTENT_TYPE; raises SettingsError, naming the line."""
        patterns = read_patterns(_encoded(exclude, EXCLUDE), EXCLUDE)
        lines = _encoded(content_types, CONTENT_TYPE).split(b"\n")
        rules = (_type_rule(line, number) for number, line in enumerate(lines, 1))
        return cls(patterns, tuple(rule for rule in rules if rule is not None))

    def excludes(self, name: str, *, is_directory: bool) -> bool:
        """Whether an entry of the root is left out by EXCLUDE alone."""
        patterns = PatternSet(self.exclude)
        state = patterns.after(patterns.start, name.encode())
        pattern = patterns.last_match(state, is_directory=is_directory)
        return pattern is not None and not pattern.brings_back

    @property
    def unknown_types(self) -> tuple[str, ...]:
        """Types that nobody has heard of, each once: they may be misspelled."""
        types = dict.fromkeys(rule.content_type for rule in self.content_types)
        return tuple(one for one in types if not is_known_type(one))


NO_RULES = FileRules()


class TypeChoice:
    """Says the type of each file that CONTENT_TYPE speaks of, and remembers which lines did."""

    def __init__(self, rules: FileRules) -> None:
        self._types = {rule.pattern.line: rule.content_type for rule in rules.content_types}
        self._rules = rules.content_types
        self._patterns = PatternSet(tuple(rule.pattern for rule in self._rules))
        self._used: set[int] = set()

    def type_of(self, path: str) -> str | None:
        """Return the type for a file of this path, which starts with a slash; None for its own."""
        *directories, name = path[1:].encode().split(b"/")
        state, lines = self._patterns.start, [0]
        for part in (*directories, name):
            state = self._patterns.after(state, part)
            pattern = self._patterns.last_match(state, is_directory=len(lines) <= len(directories))
            lines.append(0 if pattern is None else pattern.line)
            state = self._patterns.after(state, b"/")
        self._used.add(max(lines))
        return self._types.get(max(lines))

    @property
    def unused(self) -> tuple[TypeRule, ...]:
        """The rules that were the last word on no file."""
        return tuple(rule for rule in self._rules if rule.pattern.line not in self._used)


def _encoded(text: str, option: str) -> bytes:
    # White space around a value is taken off before it comes here: what is gone behind a last
    # backslash was a blank of the name.
    content = (text + " " if text.endswith("\\") else text).encode(errors="surrogateescape")
    if len(content) > MAX_BYTES:
        raise SettingsError(f"{option} has {len(content)} bytes; it may have {MAX_BYTES}.")
    if b"\0" in content:
        raise SettingsError(f"{option} has a zero byte, which no name of a file has.")
    return content


def _type_rule(line: bytes, number: int) -> TypeRule | None:
    line = line.removesuffix(b"\r").rstrip(b" \t")
    if not line or line.startswith(b"#"):
        return None
    shown = f"{CONTENT_TYPE} has '{line.decode(errors='replace')}' on line {number}"
    if len(line) > MAX_BYTES // 16:
        raise SettingsError(f"{CONTENT_TYPE} has {len(line)} bytes on line {number}: too many.")
    # Both may have equals signs: the first that has a type behind it parts the two.
    for at in (at for at, byte in enumerate(line) if byte == ord("=")):
        content_type = line[at + 1 :].decode(errors="replace").strip(" \t")
        if len(content_type) <= MOST_TYPE_BYTES and _TYPE.fullmatch(content_type):
            break
    else:
        raise SettingsError(
            f"{shown}, which is not PATTERN=TYPE, the type as in text/plain; charset=utf-8."
        )
    if line.startswith(b"!"):
        raise SettingsError(f"{shown}: a pattern that says a type cannot begin with an !.")
    pattern = read_pattern(line[:at], CONTENT_TYPE, number)
    if pattern is None:
        raise SettingsError(f"{shown}, whose pattern matches no file at all.")
    return TypeRule(pattern, content_type)
