"""Which file of a site answers at an address, by the names of its files alone.

Pages serves `/about.html` at `/about` and `/docs/index.html` at `/docs/`, and redirects the longer
forms there. What `_redirects`, a Worker or a `404.html` do to an address is left to others.

1. A path is percent-decoded once, strictly; with any wrong escape it stays as it is.
2. One that ends in a slash is its `index.html`, or else leads to the file with `.html`.
3. Any other is the file of that name, but for the longer forms; else the one with `.html`; else it
   leads to the `index.html` below it.

After workers-sdk: `packages/pages-shared/asset-server/handler.ts`, and
https://developers.cloudflare.com/pages/configuration/serving-pages/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    Has = Callable[[str], bool]

_INDEX = "index.html"
_PAGE = ".html"
_WRONG_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What a browser leaves as it is: https://url.spec.whatwg.org/#path-percent-encode-set. A backslash
# would become a slash, a percent sign begin an escape.
_PLAIN = "/!$&'()*+,:;=@[]|~"


@dataclass(frozen=True)
class Moved:
    """An address that only redirects to another one of the site, by status 308."""

    path: str
    """Where to, decoded; whether anything is there is another question."""


def served_at(path: str, has: Has) -> str | Moved | None:
    """Return the file that answers at a path, where it leads instead, or None for neither.

    The path is decoded; `has` tells whether the site has a file of exactly that path.
    """
    return _below(path, has) if path.endswith("/") else _named(path, has)


def _below(path: str, has: Has) -> str | Moved | None:
    """Return what answers at a path that ends in a slash."""
    if has(path + _INDEX):
        return path + _INDEX
    if path.endswith("/index/"):
        return Moved(path.removesuffix("index/"))
    page = path.removesuffix("/")
    return Moved(page) if page and has(page + _PAGE) else None


def _named(path: str, has: Has) -> str | Moved | None:
    """Return what answers at a path that ends in a name."""
    if has(path):
        if path.endswith("/" + _INDEX):
            return Moved(path.removesuffix(_INDEX))
        name = path.removesuffix(_PAGE)
        return path if name in {path, "/"} or has(name) else Moved(name)
    if path.endswith("/index"):
        return Moved(path.removesuffix("index"))
    if has(path + _PAGE):
        return path + _PAGE
    return Moved(path + "/") if has(f"{path}/{_INDEX}") else None


def not_found_page(path: str, has: Has) -> str | None:
    """Return the nearest `404.html` on the way from a path up to the root, if there is one."""
    while path:
        path = path.rpartition("/")[0]
        if has(f"{path}/404.html"):
            return f"{path}/404.html"
    return None


def address_of(file: str, has: Has) -> str | None:
    """Return the path, decoded, at which a file answers; None for one that no address has."""
    shorter = file.removesuffix(_INDEX if file.endswith("/" + _INDEX) else _PAGE)
    return next((path for path in (shorter, file) if served_at(path, has) == file), None)


def same_place(path: str, other: str) -> bool:
    """Whether two paths are spellings of one address, between which Pages itself may redirect."""
    return _bare(path) == _bare(other)


def _bare(path: str) -> str:
    return path.removesuffix("/").removesuffix(_PAGE).removesuffix("/index")


def decoded(path: str) -> str:
    """Return a path as Pages looks it up among the files."""
    if _WRONG_ESCAPE.search(path):
        return path
    try:
        return unquote_to_bytes(path).decode()
    except UnicodeError:
        return path


def as_sent(path: str) -> str:
    """Return a decoded path as a browser sends it, and as rules are matched with it."""
    return quote(path, _PLAIN, errors="replace")
