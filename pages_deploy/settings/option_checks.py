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
_ID = re.compile(r"[0-9a-fA-F]{32}")
# The rule of the API: https://developers.cloudflare.com/api/resources/pages/subresources/projects/
_PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,57}")
PROJECT_NAME_RULE = "1 to 58 lower-case letters, digits and dashes, of which the first is no dash"
# Names and ids are shorter; a token that was put in the place of one is not.
MAX_SHOWN_NAME = 36
_QUOTES = frozenset({'""', "''", "``", "“”", "‘’", "„“", "«»"})


def check(option: Option, found: Found) -> None:
    """Raise SettingsError for a value that is not of the option's kind; a secret is not quoted."""
    value = found.value
    # An address may have a password in it.
    shown = "not usable" if option.secret or option.kind == "address" else f"'{value}'"
    if option.kind in {"id", "project"} and len(value) > MAX_SHOWN_NAME:
        shown = f"not usable ({len(value)} characters)"
    if wanted := _wanted(option, value):
        raise SettingsError(
            f"{option.name}, from {found.source}, is {shown}; it must be {wanted}.",
            f"Correct it there: {option.places()}.",
        )


def check_pasted(option: Option, found: Found) -> None:
    """Raise SettingsError for what came along when a value was copied: quotes, the word Bearer."""
    value = found.value
    if option.free_text:
        return
    if len(value) > 1 and value[0] + value[-1] in _QUOTES:
        raise SettingsError(
            f"{option.name}, from {found.source}, has quotes around it, which count as part of it.",
            f"Give the value without them: {option.places()}.",
        )
    if option.secret and re.match(r"(authorization\s*:|bearer\b)", value, re.IGNORECASE):
        raise SettingsError(
            f"{option.name}, from {found.source}, begins like a header, not like a token.",
            f"Give the token alone, without the word Bearer: {option.places()}.",
        )


def check_swapped(account: Found, other: Found, *, names: tuple[str, str]) -> None:
    """Raise SettingsError where an account's id stands in the place of something else.

    `names` are those of the options, the account's first.
    """
    if not is_id(account.value) and is_id(other.value):
        raise SettingsError(
            f"{names[0]}, from {account.source}, and {names[1]}, from {other.source}, look as if "
            "they were swapped: the second is 32 hexadecimal digits, as an account's id is.",
            "Change places.",
        )


def is_id(value: str) -> bool:
    """Whether a text can be the id of an account or a zone."""
    return _ID.fullmatch(value) is not None


def is_project_name(value: str) -> bool:
    """Whether Pages takes a text for the name of a project."""
    return _PROJECT_NAME.fullmatch(value) is not None


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
    "id": (is_id, "32 hexadecimal digits, as the dashboard shows them"),
    "project": (is_project_name, PROJECT_NAME_RULE),
    "switch": (lambda value: value.lower() in YES | NO, "true or false"),
    "count": (_COUNT.fullmatch, "a whole number from 1 to 999"),
    "seconds": (_is_seconds, f"a number of seconds above 0, up to {MAX_SECONDS:g}"),
    "address": (_is_address, "an address that starts with https:// and has no password in it"),
}
