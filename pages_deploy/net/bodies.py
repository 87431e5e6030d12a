"""Bodies of requests, in pieces that a slow line can take: JSON and forms."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

# The field's name, then its file name (None for a text), its content and, for a file, its type. A
# long text may come in parts, for then it is never there twice.
FormField = tuple[str, tuple[None, str | list[bytes]] | tuple[str, bytes, str]]

# At the slowest that is worth waiting for, 2 KB a second, this much leaves within the time for one
# write. Half of it took a twentieth more processor time, for at each the threads change places.
PIECE_BYTES = 128 * 1024
JSON_TYPE = "application/json"
ENTRIES_IN_A_PART = 1000


class Pieces:
    """Bytes that are sent a piece at a time, whichever they come in.

    A socket's timeout is for one write, so a write has to be small enough for a slow line.
    """

    def __init__(self, *contents: bytes) -> None:
        self._contents = contents

    def __len__(self) -> int:
        return sum(map(len, self._contents))

    def __iter__(self) -> Iterator[bytes]:
        yield from in_pieces(self._contents)


class MadeAgain:
    """A body that is made anew each time that it is sent, and once before to know its length.

    For those that would take megabytes while the server thinks.
    """

    def __init__(self, make: Callable[[], Iterable[bytes]]) -> None:
        self._make = make
        self._length = sum(map(len, make()))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return in_pieces(self._make())


def in_pieces(contents: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what some contents are together, in pieces of at most `PIECE_BYTES`.

    Any two that follow each other are more than that: to fill each to its last byte, what goes into
    the next one had to be copied.
    """
    pending: list[bytes] = []
    size_bytes = 0
    for content in contents:
        last = content
        if size_bytes + len(content) > PIECE_BYTES:
            if size_bytes:
                yield b"".join(pending)
            pending, size_bytes = [], 0
            whole = len(content) - len(content) % PIECE_BYTES
            for start in range(0, whole, PIECE_BYTES):
                yield content[start : start + PIECE_BYTES]
            last = content[whole:]
        pending.append(last)
        size_bytes += len(last)
    if size_bytes:
        yield b"".join(pending)


def json_body(value: Any) -> Pieces:
    """Return a value as JSON in UTF-8."""
    # Half of a character, which a name may have, is no JSON.
    return Pieces(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def json_in_parts(values: Mapping[str, str] | Collection[str]) -> Iterator[bytes]:
    """Yield a long mapping or list of texts as JSON in ASCII, some entries at a time.

    As one text and then as bytes it would be there twice.
    """
    entries: Iterable[Any] = values
    kind: type[dict[str, str] | list[str]] = list
    if isinstance(values, Mapping):
        entries, kind = values.items(), dict
    none = json.dumps(kind()).encode()
    separator = none[:1]
    ahead = iter(entries)
    while some := kind(itertools.islice(ahead, ENTRIES_IN_A_PART)):
        yield separator + json.dumps(some, separators=(",", ":"))[1:-1].encode()
        separator = b","
    yield none[1:] if separator == b"," else none


def form_body(fields: Iterable[FormField]) -> tuple[Pieces, str]:
    """Return a multipart form (RFC 7578), its fields in their order, and its content type."""
    boundary = choose_boundary()
    parts: list[bytes] = []
    for name, (file_name, content, *content_type) in fields:
        # What urllib3 would put together makes three copies of the content.
        field = RequestField(name, b"", file_name)
        field.make_multipart(content_type=content_type[0] if content_type else None)
        parts.append(f"--{boundary}\r\n{field.render_headers()}".encode())
        if isinstance(content, list):
            parts += content
        else:
            parts.append(content.encode() if isinstance(content, str) else content)
        parts.append(b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return Pieces(*parts), f"multipart/form-data; boundary={boundary}"
