"""The accounts that the credentials can see.

https://developers.cloudflare.com/api/resources/accounts/methods/list/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.call import Call
from pages_deploy.api.models import Account, read_account

if TYPE_CHECKING:
    from pages_deploy.api.transport import Transport

ACCOUNTS_PER_PAGE = 50


class Accounts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Account]:
        """Return every account; raises AuthenticationError when the token is not valid."""
        listing = Call("GET", "/accounts", "list the accounts of the API token")
        return list(self._transport.pages(listing, read_account, per_page=ACCOUNTS_PER_PAGE))
