"""What answers at an address of a site, by the names of its files and by its rules alone.

1. What the Worker's rules send to it, it answers; nobody can tell how.
2. A rule of `_redirects` comes next: with the status 200 it shows another path in place, with any
   other it leads on, to another site or to this one, where all begins again.
3. A file answers at its address, and the longer forms of that lead to it, which begins again too.
4. Where nothing is, the nearest `404.html` says so; without one up to the root Pages answers with
   the home page, as if every address were there.

After workers-sdk: `packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.rules.addresses import Moved, decoded, not_found_page, served_at
from pages_deploy.rules.requests import (
    Address,
    own_location,
    read_address,
    resolved,
    rewritten,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages_deploy.rules.redirects import Redirects
    from pages_deploy.rules.routes_json import RoutesRules

Kind = Literal["file", "worker", "elsewhere", "fallback", "dead", "loop"]
# So many a browser follows: https://fetch.spec.whatwg.org/#http-redirect-fetch
MOST_HOPS = 20
HOME = "/index.html"
# No name of a host, so that no address with one is taken for this site's by chance.
_THIS_SITE = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of a visit."""

    kind: Kind
    """`file`: a file; `worker`: whatever the Worker says; `elsewhere`: a redirect to another site;
    `fallback`: the home page, for want of anything else; `dead`: 404; `loop`: redirects for
    ever."""
    path: str
    """Where the visit ends: percent-encoded, without a query."""
    file: str = ""
    """The file that is shown, with its leading slash; of a 404 the error page, if there is one."""

    @property
    def is_there(self) -> bool:
        """Whether there is something at the address, as far as can be told."""
        return self.kind in {"file", "worker", "elsewhere"}


class Answers:
    """The answers of one site."""

    def __init__(
        self,
        files: Collection[str],
        redirects: Redirects,
        *,
        worker_rules: RoutesRules | None = None,
        hosts: Collection[str] = (),
    ) -> None:
        """Take what a site is made of; `hosts` are the names of its own, with ports, if known."""
        self._files = files if isinstance(files, (frozenset, set)) else frozenset(files)
        self._redirects = redirects
        self._worker_rules = worker_rules
        self.hosts = frozenset(host.lower() for host in hosts)
        """The site's own hosts, in lower case."""

    @property
    def has_fallback(self) -> bool:
        """Whether the home page answers for what is not there, by status 200."""
        return HOME in self._files and not self.has("/404.html")

    @property
    def has_no_rules(self) -> bool:
        """Whether files alone say what is there: no rule of `_redirects`, and no Worker."""
        return not self._redirects.rules and self._worker_rules is None

    def with_redirects(self, redirects: Redirects) -> Answers:
        """Return what the site would answer with other rules of `_redirects`."""
        return Answers(self._files, redirects, worker_rules=self._worker_rules, hosts=self.hosts)

    def has(self, file: str) -> bool:
        """Whether the site has a file of exactly this path, with its leading slash."""
        return file in self._files

    def at(self, path: str) -> Answer:
        """Return what answers at a path, percent-encoded as sent, without its query."""
        seen: set[str] = set()
        while path not in seen and len(seen) <= MOST_HOPS:
            seen.add(path)
            found = self._step(path)
            if isinstance(found, Answer):
                return found
            if found.startswith(("https://", "//")):
                host, slash, rest = found.partition("//")[2].partition("/")
                if host not in self.hosts:
                    return Answer("elsewhere", path)
                found = slash + rest
            path = read_address(_THIS_SITE, found).path
        return Answer("loop", path)

    def _step(self, path: str) -> Answer | str:
        """Return what answers one request, or the location to which it leads."""
        if self._worker_rules is not None and self._worker_rules.matches(path):
            return Answer("worker", path)
        shown = path
        if self._redirects.rules and (rule := self._redirects.target_for(path)) is not None:
            target, status = rule
            if status == 200:
                shown = rewritten(target)
            elif (location := resolved(target, Address(_THIS_SITE, path))) is not None:
                return location
        return self._of_files(path, decoded(shown))

    def _of_files(self, path: str, shown: str) -> Answer | str:
        found = served_at(shown, self.has)
        if isinstance(found, Moved):
            return own_location(found.path, "")
        if found is not None:
            return Answer("file", path, found)
        page = not_found_page(shown, self.has)
        if page is None and self.has(HOME):
            return Answer("fallback", path, HOME)
        return Answer("dead", path, page or "")
