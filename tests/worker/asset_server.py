"""A site's assets as Pages serves them, as far as a Worker's `env.ASSETS` is asked in tests.

https://developers.cloudflare.com/pages/configuration/serving-pages/; `_headers` and `_redirects`
are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from pages_deploy.site.asset_hash import asset_hash
from pages_deploy.site.content_types import content_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS = {
    "access-control-allow-origin": "*",
    "referrer-policy": "strict-origin-when-cross-origin",
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; repeated fields are joined by commas."""
    body: bytes = b""


def answer(
    assets: Mapping[str, bytes], method: str, target: str, headers: Mapping[str, str]
) -> Answer:
    """Answer a request; `assets` by path with a slash in front, header names in lower case."""
    if method not in {"GET", "HEAD"}:
        return Answer(405, ALWAYS)
    raw, mark, query = target.partition("?")
    path = decoded(raw)
    found, place = lookup(assets, path)
    if place is not None:
        escaped = "/".join(quote(part, safe="-_.!~*'()") for part in place.split("/"))
        return Answer(308, {**ALWAYS, "location": escaped + (mark + query if query else "")})
    if found is None:
        return not_found(assets, path)
    etag = f'"{asset_hash([assets[found]], found)}"'
    if headers.get("if-none-match") in {etag, f"W/{etag}"}:
        return Answer(304, ALWAYS)
    told = {**ALWAYS, **typed(found), "etag": etag}
    if not {"range", "authorization"} & headers.keys():
        told["cache-control"] = "public, max-age=0, must-revalidate"
    return Answer(200, told, assets[found])


def decoded(path: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", path):
        return path
    try:
        return unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return path


def lookup(assets: Mapping[str, bytes], path: str) -> tuple[str | None, str | None]:
    """Return the asset that a path means, or else where it is sent to."""
    tried: tuple[tuple[str, str | None], ...]
    if path.endswith("/"):
        tried = ((f"{path}index.html", None), (f"{path[:-1]}.html", path[:-1]))
    else:
        plain = path.removesuffix("index.html" if path.endswith("/index.html") else ".html")
        is_sent = path not in {plain, "/.html"} and plain not in assets
        tried = (
            (path, plain if is_sent else None),
            (f"{path}.html", None),
            (f"{path}/index.html", f"{path}/"),
        )
    if not path.endswith("/") and path not in assets and path.endswith("/index"):
        return None, path.removesuffix("index")
    for asset, place in tried:
        if asset in assets:
            return (None, place) if place is not None else (asset, None)
    return None, None


def not_found(assets: Mapping[str, bytes], path: str) -> Answer:
    headers = {**ALWAYS, "cache-control": "no-store"}
    while "/" in path:
        path = path.rpartition("/")[0]
        page = f"{path}/404.html"
        if page in assets:
            return Answer(404, {**headers, **typed(page)}, assets[page])
    return Answer(404, headers)


def typed(path: str) -> dict[str, str]:
    told = content_type_of(path)
    if told.startswith("text/") and "charset" not in told:
        told += "; charset=utf-8"
    return {"content-type": told, "x-content-type-options": "nosniff"}
