"""One call of the API as a value: what is sent, under whose name, and how failures are treated."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from requests.auth import AuthBase
from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from pages_deploy.errors import SettingsError
from pages_deploy.retry import PATIENT, RetryPolicy
from pages_deploy.text.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import requests

# The field's name, then its file name (None for a text), its content and, for a file, its type.
FormField = tuple[str, tuple[None, str] | tuple[str, bytes, str]]


# Cloudflare's have 37 letters and more. What is much shorter is none of theirs, and may as well be
# part of an ordinary answer.
SHORTEST_TOKEN = 20


class Credentials(AuthBase):
    """Puts credentials on a request; given to every call, so that no `.netrc` entry is used."""

    def __init__(self, headers: Mapping[str, str], secret: str) -> None:
        self._headers = dict(headers)
        # Takes the secret out of what a server says, which may be all that it was sent.
        self.mask = Masker([secret], shortest=SHORTEST_TOKEN)

    @classmethod
    def of_token(cls, token: str) -> Credentials:
        return cls({"Authorization": f"Bearer {token}"}, token)

    @classmethod
    def of_key(cls, key: str, email: str) -> Credentials:
        """The legacy global API key, which can do all that the user can."""
        return cls({"X-Auth-Key": key, "X-Auth-Email": email}, key)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


# At the slowest that is worth waiting for, this much leaves within the time for one write.
PIECE_BYTES = 16 * 1024


def segment(name: str) -> str:
    """Return a name or id as one segment of a path.

    Raises SettingsError for what could never be one: such a path would mean something else, and
    `projects/demo/deployments/..` is a whole project.
    """
    if not name.strip("."):
        raise SettingsError(
            f"'{name}' cannot be the name or the id of anything.", "Give the name or id in full."
        )
    return quote(name, "")


@dataclass(frozen=True)
class Call:
    """What one request is: where it goes, what it carries, and how failures are treated."""

    method: str
    # Below the base URL, starting with a slash; identifiers already percent-encoded.
    path: str
    # Completes "Cannot ...": "look up project 'demo' in account ...".
    doing: str
    retry: RetryPolicy = PATIENT
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    # A body with a known length that is produced while it is sent, `len()` and iteration.
    body: Iterable[bytes] | None = None
    # Multipart fields in the order in which they are sent.
    fields: list[FormField] | None = None
    # Other credentials than the session's, for the asset calls.
    credentials: Credentials | None = None
    # The longest silence of the server, where this call should not wait as long as others.
    timeout_seconds: float | None = None

    def wire_body(self) -> tuple[Iterable[bytes] | None, str]:
        """Return the body, in pieces with a known total length, and its content type."""
        if self.body is not None:
            return self.body, "application/json"
        if self.fields is not None:
            content, content_type = encode_multipart_formdata([_field(*one) for one in self.fields])
            return Pieces(content), content_type
        if self.json is not None:
            return Pieces(json.dumps(self.json).encode()), "application/json"
        return None, ""


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


def _field(name: str, value: tuple[None, str] | tuple[str, bytes, str]) -> RequestField:
    file_name, content, *content_type = value
    field = RequestField(name, content, file_name)
    field.make_multipart(content_type=content_type[0] if content_type else None)
    return field
