"""Calls about who is calling: the token, its accounts, its memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator import wire
from pages_deploy.emulator.documents import timestamp
from pages_deploy.emulator.errors import RefusalError

if TYPE_CHECKING:
    from pages_deploy.emulator.records import JsonObject
    from pages_deploy.emulator.wire import Call, Success

_PAGE: Final = 20
_MAX_PAGE: Final = 50
_SINCE: Final = timestamp(0)


def verify_token(call: Call) -> Success:
    """Whether the API token is good; the legacy pair is none."""
    if "Authorization" not in call.request.headers:
        raise RefusalError(401, 1000, message="Invalid API Token")
    return wire.Success(
        result={"id": "7" * 32, "status": "active"},
        messages=({"code": 10000, "message": "This API Token is valid and active", "type": None},),
    )


def list_accounts(call: Call) -> Success:
    """All accounts; none for a token that may not read them."""
    found = [_account(call, account_id) for account_id in call.settings.accounts]
    if "account:read" not in call.permissions:
        found = []
    return wire.page_of(call, found, default_size=_PAGE, max_size=_MAX_PAGE)


def get_account(call: Call) -> Success:
    """One account."""
    return wire.Success(result=_account(call, call.arguments["account_id"]))


def list_memberships(call: Call) -> Success:
    """One membership for each account."""
    found: list[JsonObject] = [
        {
            "id": f"{index:032x}",
            "status": "accepted",
            "account": _account(call, account_id),
            "roles": ["Administrator"],
            "permissions": {},
        }
        for index, account_id in enumerate(call.settings.accounts, start=1)
    ]
    return wire.page_of(call, found, default_size=_PAGE, max_size=_MAX_PAGE)


def _account(call: Call, account_id: str) -> JsonObject:
    return {
        "id": account_id,
        "name": call.settings.accounts[account_id],
        "type": "standard",
        "settings": {"enforce_twofactor": False},
        "created_on": _SINCE,
    }
