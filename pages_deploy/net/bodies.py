"""Bodies of requests, in pieces that a slow line can take: JSON and forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The field's name, then its file name (None for a text), its content and, for a file, its type.
FormField = tuple[str, tuple[None, str] | tuple[str, bytes, str]]

# At the slowest that is worth waiting for, this much leaves within the time for one write.
PIECE_BYTES = 64 * 1024
JSON_TYPE = "application/json"


class Pieces:
    """Bytes that are sent a piece at a time.

    A socket's timeout is for one write, so a write has to be small enough for a slow line.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), PIECE_BYTES):
            yield self._content[start : start + PIECE_BYTES]


def json_body(value: Any) -> Pieces:
    """Return a value as JSON in UTF-8."""
    # Half of a character, which a name may have, is no JSON.
    return Pieces(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def form_body(fields: Iterable[FormField]) -> tuple[Pieces, str]:
    """Return a multipart form (RFC 7578), its fields in their order, and its content type."""
    content, content_type = encode_multipart_formdata([_field(*one) for one in fields])
    return Pieces(content), content_type


def _field(name: str, value: tuple[None, str] | tuple[str, bytes, str]) -> RequestField:
    file_name, content, *content_type = value
    field = RequestField(name, content, file_name)
    field.make_multipart(content_type=content_type[0] if content_type else None)
    return field
