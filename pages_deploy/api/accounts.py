"""The accounts that the credentials can see, and whether a token is valid.

https://developers.cloudflare.com/api/resources/accounts/methods/list/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api import connection_variables as variables
from pages_deploy.api.call import Call, segment
from pages_deploy.api.readers import read_account, read_token_status
from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from pages_deploy.api.models import Account, TokenStatus
    from pages_deploy.api.transport import Transport

ACCOUNTS_PER_PAGE = 50


def account_path(account_id: str) -> str:
    """Return the path of an account; raises SettingsError without its id, which no request has."""
    if not account_id:
        raise SettingsError(
            "The account id is empty, and this call belongs to an account.",
            f"Set {' or '.join(variables.ACCOUNT_ID)} for PagesClient.from_environment, or give "
            "`account_id` to PagesClient.",
        )
    return f"/accounts/{segment(account_id)}"


class Accounts:
    """The accounts that the credentials see, and whether a token is valid.

    https://developers.cloudflare.com/api/resources/accounts/
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Account]:
        """Return every account that the credentials see, in the server's order.

        A token that may not read accounts sees none, and may deploy all the same. Raises
        AuthenticationError when the token is not valid.
        """
        listing = Call("GET", "/accounts", "list the accounts of the API token")
        return list(self._transport.pages(listing, read_account, per_page=ACCOUNTS_PER_PAGE))

    def verify_user_token(self) -> TokenStatus:
        """Return the status of the API token, if it belongs to a user.

        Raises AuthenticationError for a wrong one, and for one that belongs to an account.
        https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
        """
        return self._transport.request(
            Call("GET", "/user/tokens/verify", "verify the API token"), read_token_status
        )

    def verify_account_token(self, account_id: str) -> TokenStatus:
        """Return the status of the API token, if it belongs to the account.

        Raises AuthenticationError for a wrong one, and for one that belongs to a user.
        https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/verify/
        """
        path = f"{account_path(account_id)}/tokens/verify"
        return self._transport.request(
            Call("GET", path, f"verify the API token of account {account_id}"), read_token_status
        )
