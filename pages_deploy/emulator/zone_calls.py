"""Calls about zones: finding one, purging its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator import wire
from pages_deploy.emulator.purging import check_purge

if TYPE_CHECKING:
    from pages_deploy.emulator.wire import Call, Success

_PAGE: Final = 20
_MAX_PAGE: Final = 50


def list_zones(call: Call) -> Success:
    """The zones that the credential may read; `name` leaves the others out."""
    account_id, account_name = next(iter(call.settings.accounts.items()))
    wanted = call.request.args.get("name")
    found = [
        {
            "id": zone_id,
            "name": name,
            "status": "active",
            "paused": False,
            "type": "full",
            "account": {"id": account_id, "name": account_name},
        }
        for zone_id, name in call.settings.zones.items()
        if "zone:read" in call.permissions and wanted in (None, name)
    ]
    return wire.page_of(call, found, default_size=_PAGE, max_size=_MAX_PAGE)


def purge_cache(call: Call) -> Success:
    """Accept a purge. The emulator has no cache: it only remembers what was asked."""
    body = call.json_object()
    check_purge(body, settings=call.settings)
    purge = call.store.add_purge(call.arguments["zone_id"], body)
    return wire.Success(result={"id": purge.id})
