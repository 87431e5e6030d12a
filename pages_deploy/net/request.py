"""One request as a value: where it goes, what it carries, and how long an answer may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.net.credentials import SecretHeaders

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Request:
    """What is asked of a server."""

    method: str
    address: str
    """The whole URL but for the query."""
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] | None = None
    """Pieces with a known total length (`len()`), or None for no body."""
    credentials: SecretHeaders | None = None
    """Others than the session's own."""
    connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    """The longest silence of the server, and how long its answer may take once it has begun."""

    @property
    def shown(self) -> str:
        """Method and address as a message may show them: without query, user and password."""
        try:
            parts = urlsplit(self.address)
        except ValueError:
            return f"{self.method} a malformed address"
        # Also where a password has a slash, and its end counts as path.
        place = f"{parts.netloc}{parts.path}".rpartition("@")[2]
        scheme = f"{parts.scheme}://" if parts.scheme else ""
        return f"{self.method} {scheme}{place}"
