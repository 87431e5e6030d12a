"""Why a forge refuses a request, in words that say what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pages_deploy.forge.answers import LONGEST_QUOTE, json_of, record_of, text_of
from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from pages_deploy.net.received import Received

_PERMISSION = re.compile(r"(?<![a-z_])([a-z_]++)=(read|write|admin)")
# Refusals of which GitHub's header says nothing but what the token has already.
_NO_WANT_OF_PERMISSION = re.compile("locked|archived|saml", re.IGNORECASE)
# What GitHub says to a token without the permission, and what its calls need where no header tells.
_WANT_OF_PERMISSION = re.compile("not accessible by", re.IGNORECASE)
_NEEDED = (
    ("/deployments", "deployments: write"),
    ("/comments", "pull-requests: write"),
    ("/graphql", "pull-requests: write"),
    ("/pulls", "pull-requests: read"),
    ("/commits/", "contents: read"),
    ("/compare/", "contents: read"),
)
_LIMIT = re.compile("rate limit|abuse detection", re.IGNORECASE)


def refusal(received: Received, doing: str, *, hint: str, now: float) -> ForgeError:
    """Build the error for an answer with a status from 300 on.

    `doing` completes "Cannot", `hint` says what to do about 401, 403 and 404; `now` is in seconds
    since the epoch.
    """
    status = received.status
    place = f"({received.request.shown}, HTTP {status})"
    if status < 400:
        target = (
            "to the login page of Cloudflare Access" if received.is_access_login else "elsewhere"
        )
        return ForgeError(
            f"Cannot {doing}: the forge redirects the request {target} {place}.",
            "The token is not sent to another address. Check the API's address, and whether the "
            "repository was renamed.",
            status=status,
        )
    said = _said(json_of(received)[0])
    missing = _missing_permissions(received, said)
    is_limit, wait_seconds = (False, None) if missing else _limit(received, said, now)
    reason = said or ("too many requests" if is_limit else "no reason was given")
    what = f"; add {missing} to the job's permissions" if missing else ""
    return ForgeError(
        f"Cannot {doing}: {reason} {place}{what}.",
        hint if status in {401, 403, 404} and not is_limit else "",
        status=status,
        retryable=status >= 500,
        may_have_worked=status >= 500,
        is_limit=is_limit,
        wait_seconds=wait_seconds,
    )


def _said(data: Any) -> str:
    """Return a forge's words for an error: GitHub and Gitea's `message`, GitLab's `error` too."""
    words = [text_of(data, "message") or text_of(data, "error")]
    words += [text_of(data, "error_description")]
    errors = record_of(data).get("errors")
    for error in errors if isinstance(errors, list) else []:
        words.append(error if isinstance(error, str) else text_of(error, "message"))
    text = " ".join("; ".join(word for word in words if word).split())
    return text[:LONGEST_QUOTE].rstrip(" .")


def _missing_permissions(received: Received, said: str) -> str:
    """Return the permissions that a refused call needs, as a workflow writes them.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    if received.status != 403 or "Retry-After" in received.headers:
        return ""
    if _LIMIT.search(said) or _NO_WANT_OF_PERMISSION.search(said):
        return ""
    choices = []
    for choice in received.header("x-accepted-github-permissions").split(";"):
        # `metadata` comes with every token, and no workflow can ask for it.
        needed = [one for one in _PERMISSION.findall(choice) if one[0] != "metadata"]
        if needed:
            named = [f"`{name.replace('_', '-')}: {level}`" for name, level in needed]
            choices.append(" and ".join(named))
    if not choices and _WANT_OF_PERMISSION.search(said):
        address = received.request.address
        choices = [f"`{needed}`" for part, needed in _NEEDED if part in address][:1]
    return " or ".join(choices)


def _limit(received: Received, said: str, now: float) -> tuple[bool, float | None]:
    """Tell whether a request was one too many, and how long to wait where the forge says it."""
    if received.status not in {403, 429}:
        return False, None
    if "Retry-After" in received.headers:
        return True, received.retry_after_seconds
    # GitHub's names, and GitLab's.
    for prefix in ("x-ratelimit", "ratelimit"):
        if received.header(f"{prefix}-remaining").strip() == "0":
            reset = received.header(f"{prefix}-reset").strip()
            known = reset.isascii() and reset.isdigit() and len(reset) < 16
            return True, max(0.0, int(reset) - now) + 1.0 if known else None
    return received.status == 429 or _LIMIT.search(said) is not None, None
