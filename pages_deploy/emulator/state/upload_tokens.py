"""Upload tokens: signed, short-lived, good for the three asset calls and nothing else.

A token is a JSON Web Token signed with HMAC-SHA-256: `header.payload.signature`, each part base64
in the URL alphabet without padding. Clients read `exp` (seconds since 1970) and
`max_file_count_allowed` from the payload; `iat`, `account` and `project` are for the emulator.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/ and
https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import ExpiredTokenError, RefusalError

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import Project
    from pages_deploy.emulator.state.settings import EmulatorSettings

_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True, kw_only=True)
class UploadClaims:
    """What an upload token says; the payload has the same names in the same order."""

    iat: int
    """When it was made, in seconds since 1970."""

    exp: int
    """When it ends to be good, in seconds since 1970."""

    max_file_count_allowed: int
    """Files that a deployment may have."""

    account: str
    """Id of the project's account."""

    project: str
    """Name of the project."""


class UploadTokens:
    """Upload tokens by one secret, and by the emulator's clock."""

    def __init__(self, secret: bytes, settings: EmulatorSettings) -> None:
        self._secret = secret
        self._settings = settings

    def issue(self, project: Project) -> str:
        """A token for uploads to the project."""
        now = self._settings.now()
        claims = UploadClaims(
            iat=int(now),
            exp=math.ceil(now + self._settings.upload_token_seconds),
            max_file_count_allowed=self._settings.max_file_count,
            account=project.account_id,
            project=project.name,
        )
        return signed(claims, self._secret)

    def check(self, token: str) -> UploadClaims:
        """What the token says. Raises as `verified`."""
        return verified(token, self._secret, now=self._settings.now())


def signed(claims: UploadClaims, secret: bytes) -> str:
    """The token that says `claims`."""
    text = f"{_encode(_as_json(_HEADER))}.{_encode(_as_json(asdict(claims)))}"
    return f"{text}.{_encode(_signature(text, secret))}"


def verified(token: str, secret: bytes, *, now: float) -> UploadClaims:
    """What the token says, at `now` in seconds since 1970.

    Raises RefusalError 8000013 if it was not signed with `secret`, ExpiredTokenError if its time
    is over.
    """
    text, _, signature = token.rpartition(".")
    expected = _encode(_signature(text, secret))
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise _unauthorized()
    try:
        claims = UploadClaims(**json.loads(_decode(text.partition(".")[2])))
    except (ValueError, TypeError) as error:
        raise _unauthorized() from error
    if claims.exp <= now:
        raise ExpiredTokenError
    return claims


def _unauthorized() -> RefusalError:
    return RefusalError(401, 8000013, message="Unauthorized: the upload token is not valid")


def _as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _signature(text: str, secret: bytes) -> bytes:
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
