"""Calls of Cloudflare's API: how they are sent, what answers mean, when they are repeated.

1. Wait for a turn below the rate limit (`pacing.py`).
2. Send the call through one session (`net/`); no answer becomes ApiConnectionError.
3. Judge the answer (`answers.py`); `success` in the envelope decides, not the status.
4. Give the result to the caller's parser inside the attempt, so that an answer of the wrong shape
   is retried like any other unreadable one.
5. Say of a refused API token what is wrong with it (`token_check.py`).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pages_deploy.api.answers import Envelope, Exchange
from pages_deploy.api.call import Call, Credentials
from pages_deploy.api.pacing import Pacer
from pages_deploy.api.token_check import VERIFICATION, TokenCheck
from pages_deploy.clock import Timer
from pages_deploy.errors import (
    ApiConnectionError,
    AuthenticationError,
    NotFoundError,
    SettingsError,
)
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from pages_deploy.retry import OnRetry, call, ignore_retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.net.received import Received

T = TypeVar("T")

API_BASE_URL = "https://api.cloudflare.com/client/v4"
READ_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Endpoint:
    """Where the API is, and how it is reached."""

    base_url: str = API_BASE_URL
    """What every path is below; a slash at its end makes no difference."""
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    """The longest silence of the server within one request, and the longest that its answer may
    take once it begins."""
    ca_bundle: str | None = None
    """A file of certificates to trust in place of the usual ones."""


class Transport:
    """A session with one API under one set of credentials; safe to use from several threads.

    `on_retry` is told of each wait before another attempt, `on_wait` of each one below the rate
    limit, in seconds.
    """

    def __init__(
        self,
        credentials: Credentials,
        endpoint: Endpoint | None = None,
        *,
        timer: Timer | None = None,
        on_retry: OnRetry = ignore_retry,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._endpoint = endpoint or Endpoint()
        self.base_url = self._endpoint.base_url.rstrip("/")
        self.timer = timer or Timer()
        self.on_retry = on_retry
        self._pacer = Pacer(self.timer, on_wait)
        self._session = new_session(credentials=credentials, ca_bundle=self._endpoint.ca_bundle)
        # Of a legacy key there is nothing to verify.
        self._token_check = TokenCheck(self._ask_once) if credentials.is_token else None
        self.clock_skew_seconds: float | None = None
        """By how much the clock of the latest answer is ahead of ours; None before any."""

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def request(self, request: Call, parse: Callable[[Any], T]) -> T:
        """Send a call, again and again as its policy says, and parse its `result`.

        Raises ApiConnectionError or the ApiResponseError that fits the answer, and SettingsError
        where a proxy or a CA file of this machine's cannot be used.
        """
        return self._attempts(request, lambda envelope: parse(envelope.result))

    def delete(self, path: str, doing: str, query: Mapping[str, str] | None = None) -> None:
        """Send a DELETE until it is answered; raises what `request` does.

        Where an attempt without an answer was followed by NotFoundError, that attempt worked.
        """
        try:
            self.request(Call("DELETE", path, doing, query=query or {}), lambda _result: None)
        except NotFoundError as error:
            if not error.follows_lost_answer:
                raise

    def pages(self, request: Call, parse: Callable[[Any], T], *, per_page: int) -> Iterator[T]:
        """Yield the parsed items of a listing, page by page, until the last one.

        `per_page` is the most the endpoint accepts. The end is where `result_info` says it is;
        where it says nothing, a page that is not full is the last. Raises what `request` does.
        """
        for page in itertools.count(1):
            query = {**request.query, "page": str(page), "per_page": str(per_page)}

            def parse_page(envelope: Envelope) -> tuple[list[T], int | None]:
                return [parse(item) for item in envelope.items()], envelope.total_pages()

            items, total_pages = self._attempts(replace(request, query=query), parse_page)
            yield from items
            is_last = page >= total_pages if total_pages is not None else len(items) < per_page
            # An empty page ends it too, whatever a server promises.
            if is_last or not items:
                return

    def _attempts(self, request: Call, parse: Callable[[Envelope], T]) -> T:
        try:
            return call(
                lambda: self._attempt(request, parse),
                request.retry,
                timer=self.timer,
                on_retry=self.on_retry,
            )
        except AuthenticationError as error:
            check = self._token_check
            is_verification = request.path.endswith(VERIFICATION)
            # An upload token is none that could be verified.
            if check is None or is_verification or request.credentials is not None:
                raise
            raise check.explained(error) from error

    def _ask_once(self, request: Call, parse: Callable[[Any], T]) -> T:
        return self._attempt(request, lambda envelope: parse(envelope.result))

    def _attempt(self, request: Call, parse: Callable[[Envelope], T]) -> T:
        self._pacer.wait()
        received = self._send(request)
        self._pacer.note(received.header("Ratelimit"))
        if received.answered_at is not None:
            self.clock_skew_seconds = received.answered_at - self.timer.wall()
        exchange = Exchange(request, received)
        envelope = exchange.envelope()
        try:
            return parse(envelope)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise exchange.unexpected(str(error)) from error

    def _send(self, request: Call) -> Received:
        body, content_type = request.wire_body()
        silence = self._endpoint.read_timeout_seconds
        if request.timeout_seconds is not None:
            silence = min(silence, request.timeout_seconds)
        asked = Request(
            request.method,
            self.base_url + request.path,
            query=request.query,
            headers={"Content-Type": content_type} if content_type else {},
            body=body,
            credentials=request.credentials,
            read_timeout_seconds=silence,
        )
        try:
            return self._session.send(asked)
        except NoAnswerError as error:
            failure = error.failure
            if failure.is_setting:
                # Whatever was to be done, it is not to blame.
                raise SettingsError(
                    f"{self.base_url} cannot be reached: {failure.reason}.", failure.hint
                ) from error
            hint = f"{failure.hint} Then run again: nothing that was uploaded is lost."
            if self.base_url != API_BASE_URL:
                hint = f"The address is that of API_BASE_URL. {hint}"
            raise ApiConnectionError(
                f"Cannot {request.doing}: {failure.reason} ({asked.shown}).",
                hint,
                method=request.method,
                path=request.path,
                sent=failure.sent,
                silent=failure.silent,
                retryable=failure.repeatable,
            ) from error
