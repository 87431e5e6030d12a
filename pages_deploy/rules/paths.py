"""A path as a line of `_redirects` or `_headers` has it: its stored form, and what it matches.

The stored form is that of a request: dots resolved, percent-encoded. Both follow workers-sdk:
`packages/workers-shared/utils/configuration/validateURL.ts` for the form, and
`packages/pages-shared/asset-server/rulesEngine.ts` for the matching.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABSOLUTE = re.compile(r"https://+([^/]+)/?(.*)", re.DOTALL)
_PORT = re.compile(r".*:[0-9]+")

# What an address without a special scheme leaves as it is: https://url.spec.whatwg.org/#path-state
_PLAIN = "!$%&'()*+,-./:;=@[\\]_|~"
_PLAIN_IN_QUERY = _PLAIN + "?^`{}'"
_PLAIN_IN_FRAGMENT = _PLAIN + "?^{}#"
# Control characters and the blank do not count at an address's end, and three nowhere in it.
_CONTROLS = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans("", "", "\t\n\r")

_SPECIAL = re.compile(r"[-/\\^$*+?.()|\[\]{}]")
_HOST_PART = re.compile(r"https:\\/\\/[^/]*")
_HOST_PLACEHOLDER = re.compile(r":([A-Za-z]\w*)(?=\\)", re.ASCII)
_PLACEHOLDER = re.compile(r":([A-Za-z]\w*)", re.ASCII)


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


def pattern_of(rule: str) -> re.Pattern[str] | None:
    """Compile a stored form; None where it makes no expression, so that it never matches.

    Placeholders are replaced one after another wherever their text stands, also at the start of a
    longer one's name, since that is how some of Cloudflare's come to match nothing.
    """
    text = "(?P<splat>.*)".join(_SPECIAL.sub(r"\\\g<0>", part) for part in rule.split("*"))
    if host := _HOST_PART.match(text):
        for name in _HOST_PLACEHOLDER.findall(host[0]):
            text = text.replace(f":{name}", f"(?P<{name}>[^/.]+)")
    for name in _PLACEHOLDER.findall(text):
        text = text.replace(f":{name}", f"(?P<{name}>[^/]+)")
    try:
        return re.compile(text)
    except re.error:
        return None


def filled(value: str, found: Mapping[str, str]) -> str:
    """Put what a path had in the place of splat and placeholders into a header's value.

    JavaScript's `$&` and its like are not: no path that we ask for has a dollar.
    """
    for name, text in found.items():
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
