"""The API below `/client/v4`: from a request to its answer, if its sender may make it.

1. check the host and that no browser asks, then count the request, where there is a limit;
2. find the route; what is not emulated answers 501 and says so;
3. check the credential: the API token or legacy pair, or for the asset calls the upload token;
4. check that the account or zone exists for the sender, then the permission;
5. make the call and put its result, or the refusal, into the envelope.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException

from pages_deploy.emulator.errors import UNKNOWN_ERROR, ExpiredTokenError, RefusalError
from pages_deploy.emulator.http import api_hosts, browsers, credentials, envelopes, routes
from pages_deploy.emulator.http.call import Call
from pages_deploy.emulator.http.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request, Response

    from pages_deploy.emulator.http.call import Success
    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.state.store import Store

_IDENTIFIER = re.compile(r"[0-9a-f]{32}")


class Api:
    """The calls of one emulator."""

    def __init__(self, store: Store, *, sites: SiteAddress) -> None:
        self._store = store
        self._sites = sites
        self._rate_limit = RateLimit(store.settings)

    def answer(self, request: Request) -> Response:
        """The answer to a request that is no site's."""
        standing = None
        try:
            api_hosts.check(request, self._store.settings)
            browsers.check(request.headers)
            standing = self._rate_limit.count()
            if standing is not None:
                standing.check()
            response = envelopes.success_response(self._call(request))
        except RefusalError as refusal:
            response = envelopes.refusal_response(refusal)
        except ExpiredTokenError:
            response = envelopes.expired_token_response()
        except HTTPException as error:
            # Werkzeug's own, such as 413 for a body above the limit.
            response = envelopes.refusal_response(
                RefusalError(
                    error.code or 500, UNKNOWN_ERROR, message=error.description or error.name
                )
            )
        # Cloudflare's support asks for it, so clients show it.
        response.headers["CF-RAY"] = f"{secrets.token_hex(8)}-EMU"
        if standing is not None:
            response.headers.extend(standing.headers())
        return response

    def _call(self, request: Request) -> Success:
        route, arguments = routes.find(request.method, request.path)
        call = Call(
            request=request,
            arguments=arguments,
            permissions=self._permissions(request, route, arguments=arguments),
            store=self._store,
            sites=self._sites,
        )
        return route.handler(call)

    def _permissions(
        self, request: Request, route: routes.Route, *, arguments: Mapping[str, str]
    ) -> frozenset[str]:
        if route.needs == routes.BY_UPLOAD_TOKEN:
            self._store.upload_tokens.check(credentials.bearer(request.headers) or "")
            return frozenset()
        settings = self._store.settings
        permissions = credentials.permissions(request.headers, settings)
        for name, known in (("account_id", settings.accounts), ("zone_id", settings.zones)):
            if name in arguments:
                _check_identifier(arguments[name], known, path=request.path)
        if route.needs not in (routes.ANY_CREDENTIAL, *permissions):
            raise credentials.forbidden()
        return permissions


def _check_identifier(identifier: str, known: Mapping[str, str], *, path: str) -> None:
    if _IDENTIFIER.fullmatch(identifier) is None:
        raise RefusalError(
            404,
            7003,
            message=f"Could not route to {path}, perhaps your object identifier is invalid?",
        )
    if identifier not in known:
        # Somebody else's account and no account at all look alike from outside.
        raise credentials.forbidden()
