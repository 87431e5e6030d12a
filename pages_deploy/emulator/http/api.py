"""The API below `/client/v4`: which call a request means, and whether its sender may make it.

1. count the request, where there is a limit;
2. find the route; what is not emulated answers 501 and says so;
3. check the credential: the API token or legacy pair, or for the asset calls the upload token;
4. check that the account or zone exists for the sender, then the permission;
5. make the call and put its result, or the refusal, into the envelope.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from pages_deploy.emulator.errors import ExpiredTokenError, RefusalError
from pages_deploy.emulator.http import (
    account_calls,
    asset_calls,
    credentials,
    deployment_calls,
    domain_calls,
    project_calls,
    wire,
    zone_calls,
)
from pages_deploy.emulator.http.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request, Response

    from pages_deploy.emulator.state.names import SiteAddress
    from pages_deploy.emulator.state.settings import EmulatorSettings
    from pages_deploy.emulator.state.store import Store

PREFIX: Final = "/client/v4"

BY_UPLOAD_TOKEN: Final = "upload token"  # noqa: S105 - a kind, no secret
ANY_CREDENTIAL: Final = "any credential"

_PROJECTS: Final = "/accounts/<account_id>/pages/projects"
_PROJECT: Final = f"{_PROJECTS}/<project_name>"
_DEPLOYMENT: Final = f"{_PROJECT}/deployments/<deployment_id>"
_DOMAIN: Final = f"{_PROJECT}/domains/<domain_name>"
_ZONE: Final = "/zones/<zone_id>"


@dataclass(frozen=True)
class Route:
    """One call: its method and path, what it asks of the sender, and what makes it."""

    method: str
    path: str
    needs: str
    """A permission, `BY_UPLOAD_TOKEN` or `ANY_CREDENTIAL`."""
    handler: wire.Handler


ROUTES: Final = (
    Route("GET", "/user/tokens/verify", ANY_CREDENTIAL, account_calls.verify_token),
    Route("GET", "/accounts", ANY_CREDENTIAL, account_calls.list_accounts),
    Route("GET", "/accounts/<account_id>", "account:read", account_calls.get_account),
    Route(
        "GET",
        "/accounts/<account_id>/tokens/verify",
        ANY_CREDENTIAL,
        account_calls.verify_account_token,
    ),
    Route("GET", "/memberships", "memberships:read", account_calls.list_memberships),
    Route("GET", _PROJECTS, "pages:read", project_calls.list_projects),
    Route("POST", _PROJECTS, "pages:edit", project_calls.create_project),
    Route("GET", _PROJECT, "pages:read", project_calls.get_project),
    Route("PATCH", _PROJECT, "pages:edit", project_calls.update_project),
    Route("DELETE", _PROJECT, "pages:edit", project_calls.delete_project),
    Route("POST", f"{_PROJECT}/purge_build_cache", "pages:edit", project_calls.purge_build_cache),
    Route("GET", f"{_PROJECT}/upload-token", "pages:edit", project_calls.get_upload_token),
    Route("GET", f"{_PROJECT}/domains", "pages:read", domain_calls.list_domains),
    Route("POST", f"{_PROJECT}/domains", "pages:edit", domain_calls.add_domain),
    Route("GET", _DOMAIN, "pages:read", domain_calls.get_domain),
    Route("PATCH", _DOMAIN, "pages:edit", domain_calls.validate_domain),
    Route("DELETE", _DOMAIN, "pages:edit", domain_calls.delete_domain),
    Route("GET", f"{_PROJECT}/deployments", "pages:read", deployment_calls.list_deployments),
    Route("POST", f"{_PROJECT}/deployments", "pages:edit", deployment_calls.create_deployment),
    Route("GET", _DEPLOYMENT, "pages:read", deployment_calls.get_deployment),
    Route("DELETE", _DEPLOYMENT, "pages:edit", deployment_calls.delete_deployment),
    Route("POST", f"{_DEPLOYMENT}/retry", "pages:edit", deployment_calls.retry_deployment),
    Route("POST", f"{_DEPLOYMENT}/rollback", "pages:edit", deployment_calls.rollback_deployment),
    Route("POST", f"{_DEPLOYMENT}/tails", "pages:edit", deployment_calls.create_tail),
    Route("DELETE", f"{_DEPLOYMENT}/tails/<tail_id>", "pages:edit", deployment_calls.delete_tail),
    Route("GET", f"{_DEPLOYMENT}/history/logs", "pages:read", deployment_calls.get_logs),
    Route("POST", "/pages/assets/check-missing", BY_UPLOAD_TOKEN, asset_calls.check_missing),
    Route("POST", "/pages/assets/upload", BY_UPLOAD_TOKEN, asset_calls.upload),
    Route("POST", "/pages/assets/upsert-hashes", BY_UPLOAD_TOKEN, asset_calls.upsert_hashes),
    Route("GET", "/zones", ANY_CREDENTIAL, zone_calls.list_zones),
    Route("GET", _ZONE, "zone:read", zone_calls.get_zone),
    Route("POST", f"{_ZONE}/purge_cache", "zone:purge", zone_calls.purge_cache),
    Route("POST", f"{_ZONE}/invalidate_cache", "zone:purge", zone_calls.invalidate_cache),
)

# Once for all emulators. It takes longer than the rest of a start, and Werkzeug does it by `ast`,
# which Python 3.11 cannot do in several threads at once.
_URLS: Final = Map(
    [Rule(route.path, methods=[route.method], endpoint=route, websocket=False) for route in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
)
_IDENTIFIER = re.compile(r"[0-9a-f]{32}")


class Api:
    """The calls of one emulator."""

    def __init__(self, store: Store, *, settings: EmulatorSettings, sites: SiteAddress) -> None:
        self._store = store
        self._settings = settings
        self._sites = sites
        self._rate_limit = RateLimit(settings)
        self._urls = _URLS.bind("")

    def answer(self, request: Request) -> Response:
        """The answer to a request to a host that is no site's."""
        standing = self._rate_limit.count()
        try:
            if standing is not None:
                standing.check()
            response = wire.success_response(self._call(request))
        except RefusalError as refusal:
            response = wire.refusal_response(refusal)
        except ExpiredTokenError:
            response = wire.expired_token_response()
        except HTTPException as error:
            # Werkzeug's own, such as 413 for a body above the limit.
            response = wire.refusal_response(
                RefusalError(error.code or 500, 8000000, message=error.description or error.name)
            )
        # Cloudflare's support asks for it, so clients show it.
        response.headers["CF-RAY"] = f"{secrets.token_hex(8)}-EMU"
        if standing is not None:
            response.headers.extend(standing.headers())
        return response

    def _route(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        if not request.path.startswith(f"{PREFIX}/"):
            raise RefusalError(404, 7003, message=f"Could not route to {request.path}")
        path = request.path.removeprefix(PREFIX)
        not_emulated = RefusalError(
            501, 7000, message=f"The emulator does not know {request.method} {path}"
        )
        try:
            route, arguments = self._urls.match(path, method=request.method)
        except HTTPException as error:
            raise not_emulated from error
        # Werkzeug lets HEAD pass where GET does; Cloudflare's API is not known to.
        if not isinstance(route, Route) or request.method != route.method:
            raise not_emulated
        return route, arguments

    def _call(self, request: Request) -> wire.Success:
        route, arguments = self._route(request)
        permissions = self._permissions(request, route, arguments)
        call = wire.Call(
            request=request,
            arguments=arguments,
            permissions=permissions,
            settings=self._settings,
            store=self._store,
            sites=self._sites,
        )
        return route.handler(call)

    def _permissions(
        self, request: Request, route: Route, arguments: Mapping[str, str]
    ) -> frozenset[str]:
        headers = request.headers
        if route.needs == BY_UPLOAD_TOKEN:
            self._store.check_upload_token(credentials.bearer(headers) or "")
            return frozenset()
        permissions = credentials.permissions(headers, self._settings)
        for name, known in (
            ("account_id", self._settings.accounts),
            ("zone_id", self._settings.zones),
        ):
            if name in arguments:
                _check_identifier(arguments[name], known, path=request.path)
        if route.needs not in (ANY_CREDENTIAL, *permissions):
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
