"""How a deployment answers a browser: a pure function from a request and its assets to an answer.

1. only GET and HEAD pass;
2. the path is percent-decoded once, strictly: where any escape is wrong it stays as it is;
3. a path that ends in a slash means its `index.html`; otherwise the exact path counts;
4. without an asset the nearest `404.html` on the way up to the root answers, else an empty 404.

https://developers.cloudflare.com/pages/configuration/serving-pages/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from pages_deploy.emulator.state.records import Asset

Lookup = Callable[[str], "Asset | None"]
"""From a path of the manifest, with its leading slash, to its asset."""

_WRONG_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, kw_only=True)
class SiteRequest:
    """What the browser asks."""

    method: str
    """In any case of letters."""

    path: str
    """As sent, still percent-encoded, without the query."""

    headers: Headers
    """All of them; `If-None-Match` is the one that counts."""


@dataclass(frozen=True, kw_only=True)
class SiteAnswer:
    """What the browser gets. To HEAD the same; leaving out the body is up to the caller."""

    status: int
    """HTTP status."""

    headers: tuple[tuple[str, str], ...] = ()
    """Header fields (name, value), in the order of sending."""

    asset: Asset | None = None
    """The asset whose bytes are the body; None for an empty one."""


def answer(request: SiteRequest, lookup: Lookup) -> SiteAnswer:
    """What Pages answers, given what the deployment has at each path."""
    if request.method.upper() not in ("GET", "HEAD"):
        return SiteAnswer(status=405)
    path = decode_path(request.path)
    asset = lookup(f"{path}index.html" if path.endswith("/") else path)
    if asset is None:
        return _not_found(path, lookup)
    tag = f'"{asset.key}"'
    # Only the whole value counts: Pages knows neither lists nor `*`.
    if request.headers.get("If-None-Match") in (tag, f"W/{tag}"):
        return SiteAnswer(status=304)
    return SiteAnswer(
        status=200, headers=(("Content-Type", content_type(asset)), ("ETag", tag)), asset=asset
    )


def decode_path(path: str) -> str:
    """The path that the manifest is searched for: decoded once, or as it is for a wrong escape."""
    if _WRONG_ESCAPE.search(path):
        return path
    try:
        return unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return path


def content_type(asset: Asset) -> str:
    """The declared content type; text without a charset is UTF-8."""
    declared = asset.content_type
    if declared.startswith("text/") and "charset" not in declared.lower():
        return f"{declared}; charset=utf-8"
    return declared


def _not_found(path: str, lookup: Lookup) -> SiteAnswer:
    directory = path
    while directory:
        directory = directory.rpartition("/")[0]
        page = lookup(f"{directory}/404.html")
        if page is not None:
            return SiteAnswer(
                status=404, headers=(("Content-Type", content_type(page)),), asset=page
            )
    return SiteAnswer(status=404)
