"""One call of the API as a value: what is sent, under whose name, and how failures are treated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pages_deploy.errors import SettingsError
from pages_deploy.net.bodies import JSON_TYPE, form_body, json_body
from pages_deploy.net.credentials import SecretHeaders
from pages_deploy.retry import PATIENT, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.net.bodies import FormField

# Cloudflare's have 37 letters and more. What is much shorter is none of theirs, and may as well be
# part of an ordinary answer.
SHORTEST_TOKEN = 20


class Credentials(SecretHeaders):
    """What Cloudflare's API knows somebody by: a token, or the key of a user."""

    def __init__(self, headers: Mapping[str, str], secret: str) -> None:
        super().__init__(headers, [secret], shortest=SHORTEST_TOKEN)

    @property
    def is_token(self) -> bool:
        """Whether this is a token, which can be verified; a legacy key cannot."""
        return "Authorization" in self.headers

    @classmethod
    def of_token(cls, token: str) -> Credentials:
        """Take an API token, or the upload token of the asset calls."""
        return cls({"Authorization": f"Bearer {token}"}, token)

    @classmethod
    def of_key(cls, key: str, email: str) -> Credentials:
        """Take the legacy global API key, which can do all that the user can."""
        return cls({"X-Auth-Key": key, "X-Auth-Email": email}, key)


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
    """What one call is: where it goes, what it carries, and how failures are treated."""

    method: str
    path: str
    """Below the base URL, starting with a slash; identifiers already percent-encoded."""
    doing: str
    """Completes "Cannot ...": "look up project 'demo' in account ..."."""
    retry: RetryPolicy = PATIENT
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    """A body, as the value that JSON writes down; None for none."""
    body: Iterable[bytes] | None = None
    """A JSON body that is produced while it is sent, with a known length: `len()`, iteration."""
    fields: list[FormField] | None = None
    """Multipart fields in the order in which they are sent."""
    credentials: Credentials | None = None
    """Other credentials than the session's, for the asset calls."""
    timeout_seconds: float | None = None
    """The longest silence of the server, where this call should not wait as long as others."""

    def wire_body(self) -> tuple[Iterable[bytes] | None, str]:
        """Return the body, in pieces with a known total length, and its content type."""
        if self.body is not None:
            return self.body, JSON_TYPE
        if self.fields is not None:
            return form_body(self.fields)
        if self.json is not None:
            return json_body(self.json), JSON_TYPE
        return None, ""
