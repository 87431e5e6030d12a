"""A path as a line of `_redirects` or `_headers` has it, brought into its stored form.

That is the form of a request: dots resolved, percent-encoded. After workers-sdk:
`packages/workers-shared/utils/configuration/validateURL.ts`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.rules.lines import LINE_ENDS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of a path nothing counts from a line's end on, such as a carriage return.
_ABSOLUTE = re.compile(rf"https://++([^/]++)/?+([^{LINE_ENDS}]*+)")
_PORT = re.compile(r".*:[0-9]++")

_DOLLAR = re.compile(r"\$([$&`'])")
# In letters; no server sends or takes a longer field.
LONGEST_VALUE = 128 * 1024

# What an address without a special scheme leaves as it is: https://url.spec.whatwg.org/#path-state
_PLAIN = "!$%&'()*+,-./:;=@[\\]_|~"
_PLAIN_IN_QUERY = _PLAIN + "?^`{}'"
_PLAIN_IN_FRAGMENT = _PLAIN + "?^{}#"
# Control characters and the blank do not count at an address's end, and three nowhere in it.
_CONTROLS = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans("", "", "\t\n\r")


def has_host(address: str) -> bool:
    """Whether an address begins with `https://` and a host, and so is no path."""
    return _ABSOLUTE.match(address) is not None


def stored_form(text: str, *, whole: bool = False, may_have_port: bool = True) -> str:
    """Bring a path, or `https://` with a host and a path, into the form in which it is stored.

    The `whole` has its query and fragment too. Returns the empty text for anything else.
    """
    absolute = _ABSOLUTE.match(text)
    if absolute is None:
        return _relative(text, whole=whole) if text.startswith("/") else ""
    host, path = absolute.groups()
    if not may_have_port and _PORT.fullmatch(host):
        return ""
    return f"https://{host}{_relative(path if path.startswith('/') else f'/{path}', whole=whole)}"


def filled(value: str, found: Mapping[str, str]) -> str:
    """Put what a path had in the place of splat and placeholders into a target or a header's value.

    Each name takes its turn, and its text may have names of later ones in it, or JavaScript's
    `$&` and its like; both let a value grow without end, and `LONGEST_VALUE` ends it.
    """
    for name, text in found.items():
        word = f":{name}"
        longest = len(text) if "$" not in text else (1 + len(text)) * len(value)
        if len(value) + value.count(word) * longest > LONGEST_VALUE:
            break
        value = value.replace(word, text) if "$" not in text else _substituted(value, word, text)
    return value


def _substituted(value: str, word: str, text: str) -> str:
    """Put a text in the place of a word as JavaScript's `replaceAll` does.

    https://tc39.es/ecma262/#sec-getsubstitution
    """
    pieces, start = [], 0
    while (at := value.find(word, start)) >= 0:
        meant = {"$": "$", "&": word, "`": value[:at], "'": value[at + len(word) :]}
        # The pieces between are plain and meant in turn.
        split = _DOLLAR.split(text)
        split[1::2] = map(meant.__getitem__, split[1::2])
        pieces += [value[start:at], *split]
        start = at + len(word)
    return "".join([*pieces, value[start:]])


def _relative(text: str, *, whole: bool) -> str:
    address, _, fragment = text.rstrip(_CONTROLS).translate(_DROPPED).partition("#")
    path, _, query = address.partition("?")
    stored = quote(_resolved(path), _PLAIN, errors="replace")
    if whole and query:
        stored += "?" + quote(query, _PLAIN_IN_QUERY, errors="replace")
    if whole and fragment:
        stored += "#" + quote(fragment, _PLAIN_IN_FRAGMENT, errors="replace")
    return stored


def _resolved(path: str) -> str:
    """Resolve the segments `.` and `..`, which may be spelled with `%2e`."""
    segments: list[str] = []
    dots = ""
    for segment in path.split("/")[1:]:
        dots = segment.lower().replace("%2e", ".")
        if dots == "..":
            del segments[-1:]
        elif dots != ".":
            segments.append(segment)
    # A path that ends in dots names a directory.
    end = [""] if dots in {".", ".."} else []
    return "/" + "/".join(segments + end)
