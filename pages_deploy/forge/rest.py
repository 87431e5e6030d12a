"""Requests of a forge's REST API; whatever goes wrong with one becomes a ForgeError.

1. The token goes to the base address alone: no redirect is followed, and of a link to the next
   page only the query is taken.
2. A limit is waited for as long as the forge says. A broken connection or a 5xx is tried three
   times, unless it is a POST that may have worked. All waits of a client together are bounded:
   what it does is not worth more of anybody's time.
3. `create` is a POST that looks, before it tries again, whether the lost attempt has worked.
"""

from __future__ import annotations

import email.utils
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.auth import AuthBase

from pages_deploy.api.transport import new_session
from pages_deploy.errors import PagesDeployError
from pages_deploy.forge.answers import Record, id_of, record_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.retry import Timer

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 20.0
ATTEMPTS = 3
# All waits together. A secondary limit without a term asks for a minute and then for more
# (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), which is not
# worth waiting for.
PATIENCE_SECONDS = 90.0
# Ten thousand comments; GitHub allows a quarter of that.
MOST_PAGES = 100
LONGEST_QUOTE = 200
_PERMISSION = re.compile(r"([a-z_]+)=(read|write|admin)")


class ForgeError(PagesDeployError):
    """Something could not be left behind on the forge; the deployment itself is as it was."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int = 0,
        retryable: bool = False,
        may_have_worked: bool = False,
        is_limit: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        # Of the answer; 0 without one.
        self.status = status
        # Whether the same request may succeed a little later.
        self.retryable = retryable
        # Whether the forge may have done what it was asked, and only its answer is missing.
        self.may_have_worked = may_have_worked
        # Whether the request was refused for being one too many, and certainly not done.
        self.is_limit = is_limit
        # The forge's own word on when to come again.
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Answer:
    """A good answer."""

    data: Any
    headers: Mapping[str, str]
    # The query of the page that `Link` calls the next one.
    next_query: Mapping[str, str] | None
    doing: str

    def record(self) -> Record:
        if not isinstance(self.data, dict):
            raise self._odd("it is no object")
        return self.data

    def records(self) -> list[Record]:
        if not isinstance(self.data, list):
            raise self._odd("it is no list")
        return [item for item in self.data if isinstance(item, dict)]

    def id(self) -> int:
        found = id_of(self.data)
        if found is None:
            raise self._odd(text_of(self.data, "message")[:LONGEST_QUOTE] or "it has no id")
        return found

    def _odd(self, reason: str) -> ForgeError:
        return ForgeError(
            f"Cannot {self.doing}: the answer is not what the API documents ({reason}).",
            may_have_worked=True,
        )


class Rest:
    """A client of one forge under one token."""

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Mapping[str, str],
        headers: Mapping[str, str],
        timer: Timer,
        ca_bundle: str | None = None,
        refusal_hint: str = "",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials = _Credentials(credentials)
        self._headers = headers
        self._timer = timer
        # What to do about 401, 403 and 404, where the forge does not say it itself.
        self._refusal_hint = refusal_hint
        self._patience_seconds = PATIENCE_SECONDS
        self.ca_bundle = ca_bundle
        self._session = new_session(_StayingSession(), ca_bundle=ca_bundle)

    def hurry(self) -> None:
        """Wait for nothing from now on: the process is about to be killed."""
        self._patience_seconds = 0.0

    def ask(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Record | None = None,
    ) -> Answer:
        """Send a request until it is answered; raises ForgeError. `doing` completes "Cannot"."""
        failures = 0
        while True:
            began = self._timer.monotonic()
            try:
                return self._send(method, path, doing, query, body)
            except ForgeError as error:
                failures += 1
                # Silence is a wait, too.
                self._patience_seconds -= self._timer.monotonic() - began
                again = error.retryable and not (method == "POST" and error.may_have_worked)
                if error.is_limit:
                    can_wait = error.wait_seconds is not None and self._pause(
                        max(error.wait_seconds, 2.0 ** (failures - 1))
                    )
                else:
                    can_wait = again and failures < ATTEMPTS and self._pause_after(failures)
                if not can_wait:
                    raise

    def create(self, path: str, doing: str, *, body: Record, made: Callable[[], bool]) -> Record:
        """Create something and return it; nothing is returned of what `made` found.

        `made` looks, after an answer was lost, whether it is there.
        """
        failures = 0
        while True:
            try:
                return self.ask("POST", path, doing, body=body).record()
            except ForgeError as error:
                failures += 1
                is_last = failures >= ATTEMPTS or not error.may_have_worked
                if is_last or not self._pause_after(failures):
                    raise
                if made():
                    return {}

    def linked_pages(
        self, path: str, doing: str, *, query: Mapping[str, str]
    ) -> Iterator[list[Record]]:
        """Yield the pages of a listing as `Link: rel="next"` strings them together."""
        wanted: Mapping[str, str] | None = {**query, "per_page": "100"}
        for _ in range(MOST_PAGES):
            answer = self.ask("GET", path, doing, query=wanted)
            yield answer.records()
            before, wanted = wanted, answer.next_query
            if not wanted or wanted == before:
                return

    def _pause_after(self, failures: int) -> bool:
        return self._pause(2.0 ** (failures - 1) * (0.5 + self._timer.random() / 2))

    def _pause(self, seconds: float) -> bool:
        """Wait, if that is not too long."""
        if seconds > self._patience_seconds:
            return False
        self._patience_seconds -= seconds
        self._timer.sleep(seconds)
        return True

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None,
        body: Record | None,
    ) -> Answer:
        content = None
        headers = dict(self._headers)
        if body is not None:
            # Half of a character, which a name may have, is no JSON.
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            headers["Content-Type"] = "application/json"
        try:
            response = self._session.request(
                method,
                self._base_url + path,
                params=query,
                data=content,
                headers=headers,
                auth=self._credentials,
                timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
                allow_redirects=False,
                # Said here again, since requests prefers its own variables to the session's.
                verify=self._session.verify,
            )
        except requests.RequestException as error:
            raise _no_answer(f"Cannot {doing}", error) from None
        except (OSError, ValueError) as error:
            # The text of such an error may quote the token, so only its kind is named.
            raise ForgeError(
                f"Cannot {doing}: the request cannot be sent ({type(error).__name__}).",
                "Check the token for characters that do not belong there, the forge's address, "
                "and the CA file.",
            ) from None
        return self._read(response, method, path, doing)

    def _read(self, response: requests.Response, method: str, path: str, doing: str) -> Answer:
        status = response.status_code
        data, is_json = _json(response)
        if 200 <= status < 300 and is_json:
            return Answer(data, response.headers, _next_query(response), doing)
        place = f"({method} {path}, HTTP {status})"
        if status < 300:
            raise ForgeError(
                f"Cannot {doing}: the answer is no JSON {place}.",
                status=status,
                may_have_worked=True,
            )
        if status < 400:
            raise ForgeError(
                f"Cannot {doing}: the forge redirects elsewhere {place}.",
                "The token is sent nowhere else: check the API's address, and whether the "
                "repository has another name now.",
                status=status,
            )
        said = _said(data)
        missing = _missing_permissions(response, said)
        is_limit, wait_seconds = (
            (False, None) if missing else _limit(response, said, self._timer.wall())
        )
        reason = said or ("too many requests" if is_limit else "no reason was given")
        what = f"; add {missing} to the job's permissions" if missing else ""
        may_say = status in {401, 403, 404} and not (is_limit or missing)
        raise ForgeError(
            f"Cannot {doing}: {reason} {place}{what}.",
            self._refusal_hint if may_say else "",
            status=status,
            retryable=status >= 500,
            may_have_worked=status >= 500,
            is_limit=is_limit,
            wait_seconds=wait_seconds,
        )


class _Credentials(AuthBase):
    """Given to every request, so that no `.netrc` entry takes the token's place."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


