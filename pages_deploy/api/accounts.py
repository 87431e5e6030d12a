"""The accounts that the credentials can see, and whether a token is valid.

https://developers.cloudflare.com/api/resources/accounts/methods/list/ and
https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.call import Call, segment
from pages_deploy.api.readers import read_account, read_token_status

if TYPE_CHECKING:
    from pages_deploy.api.models import Account, TokenStatus
    from pages_deploy.api.transport import Transport

ACCOUNTS_PER_PAGE = 50


class Accounts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Account]:
        """Return every account; raises AuthenticationError when the token is not valid."""
        listing = Call("GET", "/accounts", "list the accounts of the API token")
        return list(self._transport.pages(listing, read_account, per_page=ACCOUNTS_PER_PAGE))

    def verify_user_token(self) -> TokenStatus:
        """Return the status of the API token, if it belongs to a user."""
        return self._transport.request(
            Call("GET", "/user/tokens/verify", "verify the API token"), read_token_status
        )

    def verify_account_token(self, account_id: str) -> TokenStatus:
        """Return the status of the API token, if it belongs to an account."""
        path = f"/accounts/{segment(account_id)}/tokens/verify"
        return self._transport.request(
            Call("GET", path, f"verify the API token of account {account_id}"), read_token_status
        )
