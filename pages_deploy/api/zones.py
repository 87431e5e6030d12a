"""Zones: the cache in front of custom domains.

https://developers.cloudflare.com/api/resources/cache/methods/purge/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pages_deploy.api.call import Call
from pages_deploy.api.models import read_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.api.transport import Transport

# Addresses in one call. The documentation says 100, but calls above 30 have been refused.
MAX_PURGED_FILES = 30
# Hosts in one call, as documented.
MAX_PURGED_HOSTS = 100


class Zones:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def purge_everything(self, zone_id: str) -> None:
        """Empty the whole cache of a zone."""
        self._purge(zone_id, {"purge_everything": True})

    def purge_hosts(self, zone_id: str, hosts: Sequence[str]) -> None:
        """Drop all that is cached for these host names, in as many calls as are needed."""
        for start in range(0, len(hosts), MAX_PURGED_HOSTS):
            self._purge(zone_id, {"hosts": list(hosts[start : start + MAX_PURGED_HOSTS])})

    def purge_files(self, zone_id: str, urls: Sequence[str]) -> None:
        """Drop these addresses from the cache, in as many calls as are needed."""
        for start in range(0, len(urls), MAX_PURGED_FILES):
            self._purge(zone_id, {"files": list(urls[start : start + MAX_PURGED_FILES])})

    def _purge(self, zone_id: str, what: dict[str, Any]) -> None:
        self._transport.request(
            Call(
                "POST",
                f"/zones/{quote(zone_id, '')}/purge_cache",
                f"purge the cache of zone {zone_id}",
                json=what,
            ),
            read_nothing,
        )
