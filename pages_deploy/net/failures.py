"""Why a request got no answer: what requests and urllib3 raise, read once, for everybody.

Their texts are not passed on: they may quote the address with its credentials, or a header.
"""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions

from pages_deploy.errors import PagesDeployError
from pages_deploy.net.limits import AnswerLimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pages_deploy.net.request import Request

NETWORK_HINT = "Check the network of this machine."
PROXY_HINT = "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY, in lower case too."
PROXY_FORM_HINT = (
    "Write it as http://HOST:PORT there, or name in NO_PROXY the hosts that are reached without it."
)
CERTIFICATE_HINT = (
    "Name the CA file that vouches for the server, or for the proxy that inspects TLS, in "
    "SSL_CERT_FILE."
)
CA_FILE_HINT = (
    "Check REQUESTS_CA_BUNDLE, SSL_CERT_FILE and CURL_CA_BUNDLE: a file of certificates in PEM is "
    "meant."
)
LIMIT_HINT = "A proxy or gateway may have answered in the server's place."
# http.client's words for an answer to CONNECT; 408 and 429 may be another one a little later.
_NO_TUNNEL = re.compile(r"Tunnel connection failed: (4(?!08|29)\d\d)")
UNSENDABLE_HINT = (
    "Check the address, the token and HTTPS_PROXY for characters that do not belong there."
)


@dataclass(frozen=True)
class Failure:
    """Why there is no answer, and what that means for what was asked."""

    reason: str
    """In words, to follow a colon: "the host cannot be reached"."""
    hint: str
    """What to do about it, in a sentence."""
    sent: bool = True
    """False where the request certainly never reached the server."""
    silent: bool = False
    """Whether the server took too long, and may still be at it."""
    repeatable: bool = True
    """Whether the same request may succeed a little later."""
    is_setting: bool = False
    """Whether a variable of this machine has to be mended, and nothing was sent."""


class NoAnswerError(PagesDeployError):
    """A request got no answer, or one that broke off."""

    def __init__(self, failure: Failure, request: Request) -> None:
        super().__init__(f"No answer to {request.shown}: {failure.reason}.", failure.hint)
        self.failure = failure


def failure_of(error: Exception, request: Request) -> Failure:
    """Return what an error of requests, urllib3 or the system says of a request.

    1. An answer without end.
    2. What no repetition mends, and what kept the request here: certificate, CA file, address.
    3. What happened on the way, by the first kind in `_on_the_way` that fits.
    """
    if isinstance(error, AnswerLimitError):
        return Failure(error.reason, LIMIT_HINT, silent=error.is_slow)
    wrapped = list(_chain(error))
    if (unsent := _kept_here(error, wrapped)) is not None:
        return unsent
    if any(map(_is_of_large_head, wrapped)):
        return Failure("the head of the answer is too large", LIMIT_HINT)
    for kind, failure in _on_the_way(request):
        if any(isinstance(one, kind) for one in wrapped):
            return failure
    return Failure(f"the answer was cut off ({type(error).__name__})", NETWORK_HINT)


def _kept_here(error: Exception, wrapped: Iterable[BaseException]) -> Failure | None:
    """Return what kept a request from its server, where no repetition mends it."""
    for one in wrapped:
        if isinstance(one, ssl.SSLCertVerificationError):
            # OpenSSL's own word: self-signed, expired, of another host.
            reason = f"its certificate cannot be verified ({one.verify_message})"
            return Failure(reason, CERTIFICATE_HINT, sent=False, repeatable=False)
    if type(error) is OSError or any(map(_is_of_ca_file, wrapped)):
        return _unusable_setting("the CA file cannot be used", CA_FILE_HINT)
    # A broken header of the answer is a ValueError, too.
    is_of_answer = any(isinstance(one, urllib3.exceptions.InvalidHeader) for one in wrapped)
    if isinstance(error, ValueError) and not is_of_answer:
        reason = "the request cannot be sent as it is"
        return Failure(reason, UNSENDABLE_HINT, sent=False, repeatable=False)
    return _refusal_of_proxy(wrapped)


def failure_of_proxy(reason: str) -> Failure:
    """Return what it means that the proxy of a request cannot be one."""
    return _unusable_setting(reason, PROXY_FORM_HINT)


def _unusable_setting(reason: str, hint: str) -> Failure:
    return Failure(reason, hint, sent=False, repeatable=False, is_setting=True)


def _is_of_ca_file(error: BaseException) -> bool:
    # OpenSSL's word for a file that holds no certificate, and the system's for one that it does
    # not open; requests itself raises a plain OSError.
    if getattr(error, "library", "") == "X509":
        return True
    return isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError))


def _is_of_large_head(error: BaseException) -> bool:
    # http.client counts lines, by an error that has no name of its own.
    return isinstance(error, http.client.LineTooLong) or (
        type(error) is http.client.HTTPException and "headers" in str(error)
    )


def _refusal_of_proxy(wrapped: Iterable[BaseException]) -> Failure | None:
    """Return what a proxy's clear no to a tunnel means; None where there was none."""
    for error in wrapped:
        match = _NO_TUNNEL.match(str(error)) if isinstance(error, OSError) else None
        if match is not None:
            status = match[1]
            reason = f"the proxy refuses the connection (HTTP {status})"
            if status == "407":
                reason = "the proxy wants a user and a password (HTTP 407)"
            return Failure(reason, PROXY_HINT, sent=False, repeatable=False)
    return None


def _on_the_way(request: Request) -> Iterator[tuple[type[Exception], Failure]]:
    """Yield the kinds of errors between here and the server, the narrower ones first."""
    yield (
        requests.exceptions.ProxyError,
        Failure("the proxy refused or dropped the connection", PROXY_HINT),
    )
    yield requests.exceptions.SSLError, Failure("the encrypted connection broke", NETWORK_HINT)
    yield (
        requests.exceptions.ConnectTimeout,
        Failure(
            f"no connection within {request.connect_timeout_seconds:g} seconds",
            NETWORK_HINT,
            sent=False,
        ),
    )
    yield (
        requests.exceptions.Timeout,
        Failure("the server stopped answering", NETWORK_HINT, silent=True),
    )
    yield (
        # In the middle of a body.
        urllib3.exceptions.ReadTimeoutError,
        Failure("the server stopped answering", NETWORK_HINT, silent=True),
    )
    yield (
        urllib3.exceptions.NewConnectionError,
        Failure("the host cannot be reached", NETWORK_HINT, sent=False),
    )
    yield (
        requests.exceptions.ConnectionError,
        Failure("the connection broke before the answer came", NETWORK_HINT),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it was made of.

    The context is left out: that may be whatever was being handled when the request was made.
    """
    yield error
    for inner in {id(one): one for one in (*error.args, getattr(error, "reason", None))}.values():
        if isinstance(inner, BaseException):
            yield from _chain(inner)
