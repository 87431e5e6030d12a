"""Who may call: API tokens and the legacy pair of key and address.

https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")


def bearer(headers: Headers) -> str | None:
    """The bearer token of the request; None without an Authorization header.

    Raises RefusalError 6003 for an Authorization header that is none of a bearer.
    """
    value = headers.get("Authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token):
        raise _malformed(6111, "Invalid format for Authorization header")
    return token


def permissions(headers: Headers, settings: EmulatorSettings) -> frozenset[str]:
    """What the sender of a request with these headers may do.

    Raises RefusalError: 6003 for malformed headers, 10001 without any, 10000 for wrong ones.
    """
    token = bearer(headers)
    if token is not None:
        if token not in settings.api_tokens:
            raise forbidden()
        granted = settings.api_tokens[token]
        return granted | {"pages:read"} if "pages:edit" in granted else granted
    key, email = headers.get("X-Auth-Key"), headers.get("X-Auth-Email")
    if key is None and email is None:
        raise RefusalError(401, 10001, message="Unable to authenticate request")
    if not email or "@" not in email:
        raise _malformed(6102, "Invalid format for X-Auth-Email header")
    if not key:
        raise _malformed(6103, "Invalid format for X-Auth-Key header")
    if (key, email) != (settings.api_key, settings.api_email):
        raise forbidden()
    return ALL_PERMISSIONS


def forbidden() -> RefusalError:
    """The answer to a wrong credential, a missing permission and somebody else's account."""
    return RefusalError(403, 10000, message="Authentication error")


def _malformed(code: int, message: str) -> RefusalError:
    return RefusalError(400, 6003, message="Invalid request headers", chain=((code, message),))
