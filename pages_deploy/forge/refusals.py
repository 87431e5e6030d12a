"""Why a request got no good answer, in words that say what to do about it."""

from __future__ import annotations

import email.utils
import re
from typing import Any

import requests

from pages_deploy.forge.answers import LONGEST_QUOTE, json_of, record_of, text_of
from pages_deploy.forge.errors import ForgeError
from pages_deploy.text.masking import Masker, masked_json

_PERMISSION = re.compile(r"([a-z_]+)=(read|write|admin)")
# Refusals of which GitHub's header says nothing but what the token has already.
_NO_WANT_OF_PERMISSION = re.compile("locked|archived|saml", re.IGNORECASE)
_LIMIT = re.compile("rate limit|abuse detection", re.IGNORECASE)


def refusal(
    response: requests.Response,
    *,
    doing: str,
    request: str,
    hint: str,
    now: float,
    mask: Masker,
) -> ForgeError:
    """Build the error for an answer with a status from 300 on.

    `request` is its method and path, `hint` what to do about 401, 403 and 404, `now` in seconds
    since the epoch; `mask` comes before a quote is cut, which could leave half of a token.
    """
    status = response.status_code
    place = f"({request}, HTTP {status})"
    if status < 400:
        return ForgeError(
            f"Cannot {doing}: the forge redirects elsewhere {place}.",
            "The token is sent nowhere else: check the API's address, and whether the "
            "repository has another name now.",
            status=status,
        )
    said = _said(masked_json(json_of(response)[0], mask))
    missing = _missing_permissions(response, said)
    is_limit, wait_seconds = (False, None) if missing else _limit(response, said, now)
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


def _missing_permissions(response: requests.Response, said: str) -> str:
    """Return the permissions that a refused call needs, as a workflow writes them.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    if response.status_code != 403 or "Retry-After" in response.headers:
        return ""
    if _LIMIT.search(said) or _NO_WANT_OF_PERMISSION.search(said):
        return ""
    choices = []
    for choice in response.headers.get("x-accepted-github-permissions", "").split(";"):
        # `metadata` comes with every token, and no workflow can ask for it.
        needed = [one for one in _PERMISSION.findall(choice) if one[0] != "metadata"]
        if needed:
            named = [f"`{name.replace('_', '-')}: {level}`" for name, level in needed]
            choices.append(" and ".join(named))
    return " or ".join(choices)


def _limit(response: requests.Response, said: str, now: float) -> tuple[bool, float | None]:
    """Tell whether a request was one too many, and how long to wait where the forge says it."""
    status, headers = response.status_code, response.headers
    if status not in {403, 429}:
        return False, None
    if "Retry-After" in headers:
        return True, _seconds_until(headers["Retry-After"], now)
    # GitHub's names, and GitLab's.
    for prefix in ("x-ratelimit", "ratelimit"):
        if headers.get(f"{prefix}-remaining", "").strip() == "0":
            reset = headers.get(f"{prefix}-reset", "").strip()
            known = reset.isascii() and reset.isdigit() and len(reset) < 16
            return True, max(0.0, int(reset) - now) + 1.0 if known else None
    return status == 429 or _LIMIT.search(said) is not None, None


def _seconds_until(text: str, now: float) -> float | None:
    """Read `Retry-After`, a number of seconds or a date (RFC 9110 section 10.2.3)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 16:
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def no_answer(
    error: requests.RequestException, *, doing: str, connect_timeout_seconds: float
) -> ForgeError:
    """Build the error for a request without an answer; its own text may quote credentials."""
    if isinstance(error, ValueError):
        return ForgeError(
            f"Cannot {doing}: the request cannot be sent ({type(error).__name__}).",
            "Check the token for characters that do not belong there, and the forge's address.",
        )
    hint, never_sent, retryable = "", True, True
    if isinstance(error, requests.exceptions.ProxyError):
        reason, never_sent = "the proxy refused or dropped the connection", False
    elif "CERTIFICATE_VERIFY_FAILED" in repr(error):
        reason, retryable = "its certificate cannot be verified", False
        hint = "Name the forge's CA file in SSL_CERT_FILE."
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        reason = f"no connection within {connect_timeout_seconds:g} seconds"
    elif "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
        reason = "the host cannot be reached"
    elif isinstance(error, requests.exceptions.Timeout):
        reason, never_sent = "the forge fell silent", False
    else:
        reason, never_sent = "the connection broke before the answer came", False
    return ForgeError(
        f"Cannot {doing}: {reason}.", hint, retryable=retryable, may_have_worked=not never_sent
    )
