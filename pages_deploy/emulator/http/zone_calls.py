"""Calls about zones: finding one, purging or invalidating its cache.

https://developers.cloudflare.com/api/resources/zones/ and
https://developers.cloudflare.com/api/resources/cache/methods/purge/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.http.lists import page_of

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call
    from pages_deploy.emulator.state.records import JsonObject


def list_zones(call: Call) -> Success:
    """The zones that the credential may read; `name` leaves the others out."""
    wanted = call.request.args.get("name")
    found = [
        _zone(call, zone_id)
        for zone_id, name in call.settings.zones.items()
        if "zone:read" in call.permissions and wanted in (None, name)
    ]
    return page_of(call, found)


def get_zone(call: Call) -> Success:
    """One zone."""
    return Success(result=_zone(call, call.arguments["zone_id"]))


def purge_cache(call: Call) -> Success:
    """Accept a purge. Raises RefusalError 1012 or 1014 for one that Cloudflare refuses."""
    return _accept(call, "purge_cache")


def invalidate_cache(call: Call) -> Success:
    """Accept an invalidation, which is asked for in the same words as a purge, and refused so."""
    return _accept(call, "invalidate_cache")


def _accept(call: Call, name: str) -> Success:
    purge = call.store.purges.accept(call.arguments["zone_id"], call.json_object(), call=name)
    return Success(result={"id": purge.id})


def _zone(call: Call, zone_id: str) -> JsonObject:
    # All zones are in the first account.
    account_id, account_name = next(iter(call.settings.accounts.items()))
    return {
        "id": zone_id,
        "name": call.settings.zones[zone_id],
        "status": "active",
        "paused": False,
        "type": "full",
        "account": {"id": account_id, "name": account_name},
    }
