"""Requests of a forge's REST API; whatever goes wrong with one becomes a ForgeError.

1. The token goes to the base address alone: no redirect is followed, and of a link to the next
   page only the query is taken.
2. A limit is waited for as long as the forge says; where that is too long, nothing is asked under
   this token until it is over. A broken connection or a 5xx is tried three
   times, unless it is a POST that may have worked. All waits of a client together are bounded:
   what it does is not worth more of anybody's time.
3. `create` is a POST that looks, before it tries again, whether the lost attempt has worked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.forge.answers import ForgeAnswer, Record, json_of, next_query
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.refusals import refusal
from pages_deploy.net.bodies import JSON_TYPE, json_body
from pages_deploy.net.credentials import SecretHeaders
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import CONNECT_TIMEOUT_SECONDS, Request
from pages_deploy.net.sessions import new_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.clock import Timer

READ_TIMEOUT_SECONDS = 20.0
# GitHub kills a canceled step ten seconds after it has asked it to end
# (https://docs.github.com/en/actions/reference/workflow-cancellation-reference).
HURRIED_TIMEOUT_SECONDS = 3.0
ATTEMPTS = 3
# All waits together. A secondary limit without a term asks for a minute and then for more
# (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), which is not
# worth waiting for.
PATIENCE_SECONDS = 90.0
# Ten thousand comments; GitHub allows a quarter of that.
MOST_PAGES = 100


@dataclass
class Limit:
    """Until when a forge does not want to be asked."""

    until: float = 0.0
    """By the monotonic clock; in the past where there is no limit."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a forge is reached, and as whom."""

    token: str
    timer: Timer
    api_url: str = ""
    """The base address of its REST API; empty for that of the vendor's own servers."""
    ca_bundle: str | None = None
    """The file of the certificates to trust; None for those of the system."""
    limit: Limit = field(default_factory=Limit)
    """What all clients under this token have been told."""


class Rest:
    """A client of one forge under one token.

    `headers` go along with every request, like `credentials`, of which the last words are secret
    (of `Bearer TOKEN` the token). The `refusal_hint` tells what to do about 401, 403 and 404 where
    the forge does not say it itself.
    """

    def __init__(
        self,
        access: Access,
        *,
        credentials: Mapping[str, str],
        headers: Mapping[str, str],
        refusal_hint: str = "",
    ) -> None:
        self._base_url = access.api_url.rstrip("/")
        self._headers = headers
        self._timer = access.timer
        self._limit = access.limit
        self.refusal_hint = refusal_hint
        self._patience_seconds = PATIENCE_SECONDS
        self._connect_timeout_seconds = CONNECT_TIMEOUT_SECONDS
        self._read_timeout_seconds = READ_TIMEOUT_SECONDS
        self.ca_bundle = access.ca_bundle
        secrets = [value.rpartition(" ")[2] for value in credentials.values()]
        self._session = new_session(
            credentials=SecretHeaders(credentials, secrets), ca_bundle=access.ca_bundle
        )

    def hurry(self) -> None:
        """Wait for hardly anything from now on: the process is about to be killed."""
        self._patience_seconds = 0.0
        self._connect_timeout_seconds = self._read_timeout_seconds = HURRIED_TIMEOUT_SECONDS

    def ask(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Record | None = None,
    ) -> ForgeAnswer:
        """Send a request until it is answered; raises ForgeError. `doing` completes "Cannot"."""
        failures = 0
        while True:
            request = self._request(method, path, query, body)
            began = self._timer.monotonic()
            try:
                return self._send(request, doing)
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
                    can_wait = again and failures < ATTEMPTS and self.pause_after(failures)
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
                if is_last or not self.pause_after(failures):
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

    def pause_after(self, failures: int) -> bool:
        """Wait before the next attempt, longer each time; False where patience is at its end."""
        return self._pause(2.0 ** (failures - 1) * (0.5 + self._timer.random() / 2))

    def _pause(self, seconds: float) -> bool:
        """Wait, if that is not too long."""
        if seconds > self._patience_seconds:
            return False
        self._patience_seconds -= seconds
        self._timer.sleep(seconds)
        return True

    def _request(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Record | None
    ) -> Request:
        content_type = {} if body is None else {"Content-Type": JSON_TYPE}
        return Request(
            method,
            self._base_url + path,
            query=query,
            headers={**self._headers, **content_type},
            body=None if body is None else json_body(body),
            connect_timeout_seconds=self._connect_timeout_seconds,
            read_timeout_seconds=self._read_timeout_seconds,
        )

    def _send(self, request: Request, doing: str) -> ForgeAnswer:
        left = self._limit.until - self._timer.monotonic()
        if left > 0:
            raise ForgeError(
                f"Cannot {doing}: the forge's rate limit lasts another {left:.0f} s "
                f"({request.shown}).",
                is_limit=True,
                wait_seconds=left,
            )
        try:
            received = self._session.send(request)
        except NoAnswerError as error:
            failure = error.failure
            raise ForgeError(
                f"Cannot {doing}: {failure.reason} ({request.shown}).",
                failure.hint,
                retryable=failure.repeatable,
                may_have_worked=failure.sent,
            ) from error
        if received.status >= 300:
            refused = refusal(received, doing, hint=self.refusal_hint, now=self._timer.wall())
            if refused.wait_seconds is not None:
                self._limit.until = self._timer.monotonic() + refused.wait_seconds
            raise refused
        data, is_json = json_of(received)
        if not is_json:
            raise ForgeError(
                f"Cannot {doing}: the answer is not JSON ({request.shown}, "
                f"HTTP {received.status}).",
                status=received.status,
                may_have_worked=True,
            )
        return ForgeAnswer(data, received.headers, next_query(received), doing)
