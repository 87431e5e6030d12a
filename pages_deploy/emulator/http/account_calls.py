"""Calls about who is calling: the token, its accounts, its memberships.

https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/ and
https://developers.cloudflare.com/api/resources/accounts/methods/list/
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http import credentials
from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.http.documents import timestamp
from pages_deploy.emulator.http.lists import page_of

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call
    from pages_deploy.emulator.state.records import JsonObject

_SINCE: Final = timestamp(0)


def verify_token(call: Call) -> Success:
    """Whether the API token is good.

    The legacy pair is none, and a token that an account owns is unknown here: RefusalError 1000.
    """
    token = credentials.bearer(call.request.headers)
    if token is None or token in call.settings.account_owned_tokens:
        raise _invalid_token()
    return _verified(token)


def verify_account_token(call: Call) -> Success:
    """Whether the API token is good. A user's is welcome too: nothing says that it is not.

    The legacy pair is none: RefusalError 1000.
    """
    token = credentials.bearer(call.request.headers)
    if token is None:
        raise _invalid_token()
    return _verified(token)


def _invalid_token() -> RefusalError:
    return RefusalError(401, 1000, message="Invalid API Token")


def _verified(token: str) -> Success:
    return Success(
        # The id tells tokens apart and never the token itself.
        result={"id": hashlib.sha256(token.encode()).hexdigest()[:32], "status": "active"},
        messages=({"code": 10000, "message": "This API Token is valid and active", "type": None},),
    )


def list_accounts(call: Call) -> Success:
    """All accounts; none for a token that may not read them."""
    found = [_account(call, account_id) for account_id in call.settings.accounts]
    if "account:read" not in call.permissions:
        found = []
    return page_of(call, found)


def get_account(call: Call) -> Success:
    """One account."""
    return Success(result=_account(call, call.arguments["account_id"]))


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
    return page_of(call, found)


def _account(call: Call, account_id: str) -> JsonObject:
    return {
        "id": account_id,
        "name": call.settings.accounts[account_id],
        "type": "standard",
        "settings": {"enforce_twofactor": False},
        "created_on": _SINCE,
    }
