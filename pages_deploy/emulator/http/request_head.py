"""The head of a request: its line and its header fields, read as strictly as RFC 9112 allows.

What two readers could understand in two ways is refused, and nobody can be made to hold more than
the limits in memory. The refusals are Werkzeug's HTTP exceptions; the connection closes after one.

1. lines end with CR LF and have a limit, and so have their number and their sum;
2. the request line is method, target and version, each separated by one space;
3. a field is a name, a colon right after it, and a value without control characters;
4. one Host, unless the client is of HTTP/1.0; a target that is a whole URL has the host in it;
5. a body has one length or comes in chunks, never both.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import BadRequest, HTTPException, RequestHeaderFieldsTooLarge
from werkzeug.exceptions import RequestURITooLarge as UriTooLarge

if TYPE_CHECKING:
    import io

# "URLs have a limit of 16 KB. Request headers observe a total limit of 128 KB":
# https://developers.cloudflare.com/workers/platform/limits/
_MAX_LINE_BYTES: Final = 16 * 1024
_MAX_FIELD_BYTES: Final = 128 * 1024
_MAX_FIELDS: Final = 100

_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# Bytes above ASCII are sent by clients that encode nothing.
_REQUEST_LINE: Final = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)")
_FIELD: Final = re.compile(rb"(" + _TOKEN + rb"):([\t\x20-\x7e\x80-\xff]*)")
_WHOLE_URL: Final = re.compile(rb"https?://([^/?]*)(.*)", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255})(?::[0-9]{0,5})?")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class UnsupportedVersion(HTTPException):
    """The answer to a version of HTTP that is not 1.0 or 1.1."""

    code = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
    description = "Only HTTP/1.0 and HTTP/1.1 are spoken here."


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands before the body."""

    method: str
    """As sent, so usually in capitals."""

    target: bytes
    """Path and query, still encoded; it begins with a slash."""

    version: str
    """`HTTP/1.0` or `HTTP/1.1`."""

    host: str | None
    """Host and port as sent; None only for HTTP/1.0."""

    fields: tuple[tuple[str, str], ...]
    """Names and values as sent, without Host; bytes above ASCII as Latin-1."""

    body_bytes: int | None
    """The declared length, 0 for a request without a body; None for one in chunks."""

    def values(self, name: str) -> list[str]:
        """The values of the fields of this name, which is in lower case."""
        return _values(self.fields, name)

    @property
    def keeps_open(self) -> bool:
        """Whether the client may send another request after this one."""
        wishes = ",".join(self.values("connection")).lower().replace(" ", "").split(",")
        return self.version == "HTTP/1.1" and "close" not in wishes

    @property
    def expects_to_be_asked(self) -> bool:
        """Whether the client sends its body only after `100 Continue`."""
        wishes = [value.lower() for value in self.values("expect")]
        return self.version == "HTTP/1.1" and wishes == ["100-continue"]


def read_head(stream: io.BufferedReader) -> Head | None:
    """Read the next head; None where the client has left before it sent all of one.

    Raises Werkzeug's HTTP exceptions 400, 414, 431 and 505 for what is none.
    """
    line = _line(stream, UriTooLarge())
    if line == b"":
        # Some clients end the body before with one line break more than it has.
        line = _line(stream, UriTooLarge())
    if line is None:
        return None
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise BadRequest("The request line is not a method, a target and a version of HTTP.")
    method, target, major, minor = found.groups()
    if major != b"1":
        raise UnsupportedVersion
    fields = _read_fields(stream)
    if fields is None:
        return None
    version = "HTTP/1.0" if minor == b"0" else "HTTP/1.1"
    host, target = _host_and_path(target, _values(fields, "host"), version=version)
    return Head(
        method=method.decode(),
        target=target,
        version=version,
        host=host,
        fields=tuple(field for field in fields if field[0].lower() != "host"),
        body_bytes=_body_bytes(fields, version=version),
    )


def read_field_lines(stream: io.BufferedReader) -> list[bytes] | None:
    """Read lines up to an empty one; None where the client leaves before it.

    Raises HTTPException 400 for a line that does not end with CR LF, 431 above the limits.
    """
    lines: list[bytes] = []
    left = _MAX_FIELD_BYTES
    while (line := _line(stream, RequestHeaderFieldsTooLarge())) != b"":
        if line is None:
            return None
        lines.append(line)
        left -= len(line)
        if len(lines) > _MAX_FIELDS or left < 0:
            raise RequestHeaderFieldsTooLarge
    return lines


def parsed_field(line: bytes) -> tuple[str, str]:
    """The name and the value of a header field, or HTTPException 400 for what is none.

    Among that are a field that goes on in the next line and a space before the colon.
    """
    found = _FIELD.fullmatch(line)
    if found is None:
        raise BadRequest("A header field is not a name, a colon and a value in one line.")
    return found[1].decode(), found[2].decode("latin-1").strip(" \t")


def _line(stream: io.BufferedReader, too_long: HTTPException) -> bytes | None:
    line = stream.readline(_MAX_LINE_BYTES + 1)
    if len(line) > _MAX_LINE_BYTES:
        raise too_long
    if not line.endswith(b"\n"):
        return None
    if not line.endswith(b"\r\n"):
        raise BadRequest("A line of the head does not end with CR LF.")
    return line[:-2]


def _read_fields(stream: io.BufferedReader) -> list[tuple[str, str]] | None:
    lines = read_field_lines(stream)
    return None if lines is None else [parsed_field(line) for line in lines]


def _values(fields: tuple[tuple[str, str], ...] | list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key.lower() == name]


def _host_and_path(target: bytes, hosts: list[str], *, version: str) -> tuple[str | None, bytes]:
    if len(hosts) > 1 or (not hosts and version == "HTTP/1.1"):
        raise BadRequest("A request of HTTP/1.1 has one field Host.")
    # A client that takes the emulator for a proxy sends a whole URL.
    whole = _WHOLE_URL.fullmatch(target)
    if whole is not None:
        hosts, target = [whole[1].decode("latin-1")], whole[2]
        target = target if target.startswith(b"/") else b"/" + target
    if not target.startswith(b"/"):
        raise BadRequest("The target of the request is neither a path nor a URL.")
    if hosts and _HOST.fullmatch(hosts[0]) is None:
        raise BadRequest("The host of the request is none.")
    return hosts[0] if hosts else None, target


def _body_bytes(fields: list[tuple[str, str]], *, version: str) -> int | None:
    lengths, codings = _values(fields, "content-length"), _values(fields, "transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise BadRequest("A request has one Content-Length, or one Transfer-Encoding instead.")
    if codings:
        if version == "HTTP/1.0" or codings[0].lower() != "chunked":
            raise BadRequest("The only Transfer-Encoding is `chunked`, in HTTP/1.1.")
        return None
    if lengths and _LENGTH.fullmatch(lengths[0]) is None:
        raise BadRequest("The Content-Length is not a number of bytes.")
    return int(lengths[0]) if lengths else 0
