"""From a host to the deployment that answers there, and from its answer to HTTP.

`<short id>.<subdomain>.localhost` is one deployment, `<alias>.<subdomain>.localhost` the newest
good one of a branch, `<subdomain>.localhost` and active custom domains are production, late where
that was ordered. A custom domain may be below `.localhost` too, and comes before all others there.
https://developers.cloudflare.com/pages/configuration/preview-deployments/
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from pages_deploy.emulator.sites import serving, worker_page
from pages_deploy.emulator.sites.addresses import site_labels
from pages_deploy.emulator.sites.as_it_is import AsItIs
from pages_deploy.emulator.sites.serving import Site
from pages_deploy.emulator.state.names import PAGES_SUFFIX
from pages_deploy.rules.headers import HeaderRules, read_headers
from pages_deploy.rules.redirects import Redirects, read_redirects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pages_deploy.emulator.sites.serving import SiteRequest
    from pages_deploy.emulator.state.records import Asset, Deployment, Project
    from pages_deploy.emulator.state.store import Store

_NOT_MODIFIED: Final = 304
# The connection's own fields: no rule of a site changes how its answer is sent.
# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_OF_CONNECTION: Final = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)
# Files of rules that stay read; each is small, and few are in use at once.
_KEPT_FILES: Final = 64
_NOTHING_HERE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Nothing is here yet</title>
<h1>Nothing is here yet</h1>
<p>No deployment answers at this address. <a href="{page_url}">See what is deployed</a>.</p>
"""


def is_site(host: str, store: Store) -> bool:
    """Whether this host (without port) belongs to a site, be there a deployment or not."""
    return site_labels(host) is not None or store.domains.find(host) is not None


def find_deployment(host: str, store: Store) -> Deployment | None:
    """The deployment that answers at this host (without port); None if there is none."""
    project = project_at(host, store)
    if project is not None:
        return store.deployments.canonical(
            project, at=lambda deployment: store.lags.has_arrived(host, deployment)
        )
    labels = site_labels(host) or ()
    project = store.projects.of_subdomain(labels[-1]) if len(labels) == 2 else None
    if project is None:
        return None
    label = labels[0]
    by_id = store.deployments.of_short_id(project, label)
    return by_id if by_id is not None else store.deployments.of_alias(project, label)


def project_at(host: str, store: Store) -> Project | None:
    """The project whose production answers at this host (without port); None if none does."""
    domain = store.domains.find(host)
    if domain is not None:
        return store.projects.of_domain(domain)
    labels = site_labels(host) or ()
    return store.projects.of_subdomain(labels[0]) if len(labels) == 1 else None


def answer(
    request: SiteRequest,
    store: Store,
    *,
    host: str,
    page_url: str,
    run: Callable[[Deployment], Response] | None = None,
) -> Response:
    """The answer of the site at this host (without port), as HTTP.

    `page_url` is where people see what is deployed.
    `run` asks the Worker of a deployment; without it there is a page in its place.
    """
    domain = store.domains.find(host)
    if domain is not None and not store.domains.is_active(domain):
        # What Cloudflare's edge says when a name leads to Pages and Pages does not serve it.
        return Response("error code: 522", status=522, content_type="text/plain; charset=UTF-8")
    deployment = find_deployment(host, store)
    if deployment is None:
        nothing = _NOTHING_HERE.format(page_url=page_url)
        return Response(nothing, status=404, content_type="text/html; charset=utf-8")
    if store.workers.rules_of(deployment).matches(request.address.path):
        if run is not None:
            return run(deployment)
        worker = store.workers.of(deployment)
        if worker is not None:
            return worker_page.answer(worker)
    return answer_by_assets(request, deployment, store, host=host)


def answer_by_assets(
    request: SiteRequest, deployment: Deployment, store: Store, *, host: str
) -> Response:
    """The answer of a deployment's assets, its rules applied, whatever its Worker may be."""
    site = _site(deployment, store, host=host)
    found = serving.answer(_at_pages(request, store, host=host), site)
    text = found.text.encode()
    length, body = len(text), cast("Iterable[bytes]", [text])
    if found.asset is not None:
        length, body = store.assets.pieces(found.asset.key)
    response = AsItIs(body, status=found.status)
    response.headers = Headers(
        [
            (name, _sendable(value))
            for name, values in found.fields.items()
            if name.lower() not in _OF_CONNECTION
            for value in values
        ]
    )
    if found.status != _NOT_MODIFIED:
        response.headers["Content-Length"] = str(length)
    return response


def _at_pages(request: SiteRequest, store: Store, *, host: str) -> SiteRequest:
    """The request as it would arrive at Pages, for which a site's own rules are written.

    Such as one for `https://:project.pages.dev/*`, which keeps search engines away.
    """
    labels = site_labels(host)
    if labels is None or store.domains.find(host) is not None:
        return request
    pages_host = ".".join(labels) + PAGES_SUFFIX
    return replace(request, address=replace(request.address, host=pages_host))


def _site(deployment: Deployment, store: Store, *, host: str) -> Site:
    def lookup(path: str) -> Asset | None:
        return store.deployments.asset_at(deployment, path)

    special_files = store.deployments.special_files(deployment)
    labels = site_labels(host)
    return Site(
        lookup=lookup,
        redirects=_redirects_of(special_files.get("_redirects", b"")),
        headers=_headers_of(special_files.get("_headers", b"")),
        # Production and custom domains, also those below `.localhost`.
        is_indexed=labels is None or len(labels) == 1 or store.domains.find(host) is not None,
    )


@lru_cache(_KEPT_FILES)
def _redirects_of(content: bytes) -> Redirects:
    return read_redirects(content.decode(errors="replace"))


@lru_cache(_KEPT_FILES)
def _headers_of(content: bytes) -> HeaderRules:
    return read_headers(content.decode(errors="replace"))


def _sendable(value: str) -> str:
    """Write a value as WSGI has it; what is beyond Latin-1 goes out as UTF-8, as at Cloudflare."""
    return value if value.isascii() else value.encode().decode("latin-1")
