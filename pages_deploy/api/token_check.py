"""What is wrong where Cloudflare refuses an API token: the token, its permission, or the account.

Its one code 10000 stands for all three. So the token is verified, once for each transport:

1. as a user's token, then as one of the account that the refused call is for;
2. a valid one is asked for its accounts: where those are others, the call's account is wrong.

A check that fails by itself says nothing, and is not repeated.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

from pages_deploy.api import connection_variables as variables
from pages_deploy.api.call import Call
from pages_deploy.api.dashboard import TOKEN_FORM
from pages_deploy.api.readers import read_account, read_token_status
from pages_deploy.errors import ApiError, AuthenticationError, NotFoundError
from pages_deploy.retry import ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.models import Account

VERIFICATION = "/tokens/verify"
ACTIVE = "active"
# A check is worth less than the run that waits for it.
TIMEOUT_SECONDS = 10.0
RENEWAL_HINT = (
    "Copy it again completely, or make a new one, with the permission Account > Cloudflare Pages > "
    f"Edit, by this form: {TOKEN_FORM}"
)
PERMISSION_HINT = (
    "Give it the permission Account > Cloudflare Pages > Edit for the account (to look only, Read "
    "is enough; for a zone's cache, Zone > Cache Purge > Purge)."
)
ACCOUNT_HINT = (
    f"Correct the account id ({' or '.join(variables.ACCOUNT_ID)}), or make a token for that "
    "account."
)


class Ask(Protocol):
    """Sends a call once and parses its result; raises ApiError."""

    def __call__(self, request: Call, parse: Callable[[Any], Any], /) -> Any:
        """Return what `parse` makes of the result."""


class TokenCheck:
    """Says of refusals of one API token what they mean; may be used by several threads."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._is_done = False
        # active, disabled or expired; empty where Cloudflare does not know the token, None where
        # that could not be seen.
        self._status: str | None = None
        self._accounts: list[Account] = []

    def explained(self, error: AuthenticationError) -> AuthenticationError:
        """Return the refusal of a call with what it means; itself where that is not known."""
        account_id = account_in(error.path)
        with self._lock:
            if not self._is_done:
                self._is_done = True
                self._examine(account_id)
        if self._status is None:
            return error
        sentence, hint = self._verdict(account_id)
        return _with(error, sentence, hint or error.hint)

    def _verdict(self, account_id: str) -> tuple[str, str]:
        """Return a sentence for the message, and the hint; an empty one leaves it as it is."""
        if not self._status:
            known = f"neither as a user's nor as one of account {account_id}"
            return f"The API token is not valid: Cloudflare knows it {known}.", RENEWAL_HINT
        if self._status != ACTIVE:
            return f"The API token is {self._status}.", RENEWAL_HINT
        seen = {account.id: account.name for account in self._accounts}
        if not account_id or account_id in seen:
            return "The API token is valid, but lacks the permission for this.", PERMISSION_HINT
        if not seen:
            either = f"it lacks the permission for this, or account {account_id} is not its account"
            return f"The API token is valid, but {either}.", ""
        listed = ", ".join(f"{known_id} ({name})" for known_id, name in seen.items())
        sentence = f"The API token is valid, but account {account_id} is not its account"
        return f"{sentence}; it sees {listed}.", ACCOUNT_HINT

    def _examine(self, account_id: str) -> None:
        try:
            self._status = self._verify(account_id)
            if self._status == ACTIVE:
                self._accounts = self._ask(
                    _call("/accounts", "list the accounts of the API token"), _read_accounts
                )
        except ApiError:
            return

    def _verify(self, account_id: str) -> str | None:
        paths = [f"/user{VERIFICATION}"]
        if account_id:
            paths.append(f"/accounts/{account_id}{VERIFICATION}")
        for path in paths:
            try:
                verified = self._ask(_call(path, "verify the API token"), read_token_status)
            except (AuthenticationError, NotFoundError):
                continue
            return str(verified.status)
        # One of an account is unknown as a user's.
        return "" if account_id else None


def account_in(path: str) -> str:
    """Return the id of the account that a call is for, or nothing."""
    return path.partition("/accounts/")[2].partition("/")[0]


def _call(path: str, doing: str) -> Call:
    return Call("GET", path, doing, ONCE, timeout_seconds=TIMEOUT_SECONDS)


def _read_accounts(data: Any) -> list[Account]:
    return [read_account(entry) for entry in data]


def _with(error: AuthenticationError, sentence: str, hint: str) -> AuthenticationError:
    told = AuthenticationError(
        f"{error.message} {sentence}",
        hint,
        method=error.method,
        path=error.path,
        status=error.status,
        codes=error.codes,
        ray_id=error.ray_id,
        retry_after_seconds=error.retry_after_seconds,
    )
    told.follows_lost_answer = error.follows_lost_answer
    return told
