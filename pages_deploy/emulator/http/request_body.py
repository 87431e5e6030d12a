"""The body of a request, as a stream that knows where it ends and how it failed.

Chunks are read strictly: hexadecimal digits and nothing else, each chunk followed by CR LF, the
trailer by the rules of the head. https://www.rfc-editor.org/rfc/rfc9112#section-7.1
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
)

from pages_deploy.emulator.http.request_head import parsed_field, read_field_lines

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE_BYTES: Final = 1024 * 1024
_MAX_CHUNK_LINE_BYTES: Final = 1024
_CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")


class Body(io.RawIOBase):
    """What the client sends after the head: `length` bytes, or chunks where that is None.

    Reading raises Werkzeug's HTTP exceptions: 400 for a body that is broken or cut off, 408 for one
    that does not come, 413 above `max_bytes`.
    """

    def __init__(
        self, stream: io.BufferedReader, *, length: int | None, max_bytes: int = sys.maxsize
    ) -> None:
        super().__init__()
        self._stream = stream
        self._is_chunked = length is None
        # Of the body, or of the chunk.
        self._left = length or 0
        self._has_ended = length == 0
        # A declared length is believed before it comes.
        self._allowed = max_bytes if self._left <= max_bytes else -1
        self.failure: HTTPException | None = None
        """The 400 or 408: nothing after the body is to be trusted."""

    def readable(self) -> bool:
        """Yes, once."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read at most what the buffer holds; 0 at the end of the body."""
        if self.failure is not None:
            raise self.failure
        # Werkzeug's own limit would cut a body in chunks off and say nothing.
        if self._allowed < 0:
            raise RequestEntityTooLarge
        try:
            count = self._read_into(memoryview(buffer).cast("B"))
        except HTTPException as failure:
            self.failure = failure
            raise
        except TimeoutError as error:
            self.failure = RequestTimeout("The body of the request did not come in time.")
            raise self.failure from error
        self._allowed -= count
        if self._allowed < 0:
            raise RequestEntityTooLarge
        return count

    def read_away(self, max_bytes: int) -> bool:
        """Read the rest, at most so much of it; return whether that was all of it."""
        self._allowed = max_bytes
        # A broken connection has no rest.
        with contextlib.suppress(HTTPException, OSError):
            while self.read(_PIECE_BYTES):
                pass
            return True
        return False

    def _read_into(self, buffer: memoryview) -> int:
        if self._is_chunked and not self._left and not self._has_ended:
            self._begin_chunk()
        if self._has_ended or not buffer:
            return 0
        count = self._stream.readinto1(buffer[: self._left])
        if not count:
            raise _cut_off()
        self._left -= count
        if not self._left:
            self._end()
        return count

    def _begin_chunk(self) -> None:
        line = self._stream.readline(_MAX_CHUNK_LINE_BYTES)
        found = _CHUNK_LINE.fullmatch(line)
        if found is None:
            raise BadRequest("A chunk of the body does not begin with its size.")
        self._left = int(found[1], 16)
        if not self._left:
            self._read_trailer()

    def _read_trailer(self) -> None:
        lines = read_field_lines(self._stream)
        if lines is None:
            raise _cut_off()
        for line in lines:
            parsed_field(line)
        self._has_ended = True

    def _end(self) -> None:
        if not self._is_chunked:
            self._has_ended = True
        elif self._stream.read(2) != b"\r\n":
            raise BadRequest("A chunk of the body is longer than its size.")


def _cut_off() -> HTTPException:
    return BadRequest("The client left before the end of the body.")
