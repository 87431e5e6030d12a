"""Whether the value of an option is of its kind, before anything is done with it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.settings.option import Kind, Option
    from pages_deploy.settings.sources import Found

YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})
# Longer than any job may run; beyond this some clocks cannot count.
MAX_SECONDS = 7 * 24 * 3600.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
# What can stand in a header: no line break, no white space, nothing beyond ASCII.
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+")


def check(option: Option, found: Found) -> None:
    """Raise SettingsError for a value that is not of the option's kind; a secret is not quoted."""
    value = found.value
    # An address may have a password in it.
    hidden = option.secret or option.kind == "address"
    shown = "not usable" if hidden else f"'{value}'"
    if wanted := _wanted(option, value):
        raise SettingsError(
            f"{option.name}, from {found.source}, is {shown}; it must be {wanted}.",
            f"Correct it there: {option.places()}.",
        )


def is_exposed(address: str) -> bool:
    """Whether a token sent to an address can be read on the way."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "http" and host not in LOOPBACK and not host.endswith(".localhost")


def _wanted(option: Option, value: str) -> str:
    """Return what a value should be, or nothing where it is right."""
    if not _is_unicode(value):
        return "valid UTF-8"
    if option.kind == "choice":
        return "" if value in option.choices else f"one of {', '.join(option.choices)}"
    is_right, wanted = _KINDS[option.kind]
    return "" if is_right(value) else wanted


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_seconds(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and 0 < number <= MAX_SECONDS


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        # Reading the port is what checks it.
        port = parts.port
    except ValueError:
        return False
    usable = parts.scheme in {"https", "http"} and bool(parts.hostname) and port != 0
    return usable and "@" not in parts.netloc and not re.search(r"\s", value)


_KINDS: dict[Kind, tuple[Callable[[str], object], str]] = {
    "text": (lambda _value: True, ""),
    "word": (_HEADER_VALUE.fullmatch, "one line of ASCII without white space"),
    "switch": (lambda value: value.lower() in YES | NO, "true or false"),
    "count": (_COUNT.fullmatch, "a whole number from 1 to 999"),
    "seconds": (_is_seconds, f"a number of seconds above 0, up to {MAX_SECONDS:g}"),
    "address": (_is_address, "an address that starts with https:// and has no password in it"),
}
