"""Where a link leads: a path of this site, or somewhere at which nobody looks.

The text of a link is read as browsers do: https://url.spec.whatwg.org/#concept-basic-url-parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.rules.requests import read_address

if TYPE_CHECKING:
    from collections.abc import Collection

_CONTROLS_AND_BLANK = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans({"\t": None, "\n": None, "\r": None, "\\": "/"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_END = re.compile(r"[?#]")
_USUAL_PORT = re.compile(r":(?:80|443)?\Z")
# These two are no base: https://html.spec.whatwg.org/multipage/semantics.html#set-the-frozen-base-url
_NO_BASE = frozenset({"data", "javascript"})


@dataclass(frozen=True)
class Base:
    """What the links of a page are relative to."""

    directory: str | None
    """A path, percent-encoded, with its final slash; None where it differs from visit to visit."""
    is_elsewhere: bool = False
    """Whether it is on another site."""


def path_of_link(link: str, base: Base, hosts: Collection[str]) -> str | None:
    """Return the path to which a link leads, percent-encoded, without query and fragment.

    None for what leads to another site, to the page itself, or to nothing that a site serves.
    """
    address = _read(link, hosts)
    if address is None or (base.is_elsewhere and not address.is_on_host):
        return None
    if address.path.startswith("/"):
        return read_address("", address.path).path
    if base.directory is None or not address.path:
        return None
    return read_address("", base.directory + address.path).path


def base_of(link: str, page: Base, hosts: Collection[str]) -> Base:
    """Return what a page's links are relative to, by the `href` of its `base`."""
    scheme = _SCHEME.match(link.strip(_CONTROLS_AND_BLANK))
    if scheme and scheme[1].lower() in _NO_BASE:
        return page
    address = _read(link, hosts)
    if address is None:
        return Base(page.directory, is_elsewhere=True)
    path = path_of_link(link, page, hosts)
    return page if path is None else Base(path[: path.rindex("/") + 1])


@dataclass(frozen=True)
class _Address:
    path: str
    is_on_host: bool = False


def _read(link: str, hosts: Collection[str]) -> _Address | None:
    """Read a link as far as its path; None for what is not of this site."""
    text = _END.split(link.strip(_CONTROLS_AND_BLANK), maxsplit=1)[0].translate(_DROPPED)
    scheme = _SCHEME.match(text)
    if scheme:
        name, text = scheme[1].lower(), text[scheme.end() :]
        if name not in {"http", "https"}:
            return None
        if name == "http":
            # Of the page's own scheme it would be relative without slashes.
            text = "//" + text.lstrip("/")
    if not text.startswith("//"):
        return _Address(text)
    authority, slash, path = text.lstrip("/").partition("/")
    host = _USUAL_PORT.sub("", authority.rpartition("@")[2].lower())
    return _Address(slash + path or "/", is_on_host=True) if host in hosts else None
