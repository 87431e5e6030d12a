"""The sessions by which anything is asked: of the API, of a forge, of a deployed site."""

from __future__ import annotations

import http.cookiejar
import platform
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from pages_deploy import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_AGENT = f"pages-deploy/{__version__} (Python {platform.python_version()})"
# Kept open at the most; more parallel uploads than this would open some anew each time.
POOLED_CONNECTIONS = 32


class _Session(requests.Session):
    """Keeps to the CA bundle that it was given, where requests prefers the environment's."""

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        if verify is None and isinstance(self.verify, str):
            verify = self.verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


class StayingSession(_Session):
    """Follows no redirect, nor looks where it leads: requests does, and stumbles over odd ones."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - theirs
        return None


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def new_session(
    session: requests.Session | None = None,
    *,
    ca_bundle: str | None = None,
) -> requests.Session:
    """Return a session that knows `.localhost`, our User-Agent and, if given, a CA bundle.

    Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which requests reads itself.
    """
    session = session or _Session()
    session.headers["User-Agent"] = USER_AGENT
    session.verify = ca_bundle or True
    # Whoever has credentials passes them; those of a `.netrc` are for nobody here.
    session.auth = _nobody
    # The API needs no cookies, and threads that share the session should share no state.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", HTTPAdapter(pool_maxsize=POOLED_CONNECTIONS))
    session.mount("http://", LoopbackAdapter(pool_maxsize=POOLED_CONNECTIONS))
    return session


class LoopbackAdapter(HTTPAdapter):
    """Sends requests for names under `.localhost` to 127.0.0.1, whatever the resolver says.

    RFC 6761 section 6.3 makes these names loopback, yet many resolvers refuse them.
    """

    def send(  # noqa: PLR0917 - the signature is requests'
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        address = request.url or ""
        parts = urlsplit(address)
        if parts.hostname and parts.hostname.endswith(".localhost"):
            request.headers.setdefault("Host", parts.netloc)
            port = f":{parts.port}" if parts.port else ""
            request.url = parts._replace(netloc=f"127.0.0.1{port}").geturl()
            proxies = None
        try:
            response = super().send(request, stream, timeout, verify, cert, proxies)
        finally:
            request.url = address
        response.url = address
        return response
