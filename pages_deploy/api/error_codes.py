"""What Cloudflare's error codes mean: which error of ours each becomes, and what to do about it.

Codes: https://developers.cloudflare.com/api/ and the threads named in the protocol notes of
workers-sdk. A code that is not here is judged by the status of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UploadTokenError,
)

PROJECT_EXISTS = 8000002
PROJECT_NOT_FOUND = 8000007
DOMAIN_EXISTS = 8000018
DEPLOYMENT_IS_LIVE = 8000034
DEPLOYMENT_HAS_ALIAS = 8000035


@dataclass(frozen=True)
class Meaning:
    """What a refusal is, and what to do about it."""

    kind: type[ApiResponseError]
    """The error to raise."""
    hint: str = ""
    """Advice for the user; empty where the caller knows better."""


REFUSED = Meaning(ApiResponseError)
# A code of trouble or haste under a status of the client's own fault.
REFUSED_AS_IT_IS = Meaning(
    ApiResponseError,
    "Cloudflare refuses the request as it is, so asking again would not help: look at what was "
    "sent, such as the patterns of _headers and _redirects.",
)
FORBIDDEN = Meaning(
    AuthenticationError,
    "Check that the API token is complete and still valid, that it has the permission "
    "Account > Cloudflare Pages > Edit, and that it belongs to the right account.",
)
UPLOAD_TOKEN_REFUSED = Meaning(UploadTokenError)
NOT_FOUND = Meaning(
    NotFoundError, "Check the names and ids in the message, and that the token may see them."
)
NO_SUCH_PROJECT = Meaning(
    NotFoundError,
    "Check the project's name and the account, and that the token may see it. A deployment creates "
    "the project with --create-project (input createProject).",
)
TOO_MANY_REQUESTS = Meaning(RateLimitError, "Too many requests: run again in five minutes.")
SERVER_TROUBLE = Meaning(
    ServerError,
    "The problem is at Cloudflare or on the way there; see "
    "https://www.cloudflarestatus.com/ and run again later.",
)

ERROR_CODES: dict[int, Meaning] = {
    971: TOO_MANY_REQUESTS,
    # Malformed headers.
    6003: FORBIDDEN,
    6103: FORBIDDEN,
    6111: FORBIDDEN,
    # No such route or identifier.
    7003: NOT_FOUND,
    # A token that is missing or invalid.
    9106: FORBIDDEN,
    9109: FORBIDDEN,
    # Authentication.
    10000: FORBIDDEN,
    10001: FORBIDDEN,
    # "Too many bulk operations", from the store behind the asset calls.
    10046: TOO_MANY_REQUESTS,
    # "An unknown error occurred", the one code for which wrangler repeats the creation.
    8000000: SERVER_TROUBLE,
    PROJECT_EXISTS: REFUSED,
    PROJECT_NOT_FOUND: NO_SUCH_PROJECT,
    # No such deployment.
    8000009: NOT_FOUND,
    8000013: UPLOAD_TOKEN_REFUSED,
    DOMAIN_EXISTS: REFUSED,
    # No such domain.
    8000021: NOT_FOUND,
    DEPLOYMENT_IS_LIVE: REFUSED,
    DEPLOYMENT_HAS_ALIAS: REFUSED,
}


# Of the client's own faults, those that pass.
PASSING_STATUSES = frozenset({408, 429})


def meaning_of(code: int | None, status: int) -> Meaning:
    """Return what an answer that says no means: by its first error code, else by its status.

    Status 429 comes before most codes: whatever was refused, it was refused for being one too many.
    Any other 4xx is final, whatever its code: the same request meets the same answer.
    """
    known = ERROR_CODES.get(code) if code is not None else None
    if status == 429 and known is not UPLOAD_TOKEN_REFUSED:
        return TOO_MANY_REQUESTS
    if known is None:
        return _meaning_of_status(status)
    is_final = 400 <= status < 500 and status not in PASSING_STATUSES
    if not (is_final and known.kind.retryable):
        return known
    by_status = _meaning_of_status(status)
    return REFUSED_AS_IT_IS if by_status is REFUSED else by_status


def _meaning_of_status(status: int) -> Meaning:
    if status in {401, 403}:
        return FORBIDDEN
    if status == 404:
        return NOT_FOUND
    if status >= 500 or status == 408:
        return SERVER_TROUBLE
    return REFUSED
