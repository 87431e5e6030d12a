"""Which file of a site answers at an address, and which addresses only lead to another one.

After workers-sdk: `packages/pages-shared/asset-server/handler.ts`. A page has one address, without
`.html` and with a slash where it is a directory's `index.html`; the others redirect there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Has = Callable[[str], bool]
"""Whether a site has a file at exactly this path, as in its manifest."""


class Page(NamedTuple):
    """What is found at a path."""

    path: str
    """That of the file that is served, or where the visitor is sent."""
    is_redirect: bool = False


def page_at(path: str, has: Has) -> Page | None:
    """Return what Pages finds at a decoded path, before any `404.html` and single-page fallback."""
    return _directory(path, has) if path.endswith("/") else _file(path, has)


def _directory(path: str, has: Has) -> Page | None:
    if has(f"{path}index.html"):
        return Page(f"{path}index.html")
    if path.endswith("/index/"):
        return Page(path.removesuffix("index/"), is_redirect=True)
    bare = path.removesuffix("/")
    return Page(bare, is_redirect=True) if has(f"{bare}.html") else None


def _file(path: str, has: Has) -> Page | None:
    if has(path):
        if path.endswith("/index.html"):
            return Page(path.removesuffix("index.html"), is_redirect=True)
        bare = path.removesuffix(".html")
        if bare == path or has(bare) or path == "/.html":
            return Page(path)
        return Page(bare, is_redirect=True)
    if path.endswith("/index"):
        return Page(path.removesuffix("index"), is_redirect=True)
    if has(f"{path}.html"):
        return Page(f"{path}.html")
    return Page(f"{path}/", is_redirect=True) if has(f"{path}/index.html") else None


def not_found_page(path: str, has: Has) -> str | None:
    """Return the nearest `404.html` on the way from a path up to the root, if there is one."""
    while path:
        path = path.rpartition("/")[0]
        if has(f"{path}/404.html"):
            return f"{path}/404.html"
    return None
