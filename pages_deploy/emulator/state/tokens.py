"""Upload tokens: signed, short-lived, good for the three asset calls and nothing else.

A token is a JSON Web Token signed with HMAC-SHA-256: `header.payload.signature`, each part base64
in the URL alphabet without padding. Clients read `exp` (seconds since 1970) and
`max_file_count_allowed` from the payload; `iat`, `account` and `project` are for the emulator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

from pages_deploy.emulator.errors import ExpiredTokenError, RefusalError

_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True, kw_only=True)
class UploadClaims:
    """What an upload token says. Times are seconds since 1970."""

    iat: int
    exp: int
    max_file_count_allowed: int
    account: str
    project: str


def issue(claims: UploadClaims, secret: bytes) -> str:
    """The token that says `claims`."""
    payload = {
        "iat": claims.iat,
        "exp": claims.exp,
        "max_file_count_allowed": claims.max_file_count_allowed,
        "account": claims.account,
        "project": claims.project,
    }
    signed = f"{_encode(_as_json(_HEADER))}.{_encode(_as_json(payload))}"
    return f"{signed}.{_encode(_signature(signed, secret))}"


def verify(token: str, secret: bytes, *, now: float) -> UploadClaims:
    """What the token says.

    Raises RefusalError (code 8000013) if it was not issued with `secret`, ExpiredTokenError if its
    time is over.
    """
    signed, _, signature = token.rpartition(".")
    expected = _encode(_signature(signed, secret))
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise _unauthorized()
    try:
        claims = UploadClaims(**json.loads(_decode(signed.partition(".")[2])))
    except (ValueError, TypeError) as error:
        raise _unauthorized() from error
    if claims.exp <= now:
        raise ExpiredTokenError
    return claims


def _unauthorized() -> RefusalError:
    return RefusalError(401, 8000013, message="Unauthorized: the upload token is not valid")


def _as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _signature(signed: str, secret: bytes) -> bytes:
    return hmac.new(secret, signed.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
