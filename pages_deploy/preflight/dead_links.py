"""The links of a site's own pages that lead nowhere, by Pages' own rules.

1. Each page is read once, and a glance at it gives what may be its links.
2. Where one of them is dead, the page is read as a browser reads it, which confirms that there is
   such a link, and says where.
3. What is found is sorted by the path to which it leads.

Beside the list of the site's files, what is held is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.link_lookup import LinkLookup
from pages_deploy.preflight.link_targets import Base, base_of
from pages_deploy.preflight.markup import Glance, is_readable, links_of, meant
from pages_deploy.rules.addresses import address_of, as_sent
from pages_deploy.site.reading import unreadable
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pages_deploy.preflight.link_lookup import Lead
    from pages_deploy.preflight.markup import Link
    from pages_deploy.rules.answers import Answers, Kind
    from pages_deploy.site.manifest import Asset, Manifest

# More are counted only.
MOST_PLACES = 200_000
_ERROR_PAGE = "/404.html"

# An error page is shown at any path.
_ANYWHERE = Base(None)
_WHAT_COMES: Mapping[Kind, str] = {
    "dead": "nothing is there",
    "loop": "from there redirects lead on without end",
    "fallback": "nothing is there, and Pages shows the home page",
}
_REMEDY = "Correct the link, or give the address a rule in _redirects."


class Place(NamedTuple):
    """Where a link stands."""

    file: str
    """Its path below the build directory, without a leading slash."""
    line: int
    """Counted from 1."""
    target: str
    """Where it leads, as it is written."""


@dataclass
class DeadTarget:
    """A path of the site at which nothing is, and to which links lead."""

    path: str
    """Percent-encoded, without query and fragment."""
    kind: Kind
    """What comes of a visit: `dead`, `loop` or `fallback`."""
    places: list[Place] = field(default_factory=list)
    """Where the links stand, in the order of the files."""


@dataclass
class DeadLinks:
    """What came of a look at all links."""

    targets: dict[str, DeadTarget] = field(default_factory=dict)
    """By their paths."""
    left_out: int = 0
    """How many more links lead nowhere, which are not named."""
    unread: list[str] = field(default_factory=list)
    """Pages in which nobody could look, in UTF-16: as `Place.file`."""
    _count: int = 0

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each place, and what to say once."""
        for path in sorted(self.targets):
            target = self.targets[path]
            for place in target.places:
                yield Finding(
                    severity="note" if target.kind == "fallback" else "warning",
                    code="dead-link",
                    message=f"The link leads to {path}: {_WHAT_COMES[target.kind]}.",
                    remedy=_REMEDY,
                    file=place.file,
                    line=place.line,
                    target=place.target,
                )
        yield from self.remarks()

    def remarks(self) -> Iterator[Finding]:
        """Yield what to say once, whatever the number of links."""
        if any(target.kind == "fallback" for target in self.targets.values()):
            yield Finding(
                severity="note",
                code="dead-link-fallback",
                message="The site has no 404.html, so Pages answers with its home page, by status "
                "200, where a link leads to nothing.",
                remedy="Add a 404.html, unless the site is a single-page application.",
            )
        if self.left_out:
            yield Finding(
                severity="note",
                code="dead-links-left-out",
                message=f"{counted(self.left_out, 'more link')} lead nowhere than the "
                f"{MOST_PLACES:,} that are named.",
                remedy="Correct what is named, and look again.",
            )
        for file in self.unread:
            yield Finding(
                severity="note",
                code="page-unread",
                message="The page is in UTF-16, so its links were not looked at.",
                remedy="Write it in UTF-8.",
                file=file,
            )

    def add(self, lead: Lead, place: Place) -> None:
        """Take a link that leads nowhere."""
        if self._count == MOST_PLACES:
            self.left_out += 1
            return
        self._count += 1
        target = self.targets.setdefault(lead.path, DeadTarget(lead.path, lead.kind))
        target.places.append(place)


def find_dead_links(
    manifest: Manifest,
    answers: Answers,
    *,
    on_page: Callable[[int, int], None] = lambda _done, _total: None,
) -> DeadLinks:
    """Return the links of a manifest's HTML assets that lead nowhere.

    `on_page` is called with the pages looked at so far and their total number. Raises
    DirectoryError where a page cannot be read.
    """
    found = DeadLinks()
    look = _Look(answers, found)
    pages = [asset for asset in manifest.assets if asset.is_page]
    for number, asset in enumerate(pages, 1):
        page = _read(asset, manifest)
        if is_readable(page):
            look.at(asset.path, address_of(asset.path, answers.has) or asset.path, page)
        else:
            found.unread.append(asset.path[1:])
        on_page(number, len(pages))
    return found


def _read(asset: Asset, manifest: Manifest) -> bytes:
    """Return what a page says, as far as its file was long when it was found."""
    try:
        with manifest.open(asset) as file:
            return file.read(asset.size_bytes)
    except OSError as error:
        raise unreadable(asset.path, error) from error


class _Look:
    """One look at all pages of a site."""

    def __init__(self, answers: Answers, found: DeadLinks) -> None:
        self._hosts = answers.hosts
        self._lookup = LinkLookup(answers)
        self._found = found
        self._directory = "/"
        self._base = Base("/")

    def at(self, file: str, address: str, page: bytes) -> None:
        """Look at a page."""
        base = _ANYWHERE if file.endswith(_ERROR_PAGE) else self._base_of(address)
        glance = Glance(page)
        if not glance.is_enough:
            base = self._base_in(page, base)
            leads = ((link, self._lookup.lead_of(link.cut, base)) for link in links_of(page))
            self._take(file, page, leads)
            return
        is_based = glance.may_have_base
        if is_based:
            base = self._base_in(page, base)
        dead = self._lookup.dead_among(glance.values, base)
        if dead and not is_based and glance.may_have_base_anywhere:
            base = self._base_in(page, base)
            dead = self._lookup.dead_among(glance.values, base)
        if dead:
            leads = ((link, dead.get(link.cut)) for link in glance.links_with(dead))
            self._take(file, page, leads)

    def _base_of(self, address: str) -> Base:
        """Return what links at an address are relative to; mostly the same as the last time."""
        directory = address[: address.rindex("/") + 1]
        if directory != self._directory:
            self._directory, self._base = directory, Base(as_sent(directory))
        return self._base

    def _base_in(self, page: bytes, base: Base) -> Base:
        """Return what the links of a page are relative to, which its first `base` may say."""
        first = next((link for link in links_of(page) if link.is_base), None)
        return base if first is None else base_of(meant(first.value), base, self._hosts)

    def _take(self, file: str, page: bytes, leads: Iterable[tuple[Link, Lead | None]]) -> None:
        """Take those of a page's links that lead nowhere."""
        line, counted_to = 1, 0
        for link, lead in leads:
            if link.is_base or lead is None or not lead.is_dead:
                continue
            line += page.count(b"\n", counted_to, link.start)
            counted_to = link.start
            written = link.value.decode("utf-8", "replace")
            self._found.add(lead, Place(file[1:], line, written))
