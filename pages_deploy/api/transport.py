"""One request of Cloudflare's API: how it is sent, what its answer means, when it is repeated.

1. Send through one pooled session, with the given credentials and no others; never follow a
   redirect, since the API uses none and the credentials belong to one host.
2. Turn what requests raises into ApiConnectionError.
3. Judge the answer (`answers.py`); `success` in the envelope decides, not the status.
4. Give the result to the caller's parser inside the attempt, so that an answer of the wrong shape
   is retried like any other unreadable one.
"""

from __future__ import annotations

import email.utils
import itertools
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import requests

from pages_deploy.api.answers import Answer, read_answer, unexpected
from pages_deploy.api.call import Call, Credentials
from pages_deploy.api.pacing import Pacer
from pages_deploy.api.received import Received
from pages_deploy.clock import Timer
from pages_deploy.errors import ApiConnectionError, NotFoundError
from pages_deploy.net.sessions import StayingSession, new_session
from pages_deploy.retry import OnRetry, call, ignore_retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

API_BASE_URL = "https://api.cloudflare.com/client/v4"
CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 60.0


class Transport:
    """A session with one API under one set of credentials; safe to use from several threads."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str = API_BASE_URL,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        ca_bundle: str | None = None,
        timer: Timer | None = None,
        on_retry: OnRetry = ignore_retry,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timer = timer or Timer()
        self.on_retry = on_retry
        self._credentials = credentials
        self._pacer = Pacer(self.timer, on_wait)
        self._read_timeout_seconds = read_timeout_seconds
        self._session = new_session(StayingSession(), ca_bundle=ca_bundle)
        # By how much the clock of the latest answer is ahead of ours; None before any.
        self.clock_skew_seconds: float | None = None

    def close(self) -> None:
        self._session.close()

    def request(self, request: Call, parse: Callable[[Any], T]) -> T:
        """Send a call, again and again as its policy says, and parse its `result`.

        Raises ApiConnectionError or the ApiResponseError that fits the answer.
        """
        return self._attempts(request, lambda answer: parse(answer.result))

    def delete(self, path: str, doing: str, query: Mapping[str, str] | None = None) -> None:
        """Send a DELETE until it is answered.

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
        where it says nothing, a page that is not full is the last.
        """
        for page in itertools.count(1):
            query = {**request.query, "page": str(page), "per_page": str(per_page)}
            call_of_page = Call(
                request.method, request.path, request.doing, request.retry, query=query
            )

            def parse_page(answer: Answer) -> tuple[list[T], int | None]:
                return [parse(item) for item in answer.items()], answer.total_pages()

            items, total_pages = self._attempts(call_of_page, parse_page)
            yield from items
            is_last = page >= total_pages if total_pages is not None else len(items) < per_page
            # An empty page ends it too, whatever a server promises.
            if is_last or not items:
                return

    def _attempts(self, request: Call, parse: Callable[[Answer], T]) -> T:
        return call(
            lambda: self._attempt(request, parse),
            request.retry,
            timer=self.timer,
            on_retry=self.on_retry,
        )

    def _attempt(self, request: Call, parse: Callable[[Answer], T]) -> T:
        self._pacer.wait()
        response = self._send(request)
        self._pacer.note(response.headers)
        self._note_clock(response)
        received = Received(response, self._mask(request))
        answer = read_answer(received, request)
        try:
            return parse(answer)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unexpected(received, request, str(error)) from error

    def _send(self, request: Call) -> requests.Response:
        body, content_type = request.wire_body()
        try:
            return self._session.request(
                request.method,
                self.base_url + request.path,
                params=request.query or None,
                data=body,
                headers={"Content-Type": content_type} if content_type else None,
                auth=request.credentials or self._credentials,
                timeout=(CONNECT_TIMEOUT_SECONDS, self._silence_seconds(request)),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # It has the request with its token.
            error.request = None
            # requests' errors of this kind are about the address, which no repetition mends, or
            # quote a header that cannot be sent.
            if not isinstance(error, ValueError):
                raise self._no_answer(request, error) from error
        except ValueError:
            # The text of such an error quotes what cannot be sent, which may be a token.
            pass
        # Out of reach of those errors, which would go along as this one's context.
        raise self._unsendable(request)

    def _mask(self, request: Call) -> Callable[[str], str]:
        """Return what takes out of an answer whatever this server was sent, now or before."""
        mask = self._credentials.mask
        if request.credentials is None:
            return mask
        mask_other = request.credentials.mask
        return lambda text: mask_other(mask(text))

    def _note_clock(self, response: requests.Response) -> None:
        try:
            theirs = email.utils.parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        self.clock_skew_seconds = theirs - self.timer.wall()

    def _silence_seconds(self, request: Call) -> float:
        if request.timeout_seconds is None:
            return self._read_timeout_seconds
        return min(request.timeout_seconds, self._read_timeout_seconds)

    def _unsendable(self, request: Call) -> ApiConnectionError:
        return ApiConnectionError(
            f"Cannot {request.doing}: the request cannot be sent as it is "
            f"({request.method} {request.path}).",
            "Check API_BASE_URL, and the token for characters that do not belong there.",
            method=request.method,
            path=request.path,
            sent=False,
            retryable=False,
        )

    def _no_answer(self, request: Call, error: requests.RequestException) -> ApiConnectionError:
        host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        hint = "Check the network of this machine"
        sent, silent = not isinstance(error, requests.exceptions.ConnectTimeout), False
        if isinstance(error, requests.exceptions.ProxyError):
            reason = "the proxy refused or dropped the connection"
            hint = "Check HTTPS_PROXY and NO_PROXY"
        elif "CERTIFICATE_VERIFY_FAILED" in repr(error):
            reason, sent = "its certificate cannot be verified", False
            hint = "Behind a proxy that inspects TLS, name its CA file in SSL_CERT_FILE"
        elif isinstance(error, requests.exceptions.SSLError):
            reason = "the encrypted connection broke"
        elif isinstance(error, requests.exceptions.ConnectTimeout):
            reason = f"no connection within {CONNECT_TIMEOUT_SECONDS:g} seconds"
        elif isinstance(error, requests.exceptions.Timeout):
            reason, silent = "the server fell silent", True
        elif "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
            reason, sent = "the host cannot be reached", False
        elif isinstance(error, requests.exceptions.ConnectionError):
            reason = "the connection broke before the answer came"
        else:
            # Its own text may carry the address with its credentials, so only the kind is named.
            reason = f"the answer broke off ({type(error).__name__})"
        return ApiConnectionError(
            f"Cannot {request.doing}: {reason} ({request.method} {host}{request.path}).",
            f"{hint}, then run again: nothing that was uploaded is lost.",
            method=request.method,
            path=request.path,
            sent=sent,
            silent=silent,
        )