class _StayingSession(requests.Session):
    """Follows no redirect, nor looks where it leads: requests does, and stumbles over odd ones."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - theirs
        return None


def _json(response: requests.Response) -> tuple[Any, bool]:
    """Return the body as JSON, and whether it is any; an empty one is an empty object."""
    if not response.content:
        return {}, True
    try:
        return json.loads(response.content), True
    except (ValueError, RecursionError):
        return None, False


def _next_query(response: requests.Response) -> Mapping[str, str] | None:
    try:
        address = response.links.get("next", {}).get("url", "")
        return dict(parse_qsl(urlsplit(address).query)) or None
    except (AttributeError, ValueError):
        return None


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
    # Of a locked conversation the header says what the token has already.
    if response.status_code != 403 or "locked" in said or "rate limit" in said:
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
    return status == 429 or "rate limit" in said.lower(), None


def _seconds_until(text: str, now: float) -> float | None:
    """Read `Retry-After`, a number of seconds or a date (RFC 9110 section 10.2.3)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 16:
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def _no_answer(cannot: str, error: requests.RequestException) -> ForgeError:
    """Build the error for a request without an answer; its own text may quote credentials."""
    if isinstance(error, ValueError):
        return ForgeError(
            f"{cannot}: the request cannot be sent ({type(error).__name__}).",
            "Check the token for characters that do not belong there, and the forge's address.",
        )
    hint, never_sent, retryable = "", True, True
    if isinstance(error, requests.exceptions.ProxyError):
        reason, never_sent = "the proxy refused or dropped the connection", False
    elif "CERTIFICATE_VERIFY_FAILED" in repr(error):
        reason, retryable = "its certificate cannot be verified", False
        hint = "Name the forge's CA file in SSL_CERT_FILE."
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        reason = f"no connection within {CONNECT_TIMEOUT_SECONDS:g} seconds"
    elif "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
        reason = "the host cannot be reached"
    elif isinstance(error, requests.exceptions.Timeout):
        reason, never_sent = "the forge fell silent", False
    else:
        reason, never_sent = "the connection broke before the answer came", False
    return ForgeError(
        f"{cannot}: {reason}.", hint, retryable=retryable, may_have_worked=not never_sent
    )
