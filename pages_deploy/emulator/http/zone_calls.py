"""Calls about zones: finding one, purging or invalidating its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.http import wire
from pages_deploy.emulator.state.purging import check_purge

if TYPE_CHECKING:
    from pages_deploy.emulator.http.wire import Call, Success
    from pages_deploy.emulator.state.records import JsonObject

_PAGE: Final = 20
_MAX_PAGE: Final = 50


def list_zones(call: Call) -> Success:
    """The zones that the credential may read; `name` leaves the others out."""
    wanted = call.request.args.get("name")
    found = [
        _zone(call, zone_id)
        for zone_id, name in call.settings.zones.items()
        if "zone:read" in call.permissions and wanted in (None, name)
    ]
    return wire.page_of(call, found, default_size=_PAGE, max_size=_MAX_PAGE)


def get_zone(call: Call) -> Success:
    """One zone."""
    return wire.Success(result=_zone(call, call.arguments["zone_id"]))


def purge_cache(call: Call) -> Success:
    """Accept a purge. The emulator has no cache: it only remembers what was asked."""
    return _accept(call, "purge_cache")


def invalidate_cache(call: Call) -> Success:
    """Accept an invalidation, which is asked for in the same words as a purge."""
    return _accept(call, "invalidate_cache")


def _accept(call: Call, name: str) -> Success:
    body = call.json_object()
    check_purge(body, settings=call.settings)
    purge = call.store.add_purge(call.arguments["zone_id"], body, call=name)
    return wire.Success(result={"id": purge.id})


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
