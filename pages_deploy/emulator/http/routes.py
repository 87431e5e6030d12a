"""The calls that the emulator knows, and which of them a request means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http import (
    account_calls,
    asset_calls,
    deployment_calls,
    domain_calls,
    project_calls,
    zone_calls,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.http.call import Handler

PREFIX: Final = "/client/v4"
"""Where the API begins: what a client's base URL ends with."""

BY_UPLOAD_TOKEN: Final = "upload token"  # noqa: S105 - a kind, no secret
"""`Route.needs` of a call whose bearer is an upload token."""

ANY_CREDENTIAL: Final = "any credential"
"""`Route.needs` of a call that any API token and the legacy pair may make."""

_PROJECTS: Final = "/accounts/<account_id>/pages/projects"
_PROJECT: Final = f"{_PROJECTS}/<project_name>"
_DEPLOYMENT: Final = f"{_PROJECT}/deployments/<deployment_id>"
_DOMAIN: Final = f"{_PROJECT}/domains/<domain_name>"
_ZONE: Final = "/zones/<zone_id>"


@dataclass(frozen=True)
class Route:
    """One call."""

    method: str
    """In capitals."""

    path: str
    """Below `PREFIX`; parts in `<>` are arguments of the call."""

    needs: str
    """What it asks of the sender: a permission, `BY_UPLOAD_TOKEN` or `ANY_CREDENTIAL`."""

    handler: Handler
    """What makes it."""


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
"""Every call that is emulated."""

# Once for all emulators. It takes longer than the rest of a start, and Werkzeug does it by `ast`,
# which Python 3.11 cannot do in several threads at once.
_URLS: Final = Map(
    [Rule(route.path, methods=[route.method], endpoint=route, websocket=False) for route in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
).bind("")


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route of a request by its whole path, and its arguments by name.

    Raises RefusalError: 7003 for a path outside the API, 7000 (HTTP 501) for what is not emulated.
    """
    if not path.startswith(f"{PREFIX}/"):
        raise RefusalError(404, 7003, message=f"Could not route to {path}")
    below = path.removeprefix(PREFIX)
    not_emulated = RefusalError(501, 7000, message=f"The emulator does not know {method} {below}")
    try:
        route, arguments = _URLS.match(below, method=method)
    except HTTPException as error:
        raise not_emulated from error
    # Werkzeug lets HEAD pass where GET does; Cloudflare's API is not known to.
    if not isinstance(route, Route) or method != route.method:
        raise not_emulated
    return route, arguments
