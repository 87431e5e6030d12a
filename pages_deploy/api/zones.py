"""Zones: the cache in front of custom domains.

https://developers.cloudflare.com/api/resources/cache/methods/purge/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pages_deploy.api.call import Call, segment
from pages_deploy.api.readers import read_nothing, read_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pages_deploy.api.models import Zone
    from pages_deploy.api.transport import Transport

# Addresses in one call. The documentation says 100, but calls above 30 have been refused.
MAX_PURGED_FILES = 30
# Hosts, tags or prefixes in one call, as documented.
MAX_PURGED_ITEMS = 100
ZONES_PER_PAGE = 50


class Zones:
    """The zones that the credentials see, and their caches.

    Purging needs the permission Zone > Cache Purge > Purge. A purge is accepted when its call
    returns; the caches follow within seconds. Each purge raises AuthenticationError where the
    token lacks the permission or does not see the zone, and ApiResponseError for a value that
    Cloudflare does not take. Lists may have any length: they go in as many calls as are needed.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, name: str = "") -> Iterator[Zone]:
        """Yield the zones that the credentials see, or only the one whose domain is `name`.

        The next page of fifty is asked for when it is needed. None is no error.
        https://developers.cloudflare.com/api/resources/zones/methods/list/
        """
        query = {"name": name} if name else {}
        listing = Call("GET", "/zones", "list the zones of the API token", query=query)
        return self._transport.pages(listing, read_zone, per_page=ZONES_PER_PAGE)

    def get(self, zone_id: str) -> Zone:
        """Return a zone; raises NotFoundError or AuthenticationError when it cannot be seen.

        https://developers.cloudflare.com/api/resources/zones/methods/get/
        """
        return self._transport.request(
            Call("GET", f"/zones/{segment(zone_id)}", f"look up zone {zone_id}"), read_zone
        )

    def purge_everything(self, zone_id: str) -> None:
        """Empty the whole cache of a zone."""
        self._purge(zone_id, {"purge_everything": True})

    def purge_hosts(self, zone_id: str, hosts: Sequence[str]) -> None:
        """Drop all that is cached for these host names, as in `www.example.com`."""
        self._purge_some(zone_id, "hosts", hosts, MAX_PURGED_ITEMS)

    def purge_files(self, zone_id: str, urls: Sequence[str]) -> None:
        """Drop these addresses from the cache, as in `https://www.example.com/a.css`."""
        self._purge_some(zone_id, "files", urls, MAX_PURGED_FILES)

    def purge_tags(self, zone_id: str, tags: Sequence[str]) -> None:
        """Drop all that was served with one of these values in `Cache-Tag`."""
        self._purge_some(zone_id, "tags", tags, MAX_PURGED_ITEMS)

    def purge_prefixes(self, zone_id: str, prefixes: Sequence[str]) -> None:
        """Drop all below these prefixes, `host/path` without a scheme."""
        self._purge_some(zone_id, "prefixes", prefixes, MAX_PURGED_ITEMS)

    def _purge_some(self, zone_id: str, field: str, values: Sequence[str], at_once: int) -> None:
        """Purge by one field, in as many calls as are needed."""
        for start in range(0, len(values), at_once):
            self._purge(zone_id, {field: list(values[start : start + at_once])})

    def _purge(self, zone_id: str, what: dict[str, Any]) -> None:
        self._transport.request(
            Call(
                "POST",
                f"/zones/{segment(zone_id)}/purge_cache",
                f"purge the cache of zone {zone_id}",
                json=what,
            ),
            read_nothing,
        )
