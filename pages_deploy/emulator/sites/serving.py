"""How a deployment answers a visitor: a pure function from a request and its files to an answer.

1. A rule of `_redirects` answers first, whatever the method; one with the status 200 only shows
   another path of the site.
2. Only GET and HEAD pass.
3. The path is decoded once, and finds a file, or the address that the file really has.
4. Without a file: the nearest `404.html` on the way up, else the home page for every path.
5. The fields that every answer has, then what `_headers` changes at the path that was asked for.

After workers-sdk: `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.emulator.sites.fields import Fields, changed
from pages_deploy.emulator.sites.negotiation import refuses_plain
from pages_deploy.rules.addresses import Moved, decoded, not_found_page, served_at
from pages_deploy.rules.headers import HeaderRules
from pages_deploy.rules.redirects import Redirects
from pages_deploy.rules.requests import Address, own_location, resolved, rewritten

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import Asset

Lookup = Callable[[str], "Asset | None"]
"""From a path of the manifest, with its leading slash, to its asset."""

# Of Pages' own redirects and those with this status nothing is written beside the address.
_SILENT = 308


@dataclass(frozen=True, kw_only=True)
class Site:
    """What one deployment is made of."""

    lookup: Lookup
    """Its files."""

    redirects: Redirects = Redirects(())  # noqa: RUF009 - nothing in it changes
    """Its `_redirects`."""

    headers: HeaderRules = HeaderRules(())  # noqa: RUF009 - likewise
    """Its `_headers`."""

    is_indexed: bool = True
    """Whether search engines are welcome: not at the addresses of single deployments."""


@dataclass(frozen=True, kw_only=True)
class SiteRequest:
    """What the browser asks."""

    method: str
    """In any case of letters."""

    address: Address
    """Where it asks."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Its header fields by name, in lower case."""


@dataclass(frozen=True, kw_only=True)
class SiteAnswer:
    """What the browser gets. To HEAD the same; leaving out the body is up to the caller."""

    status: int
    """HTTP status."""

    fields: Fields = field(default_factory=dict)
    """Header fields: values by name, in the order of sending."""

    asset: Asset | None = None
    """The asset whose bytes are the body."""

    text: str = ""
    """The body where it is no asset's."""


def answer(request: SiteRequest, site: Site) -> SiteAnswer:
    """Return what Pages answers."""
    found = _redirected(request, site.redirects)
    if not isinstance(found, SiteAnswer):
        found = _found(found, request, site)
    fields = {
        "Access-Control-Allow-Origin": ["*"],
        "Referrer-Policy": ["strict-origin-when-cross-origin"],
        **found.fields,
    }
    if "Content-Type" in fields:
        fields["X-Content-Type-Options"] = ["nosniff"]
    host = request.address.host.partition(":")[0]
    fields = changed(fields, site.headers.changes(request.address.path, host=host))
    if found.status == 404:
        fields = {name: value for name, value in fields.items() if name.lower() != "cache-control"}
        fields["Cache-Control"] = ["no-store"]
    return SiteAnswer(status=found.status, fields=fields, asset=found.asset, text=found.text)


def _redirected(request: SiteRequest, redirects: Redirects) -> SiteAnswer | str:
    """Return the answer of a redirect, or the path to go on with."""
    rule = redirects.target_for(request.address.path)
    if rule is None:
        return request.address.path
    target, status = rule
    if status == 200:
        return rewritten(target)
    location = resolved(target, request.address)
    if location is None:
        # Cloudflare's own server fails here; the rule is as good as none.
        return request.address.path
    if status == _SILENT:
        return SiteAnswer(status=status, fields={"Location": [location]})
    fields = {"Location": [location], "Content-Type": ["text/plain;charset=UTF-8"]}
    return SiteAnswer(status=status, fields=fields, text=f"Redirecting to {location}")


def _found(path: str, request: SiteRequest, site: Site) -> SiteAnswer:
    """Return the answer at a path, which is still encoded."""
    if request.method.upper() not in {"GET", "HEAD"}:
        return SiteAnswer(status=405)
    path = decoded(path)
    found = served_at(path, lambda name: site.lookup(name) is not None)
    if isinstance(found, Moved):
        location = own_location(found.path, request.address.query)
        return SiteAnswer(status=_SILENT, fields={"Location": [location]})
    asset = None if found is None else site.lookup(found)
    if asset is not None:
        return _served(asset, request, site)
    return _not_found(path, request, site)


def _served(asset: Asset, request: SiteRequest, site: Site) -> SiteAnswer:
    if refuses_plain(request.fields.get("accept-encoding", "")):
        return SiteAnswer(status=406)
    tag = f'"{asset.key}"'
    # Only the whole value counts: Pages knows neither lists nor `*`.
    if request.fields.get("if-none-match") in {tag, f"W/{tag}"}:
        return SiteAnswer(status=304)
    fields = {"Content-Type": [content_type(asset)], "ETag": [tag]}
    if "authorization" not in request.fields and "range" not in request.fields:
        fields["Cache-Control"] = ["public, max-age=0, must-revalidate"]
    if not site.is_indexed:
        fields["X-Robots-Tag"] = ["noindex"]
    return SiteAnswer(status=200, fields=fields, asset=asset)


def _not_found(path: str, request: SiteRequest, site: Site) -> SiteAnswer:
    name = not_found_page(path, lambda name: site.lookup(name) is not None)
    page = None if name is None else site.lookup(name)
    if page is not None:
        if refuses_plain(request.fields.get("accept-encoding", "")):
            return SiteAnswer(status=406)
        fields = {"Content-Type": [content_type(page)]}
        return SiteAnswer(status=404, fields=fields, asset=page)
    home = site.lookup("/index.html")
    return SiteAnswer(status=404) if home is None else _served(home, request, site)


def content_type(asset: Asset) -> str:
    """Return the declared content type; text without a charset is UTF-8."""
    declared = asset.content_type
    if declared.startswith("text/") and "charset" not in declared.lower():
        return f"{declared}; charset=utf-8"
    return declared
