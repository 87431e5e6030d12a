"""Why a request got no answer: what requests and urllib3 raise, read once, for everybody.

Their texts are not passed on: they may quote the address with its credentials, or a header.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions

from pages_deploy.errors import PagesDeployError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.net.request import Request

NETWORK_HINT = "Check the network of this machine."
PROXY_HINT = "Check HTTPS_PROXY and NO_PROXY."
CERTIFICATE_HINT = (
    "Name the CA file that vouches for the server, or for the proxy that inspects TLS, in "
    "SSL_CERT_FILE."
)
CA_FILE_HINT = "Check SSL_CERT_FILE and REQUESTS_CA_BUNDLE: a file of certificates in PEM is meant."
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


class NoAnswerError(PagesDeployError):
    """A request got no answer, or one that broke off."""

    def __init__(self, failure: Failure, request: Request) -> None:
        super().__init__(f"No answer to {request.shown}: {failure.reason}.", failure.hint)
        self.failure = failure


def failure_of(error: Exception, request: Request) -> Failure:
    """Return what an error of requests, urllib3 or the system says of a request.

    1. What no repetition mends, and what kept the request here: certificate, CA file, address.
    2. What happened on the way, by the first kind in `_on_the_way` that fits.
    """
    wrapped = list(_chain(error))
    for one in wrapped:
        if isinstance(one, ssl.SSLCertVerificationError):
            # OpenSSL's own word: self-signed, expired, of another host.
            reason = f"its certificate cannot be verified ({one.verify_message})"
            return Failure(reason, CERTIFICATE_HINT, sent=False, repeatable=False)
    # requests' one plain OSError, and OpenSSL's word for a file that holds no certificate.
    if type(error) is OSError or any(getattr(one, "library", "") == "X509" for one in wrapped):
        return Failure("the CA file cannot be used", CA_FILE_HINT, sent=False, repeatable=False)
    # A broken header of the answer is a ValueError, too.
    is_of_answer = any(isinstance(one, urllib3.exceptions.InvalidHeader) for one in wrapped)
    if isinstance(error, ValueError) and not is_of_answer:
        reason = "the request cannot be sent as it is"
        return Failure(reason, UNSENDABLE_HINT, sent=False, repeatable=False)
    for kind, failure in _on_the_way(request):
        if any(isinstance(one, kind) for one in wrapped):
            return failure
    return Failure(f"the answer broke off ({type(error).__name__})", NETWORK_HINT)


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
        Failure("the server fell silent", NETWORK_HINT, silent=True),
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
