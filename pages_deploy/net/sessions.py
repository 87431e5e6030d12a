"""The sessions by which anything is asked: of the API, of a forge, of a deployed site.

1. Connections are pooled; proxies come from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, which
   requests reads itself, and the CA bundle from the caller. One that cannot be used is named before
   anything is sent (`proxies.py`, `certificates.py`).
2. A request carries the given credentials and no others: neither those of a `.netrc`, nor cookies,
   nor what the address has before its `@`.
3. No redirect is followed: the credentials belong to one host.
4. No answer is read without end, neither in size nor in time (`limits.py`).
5. Without an answer there is a NoAnswerError, which carries no secret and no error that does.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import platform
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from pages_deploy import __version__
from pages_deploy.net.credentials import SecretHeaders
from pages_deploy.net.failures import NoAnswerError, failure_of, failure_of_proxy
from pages_deploy.net.limits import PIECE_BYTES, AnswerLimitError, LimitedAdapter, whole_body
from pages_deploy.net.proxies import unusable_proxy
from pages_deploy.net.received import Received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from pages_deploy.net.request import Request

USER_AGENT = f"pages-deploy/{__version__} (Python {platform.python_version()})"
# Kept open at the most; more parallel uploads than this would open some anew each time.
POOLED_CONNECTIONS = 32
# Whatever can go wrong between here and the end of an answer.
_ERRORS = (OSError, ValueError, urllib3.exceptions.HTTPError, AnswerLimitError)


class Session:
    """Asks servers; may be used by several threads. Close it, or use it in a `with` block."""

    def __init__(self, session: requests.Session, credentials: SecretHeaders) -> None:
        self._session = session
        self._credentials = credentials

    def send(self, request: Request) -> Received:
        """Send a request and read its whole answer, of whatever status.

        Raises NoAnswerError where none comes, where it breaks off or goes beyond all limits, and
        where the request cannot be sent at all.
        """
        return self._answer(request, is_read_later=False)

    @contextlib.contextmanager
    def opened(self, request: Request) -> Iterator[Received]:
        """Send a request; its answer's body is for `Received.pieces` inside the block.

        Raises NoAnswerError like `send`, also where the body breaks off; how long a body may be is
        for its reader to say.
        """
        received = self._answer(request, is_read_later=True)
        try:
            yield received
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            AnswerLimitError,
        ) as error:
            raise NoAnswerError(failure_of(error, request), request) from error
        finally:
            received.close()

    def _answer(self, request: Request, *, is_read_later: bool) -> Received:
        given = request.credentials or self._credentials
        if unusable := _unusable_proxy(request.address):
            raise NoAnswerError(failure_of_proxy(unusable), request)
        try:
            response = self._session.request(
                request.method,
                request.address,
                params=request.query or None,
                data=request.body,
                headers={**request.headers, **given.headers},
                timeout=(request.connect_timeout_seconds, request.read_timeout_seconds),
                allow_redirects=False,
                stream=True,
            )
            content = b"" if is_read_later else _whole(response)
        except _ERRORS as error:
            failure = failure_of(error, request)
            # The text of such an error quotes what cannot be sent, which may be a token.
            cause = None if isinstance(error, ValueError) else error
            if isinstance(error, requests.RequestException):
                # It has the request with its token.
                error.request = None
        else:
            return Received(response, request, self._mask(given), content)
        # Out of reach of that error, which would go along as this one's context.
        raise NoAnswerError(failure, request) from cause

    def _mask(self, given: SecretHeaders) -> Callable[[str], str]:
        """Return what takes out of an answer whatever this server was sent, now or before."""
        own = self._credentials.mask
        return own if given is self._credentials else lambda text: given.mask(own(text))

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def new_session(
    *, credentials: SecretHeaders | None = None, ca_bundle: str | None = None
) -> Session:
    """Return a session that sends `credentials` with each request that has none of its own.

    `ca_bundle` names a file of certificates that servers are trusted by, in place of the
    environment's and of those that come with requests.
    """
    session = _QuietSession()
    session.headers["User-Agent"] = USER_AGENT
    session.verify = ca_bundle or True
    session.auth = _nobody
    # Threads that share the session should share no state.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", LimitedAdapter(pool_maxsize=POOLED_CONNECTIONS))
    session.mount("http://", LoopbackAdapter(pool_maxsize=POOLED_CONNECTIONS))
    return Session(session, credentials or SecretHeaders({}, ()))


class _QuietSession(requests.Session):
    """Does less than requests' own: no look at redirects, and no other CA bundle than its own."""

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        # requests prefers the environment's, and takes a blank for the name of a file.
        if verify is None and isinstance(self.verify, str):
            verify = self.verify
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        if isinstance(settings["verify"], str) and not settings["verify"].strip():
            settings["verify"] = True
        return settings

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - theirs
        # requests looks where a redirect leads even if it is not to follow, and stumbles over odd
        # ones.
        return None


def _whole(response: requests.Response) -> bytes:
    """Read the body of an answer to its end."""
    with response:
        return whole_body(response.iter_content(PIECE_BYTES))


def _unusable_proxy(address: str) -> str:
    return "" if _is_loopback(address) else unusable_proxy(address)


def _is_loopback(address: str) -> bool:
    """Whether an address is one of those names that never leave this machine."""
    try:
        return (urlsplit(address).hostname or "").endswith(".localhost")
    except ValueError:
        return False


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class LoopbackAdapter(LimitedAdapter):
    """Sends requests for names under `.localhost` to this machine, whatever the resolver says.

    RFC 6761 section 6.3 makes these names loopback, yet many resolvers refuse them. Where nobody
    listens at 127.0.0.1, somebody may at ::1.
    """

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request as requests does, which names all else by keywords."""
        address = request.url or ""
        if not _is_loopback(address):
            return super().send(request, *args, **kwargs)
        parts = urlsplit(address)
        request.headers.setdefault("Host", parts.netloc)
        port = f":{parts.port}" if parts.port else ""
        kwargs["proxies"] = None
        try:
            request.url = parts._replace(netloc=f"127.0.0.1{port}").geturl()
            try:
                response = super().send(request, *args, **kwargs)
            except requests.ConnectionError as error:
                if not _is_unsent(error):
                    raise
                request.url = parts._replace(netloc=f"[::1]{port}").geturl()
                try:
                    response = super().send(request, *args, **kwargs)
                except requests.ConnectionError as other:
                    # What has reached somebody is told as it is: it may have been done.
                    raise (error if _is_unsent(other) else other) from None
        finally:
            request.url = address
        response.url = address
        return response


def _is_unsent(error: requests.ConnectionError) -> bool:
    """Whether there was not even a connection."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)
