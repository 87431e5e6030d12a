"""Which addresses a site says that it has: by its sitemaps, or else by the links of its home page.

1. Read `/sitemap.xml`, or, where that is none, what `robots.txt` names; then, level by level, the
   sitemaps that those list. By the protocol all addresses of a sitemap are of one host, so whatever
   that is called, they stand for addresses of this site.
2. Without any sitemap read the home page, and take its links to the site's own hosts.
3. All of it is bounded; what is left unread is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pages_deploy.net.threads import in_threads
from pages_deploy.proof.baseline import ROOT, UnseenError
from pages_deploy.proof.sitemap import links_of, read_sitemap, sitemaps_of_robots
from pages_deploy.rules.addresses import as_sent, decoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pages_deploy.proof.baseline import Baseline
    from pages_deploy.proof.sitemap import Sitemap

SITEMAP = "/sitemap.xml"
ROBOTS = "/robots.txt"
MOST_SITEMAPS = 50
MOST_SITEMAP_BYTES = 10_000_000
# As many as the protocol allows to one sitemap, here of all together.
MOST_ADDRESSES = 50_000
MOST_PAGE_BYTES = 1_000_000
CONCURRENCY = 8


@dataclass(frozen=True)
class Listed:
    """The addresses that a site says it has."""

    paths: tuple[str, ...]
    """Decoded, each once."""
    gap: str = ""
    """Why they are not all, as a part of a sentence; empty where they are."""
    is_by_sitemap: bool = True
    """Whether a sitemap lists them; else the home page links to them."""


@dataclass(frozen=True)
class _Answer:
    """What came of the question for one sitemap."""

    sitemap: Sitemap | None = None
    gap: str = ""


def listed_at(baseline: Baseline, *, hosts: Collection[str]) -> Listed:
    """Return what a site lists; `hosts` are the names, with ports, of its own in its links."""
    sitemaps, gap = _sitemaps(baseline, [SITEMAP])
    if not sitemaps:
        sitemaps, more = _sitemaps(baseline, _named_by_robots(baseline))
        gap = gap or more
    if not sitemaps:
        return _linked(baseline, hosts, gap)
    addresses = [one for each in sitemaps if not each.is_index for one in each.addresses]
    paths = dict.fromkeys(_paths(addresses, baseline.url))
    if len(paths) > MOST_ADDRESSES:
        gap = f"its sitemaps list more than {MOST_ADDRESSES} addresses"
    return Listed(tuple(paths)[:MOST_ADDRESSES], gap)


def _sitemaps(baseline: Baseline, paths: Collection[str]) -> tuple[list[Sitemap], str]:
    """Read the sitemaps at some paths and all that they list; return them and what is missing."""
    found: list[Sitemap] = []
    gaps: list[str] = []
    asked: set[str] = set()
    while level := [path for path in dict.fromkeys(paths) if path not in asked]:
        room = MOST_SITEMAPS - len(asked)
        if len(level) > room:
            gaps.append(f"it has more than {MOST_SITEMAPS} sitemaps")
        level = level[:room]
        answers = in_threads(lambda path: _read(baseline, path), level, threads=CONCURRENCY)
        gaps += [answer.gap for answer in answers if answer.gap]
        sitemaps = [answer.sitemap for answer in answers if answer.sitemap is not None]
        if asked and len(sitemaps) < len(level):
            # Whereas of the first ones nobody has said that they are there.
            gaps.append("a sitemap that it lists is missing")
        asked.update(level)
        found += sitemaps
        listed = [one for each in sitemaps if each.is_index for one in each.addresses]
        paths = _paths(listed, baseline.url) if room > len(level) else []
    return found, next(iter(gaps), "")


def _read(baseline: Baseline, path: str) -> _Answer:
    try:
        text = baseline.read(as_sent(path), most_bytes=MOST_SITEMAP_BYTES)
    except UnseenError as error:
        return _Answer(gap=f"a sitemap could not be read: {error.message}")
    sitemap = None if text is None else read_sitemap(text.content, most=MOST_ADDRESSES)
    if text is None or sitemap is None:
        return _Answer()
    is_whole = text.is_whole and len(sitemap.addresses) < MOST_ADDRESSES
    return _Answer(sitemap, "" if is_whole else "a sitemap is too long to be read to its end")


def _named_by_robots(baseline: Baseline) -> list[str]:
    """Return the paths of the sitemaps that `robots.txt` names."""
    try:
        text = baseline.read(ROBOTS, most_bytes=MOST_PAGE_BYTES)
    except UnseenError:
        return []
    return [] if text is None else _paths(sitemaps_of_robots(text.content), baseline.url)


def _linked(baseline: Baseline, hosts: Collection[str], gap: str) -> Listed:
    """Return what the home page links to."""
    try:
        page = baseline.read(ROOT, most_bytes=MOST_PAGE_BYTES)
    except UnseenError as error:
        return Listed((), f"its home page could not be read: {error.message}", is_by_sitemap=False)
    paths: dict[str, None] = {}
    if page is not None:
        own = {*hosts, urlsplit(baseline.url).netloc}
        paths = dict.fromkeys(_paths(links_of(page.content), baseline.url + page.path, hosts=own))
    paths.pop(ROOT, None)
    if not paths:
        gap = gap or "it has no sitemap, and its home page links to no other page"
    return Listed(tuple(paths)[:MOST_ADDRESSES], gap, is_by_sitemap=False)


def _paths(
    addresses: Iterable[str], base: str, *, hosts: Collection[str] | None = None
) -> list[str]:
    """Return the decoded paths of web addresses that are relative to a base, on whatever host."""
    paths = []
    for address in addresses:
        try:
            parts = urlsplit(urljoin(base, address))
        except ValueError:
            continue
        is_own = hosts is None or parts.netloc in hosts
        if parts.scheme in {"http", "https"} and is_own:
            paths.append(decoded(parts.path or ROOT))
    return paths
