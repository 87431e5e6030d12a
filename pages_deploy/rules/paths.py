"""A path as a line of `_redirects` or `_headers` has it, brought into its stored form.

That is the form of a request: dots resolved, percent-encoded. After workers-sdk:
`packages/workers-shared/utils/configuration/validateURL.ts`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABSOLUTE = re.compile(r"https://++([^/]++)/?+(.*+)", re.DOTALL)
_PORT = re.compile(r".*:[0-9]++")

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
    """Put what a path had in the place of splat and placeholders into a header's value.

    JavaScript's `$&` and its like are not: no path that we ask for has a dollar. What a path has
    may look like a placeholder again and let a value grow without end; `LONGEST_VALUE` ends it.
    """
    for name, text in found.items():
        count = value.count(f":{name}")
        if len(value) + count * len(text) > LONGEST_VALUE:
            break
        value = value.replace(f":{name}", text)
    return value


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
