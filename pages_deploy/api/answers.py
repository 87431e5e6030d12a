"""What an answer of Cloudflare's API means: a result, or the error that fits.

1. A body that is not the documented JSON envelope proves nothing: UnexpectedAnswerError, or the
   error of its status where a gateway speaks plainly (429, 5xx, an expired upload token).
2. `success` in the envelope decides, whatever the status says.
3. The first error's code picks the exception; where the code is unknown, the status does.

Codes: https://developers.cloudflare.com/api/ and the threads named in the protocol notes of
workers-sdk; the asset calls' plain text `Expired JWT` is known from users' logs only.
"""

from __future__ import annotations

import email.utils
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
    UploadTokenError,
)

if TYPE_CHECKING:
    from pages_deploy.api.call import Call
    from pages_deploy.api.received import Received

UPLOAD_TOKEN_REFUSED = 8000013
PROJECT_EXISTS = 8000002
# 10000, 10001: authentication; 6003, 6111: malformed headers; 9106, 9109: missing or invalid token.
AUTHENTICATION_CODES = frozenset({10000, 10001, 6003, 6103, 6111, 9106, 9109})
# 7003: no such route or identifier; then project, deployment and domain.
NOT_FOUND_CODES = frozenset({7003, 8000007, 8000009, 8000021})
# "Too many bulk operations", from the store behind the asset calls; 971: too many requests.
RATE_LIMIT_CODES = frozenset({10046, 971})
# "An unknown error occurred", the one code for which wrangler repeats the creation.
SERVER_ERROR_CODES = frozenset({8000000})

AUTHENTICATION_HINT = (
    "Check that the API token is complete and still valid, that it has the permission "
    "Account > Cloudflare Pages > Edit, and that it belongs to the right account."
)
SERVER_HINT = (
    "The trouble is on Cloudflare's side or on the way there; see "
    "https://www.cloudflarestatus.com/ and run again later."
)
LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Answer:
    """A successful answer's `result` and `result_info`."""

    result: Any
    result_info: Any = None

    def items(self) -> list[Any]:
        """Return the result as a list; raises TypeError when it is none."""
        if not isinstance(self.result, list):
            raise TypeError("the result is not a list")
        return self.result

    def total_pages(self) -> int | None:
        info = self.result_info
        total = info.get("total_pages") if isinstance(info, dict) else None
        return total if isinstance(total, int) else None


def read_answer(response: Received, request: Call) -> Answer:
    """Return the answer of a successful call; raises the ApiResponseError that fits otherwise."""
    if response.status_code in {204, 205} and not response.content:
        return Answer({})
    envelope = _envelope(response)
    if envelope is None:
        raise _error_without_envelope(response, request)
    if envelope["success"]:
        return Answer(envelope.get("result"), envelope.get("result_info"))
    raise _error_of_envelope(response, request, envelope)


def unexpected(response: Received, request: Call, reason: str) -> UnexpectedAnswerError:
    """Build the error for an answer that is no proof of anything."""
    return UnexpectedAnswerError(
        f"Cannot {request.doing}: the answer to {request.method} {request.path} is not what the "
        "API documents "
        f"(HTTP {response.status_code}: {reason}).",
        "A proxy or gateway may have answered in the API's place. " + SERVER_HINT,
        method=request.method,
        path=request.path,
        status=response.status_code,
        ray_id=_ray_id(response),
    )


def _envelope(response: Received) -> dict[str, Any] | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    if isinstance(body, dict) and isinstance(body.get("success"), bool):
        return body
    return None


def _error_without_envelope(response: Received, request: Call) -> ApiResponseError:
    status = response.status_code
    text = response.text()
    html = "<" in text[:100]
    if response.header("cf-mitigated") == "challenge":
        return ApiResponseError(
            f"Cannot {request.doing}: Cloudflare's firewall asks this machine to prove it is human "
            f"(HTTP {status}).",
            "Run from another network, or ask Cloudflare's support to look at the Ray ID.",
            method=request.method,
            path=request.path,
            status=status,
            ray_id=_ray_id(response),
        )
    if 300 <= status < 400:
        target = _host(response.header("Location")) or "another address"
        return ApiResponseError(
            f"Cannot {request.doing}: the server redirects to {target} (HTTP {status}).",
            "The API does not redirect, and the token is never sent elsewhere: check API_BASE_URL "
            "and the network (a sign-in page?).",
            method=request.method,
            path=request.path,
            status=status,
        )
    if status == 403 and "jwt" in text.lower():
        return UploadTokenError(
            f"Cannot {request.doing}: the upload token has expired.",
            method=request.method,
            path=request.path,
            status=status,
        )
    if status < 300 or (status not in {401, 403, 429} and html):
        quote = "a web page" if html else f"'{text[:LONGEST_QUOTE]}'" if text else "an empty body"
        return unexpected(response, request, quote)
    said = "a web page came instead of an answer" if html else text[:LONGEST_QUOTE]
    return _error(response, request, [], said)


def _error_of_envelope(
    response: Received, request: Call, envelope: dict[str, Any]
) -> ApiResponseError:
    listed = envelope.get("errors")
    entries = listed if isinstance(listed, list) else []
    errors = [entry for entry in entries if isinstance(entry, dict)]
    codes = [code for entry in errors if isinstance(code := entry.get("code"), int)]
    said = "; ".join(str(entry["message"]) for entry in errors if entry.get("message"))
    return _error(response, request, codes, said)


def _error(response: Received, request: Call, codes: list[int], said: str) -> ApiResponseError:
    status = response.status_code
    first = codes[0] if codes else None
    kind: type[ApiResponseError] = ApiResponseError
    hint = ""
    if first == UPLOAD_TOKEN_REFUSED:
        kind = UploadTokenError
    elif first in RATE_LIMIT_CODES or status == 429:
        kind, hint = RateLimitError, "Too many requests: run again in five minutes."
    elif first in NOT_FOUND_CODES or (first not in AUTHENTICATION_CODES and status == 404):
        kind = NotFoundError
        hint = "Check the names and ids in the message, and that the token may see them."
    elif first in AUTHENTICATION_CODES or status in {401, 403}:
        kind, hint = AuthenticationError, AUTHENTICATION_HINT + _named_account(request.path)
    elif first in SERVER_ERROR_CODES or status >= 500 or status == 408:
        kind, hint = ServerError, SERVER_HINT
    facts = [f"HTTP {status}", *(f"code {code}" for code in codes)]
    if ray_id := _ray_id(response):
        facts.append(f"Ray ID {ray_id}")
    reason = said.encode(errors="replace").decode().strip(" .") or "no reason was given"
    return kind(
        f"Cannot {request.doing}: {reason} ({', '.join(facts)}).",
        hint,
        method=request.method,
        path=request.path,
        status=status,
        codes=codes,
        ray_id=ray_id,
        retry_after_seconds=_retry_after_seconds(response),
    )


def _named_account(path: str) -> str:
    """Name the account of a call, which is the wrong one more often than the token is."""
    _, _, rest = path.partition("/accounts/")
    account_id = rest.partition("/")[0]
    return f" The account of this call is {account_id}." if account_id else ""


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _ray_id(response: Received) -> str:
    return response.header("CF-RAY")


def _retry_after_seconds(response: Received) -> float | None:
    """Read `Retry-After`, a number of seconds or a date (RFC 9110 section 10.2.3)."""
    value = response.header("Retry-After").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = email.utils.parsedate_to_datetime(value)
            now = email.utils.parsedate_to_datetime(response.header("Date"))
            seconds = (then - now).total_seconds()
        # A year may have any number of digits.
        except (TypeError, ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
