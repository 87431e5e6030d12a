"""What a sitemap lists, what `robots.txt` says of sitemaps, and what a page links to.

Read by plain scans rather than by a parser: an XML parser expands entities, which can grow without
end, and stops at the first mistake, which sitemaps made by hand are full of; what is found here is
only asked for, so that a wrong guess costs one request. Each scan takes linear time.

https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The protocol allows as many letters to an address.
LONGEST_ADDRESS = 2048
# Before the first element there may be comments and a style sheet.
_HEAD_LETTERS = 16 * 1024
_ROOT = re.compile(r"<(urlset|sitemapindex)[\s>/]")
# An image's or a video's own location has a prefix.
_LOCATION = re.compile(r"<loc\s*+>\s*+(?:<!\[CDATA\[)?+([^<>\]]++)")
_SITEMAP_LINE = re.compile(r"[ \t]*+sitemap[ \t]*+:[ \t]*+([^\s#]++)", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]*+", re.IGNORECASE)
_TARGET = re.compile(r"""\shref\s*+=\s*+(?:"([^"]*+)|'([^']*+)|([^\s"']++))""", re.IGNORECASE)


@dataclass(frozen=True)
class Sitemap:
    """What one sitemap file lists."""

    is_index: bool
    """Whether the addresses are those of other sitemaps."""
    addresses: tuple[str, ...]
    """In the order of the file."""


def read_sitemap(text: str, *, most: int) -> Sitemap | None:
    """Read a sitemap up to so many addresses; None for what is none, such as a home page."""
    root = _ROOT.search(text[:_HEAD_LETTERS])
    if root is None:
        return None
    found: list[str] = []
    for match in _LOCATION.finditer(text, root.end()):
        if len(found) == most:
            break
        if address := _address(match[1]):
            found.append(address)
    return Sitemap(root[1] == "sitemapindex", tuple(found))


def sitemaps_of_robots(text: str) -> list[str]:
    """Return the addresses of the sitemaps that a `robots.txt` names."""
    lines = (_SITEMAP_LINE.match(line) for line in text.splitlines())
    return [line[1] for line in lines if line and len(line[1]) <= LONGEST_ADDRESS]


def links_of(text: str) -> Iterator[str]:
    """Yield where the links of an HTML page lead, as they are written."""
    for link in _LINK.finditer(text):
        target = _TARGET.search(link[0])
        if target and (address := _address(next(filter(None, target.groups()), ""))):
            yield address


def _address(text: str) -> str:
    """Return what is meant by an address in markup; nothing for one that is too long."""
    return html.unescape(text).strip() if len(text) <= LONGEST_ADDRESS else ""
