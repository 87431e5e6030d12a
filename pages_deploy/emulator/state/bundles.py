"""A `_worker.bundle` taken apart: a multipart form whose boundary stands in its first line only.

Read on its own, by no parser that a client of the emulator may have used to write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')
# https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 allows 70 characters.
_BOUNDARY: Final = re.compile(rb"--[0-9A-Za-z'()+_,./:=? -]{1,70}")
_ESCAPES: Final = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))


class BundleError(Exception):
    """The bytes are no such form; says why."""


@dataclass(frozen=True)
class Part:
    """One part of the form."""

    name: str
    """As others import it."""

    content_type: str
    """Without parameters; empty for a part without a type."""

    content: bytes
    """As sent."""


def read_parts(body: bytes) -> Iterator[Part]:
    """The parts in their order. Raises BundleError for what is no form, whole and closed."""
    opening, line_end, _ = body.partition(b"\r\n")
    if not line_end or not _BOUNDARY.fullmatch(opening):
        raise BundleError("the first line is no boundary")
    *parts, end = body[len(opening) :].split(b"\r\n" + opening)
    if end not in (b"--", b"--\r\n"):
        raise BundleError("the closing boundary is missing")
    for part in parts:
        head, blank_line, content = part.partition(b"\r\n\r\n")
        if not blank_line or not head.startswith(b"\r\n"):
            raise BundleError("a part has no head")
        yield _part(head, content)


def _part(head: bytes, content: bytes) -> Part:
    try:
        lines = head.decode().strip("\r\n").split("\r\n")
    except UnicodeDecodeError as error:
        raise BundleError("the head of a part is no UTF-8") from error
    fields = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    found = _NAME.fullmatch(fields.get("content-disposition", ""))
    if found is None:
        raise BundleError("a part has no name")
    name, file_name = found.groups()
    if file_name is not None and file_name != name:
        raise BundleError(f"the part {name!r} has another file name: {file_name!r}")
    for escape, character in _ESCAPES:
        name = name.replace(escape, character)
    return Part(name, fields.get("content-type", "").partition(";")[0].strip().lower(), content)
