"""The host of an address as Pages writes it into a Location, as browsers do.

https://url.spec.whatwg.org/#host-parsing
"""

from __future__ import annotations

import ipaddress
import re
from encodings.idna import nameprep
from urllib.parse import quote, unquote

_HOST_AND_PORT = re.compile(r"(\[[^\]]*+\]|[^:]*+)(?::([0-9]*+))?+")
# What cannot stand in the name of a host.
_NO_HOST = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f]")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# Letters that today's names may have and Python's older rule would change or drop.
_KEPT = re.compile("([\u00df\u03c2\u200c\u200d])")
_NUMBER = re.compile(r"[0-9]++|0[xX][0-9a-fA-F]*+")
_OCTAL = re.compile(r"0[0-7]++")
_USUAL_PORT = "443"
_HIGHEST_PORT = 65_535
_BYTES = 4
# No name of a host is longer, and written with escapes none is longer than a rule's line: what a
# wildcard takes may be, and the square of that is the time that a name's ASCII form takes.
_LONGEST = 300
_LONGEST_WRITTEN = 2000
# In a user's name and password: https://url.spec.whatwg.org/#userinfo-percent-encode-set
_PLAIN_IN_USER = "!$&'()*+,-.%_~"


def host_of(text: str) -> str:
    """Return a host in lower case and ASCII, with a port that is not HTTPS's; empty for none."""
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None or len(text) > _LONGEST_WRITTEN:
        return ""
    name, port = found[1], (found[2] or "").lstrip("0")
    if len(port) > len(str(_HIGHEST_PORT)) or int(port or 0) > _HIGHEST_PORT:
        return ""
    name = _version_6(name) if name.startswith("[") else _name(name)
    if not name or len(name) > _LONGEST:
        return ""
    if not found[2] or port == _USUAL_PORT:
        return name
    return f"{name}:{port or 0}"


def user_of(text: str) -> str:
    """Return what stands before a host's `@`, with the sign; nothing where it says nothing."""
    user, _, password = text.partition(":")
    user, password = (quote(part, _PLAIN_IN_USER, errors="replace") for part in (user, password))
    if password:
        return f"{user}:{password}@"
    return f"{user}@" if user else ""


def _name(text: str) -> str:
    try:
        name = ".".join(map(_label, _DOTS.split(unquote(text, errors="replace"))))
    except UnicodeError:
        return ""
    if _NO_HOST.search(name):
        return ""
    parts = name.removesuffix(".").split(".")
    return _version_4(parts) if _NUMBER.fullmatch(parts[-1]) else name


def _label(text: str) -> str:
    if not text.isascii():
        pieces = _KEPT.split(text)
        pieces[::2] = map(nameprep, pieces[::2])
        text = "".join(pieces)
    return text.lower() if text.isascii() else "xn--" + text.encode("punycode").decode()


def _version_6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text[1:-1])
    except ValueError:
        return ""
    if address.scope_id is not None:
        return ""
    mapped = address.ipv4_mapped
    if mapped is None:
        return f"[{address}]"
    # Which Python writes in two ways, by its version.
    return f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]"


def _version_4(parts: list[str]) -> str:
    """Read an address of numbers, in whose last one all bytes are that have no other."""
    numbers = [_number(part) for part in parts]
    *first, last = numbers
    room = 256 ** (_BYTES + 1 - len(parts)) if len(parts) <= _BYTES else 0
    if min(numbers) < 0 or max(first, default=0) > 255 or last >= room:
        return ""
    value = last + sum(number << 8 * (3 - place) for place, number in enumerate(first))
    return str(ipaddress.IPv4Address(value))


def _number(text: str) -> int:
    """Read a number in base 10, 8 or 16; -1 for what is none."""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return -1
    if text[1:2] in {"x", "X"}:
        return int(text[2:] or "0", 16)
    if text[0] != "0" or len(text) == 1:
        return int(text)
    return int(text, 8) if _OCTAL.fullmatch(text) else -1
