"""Accounts and tokens: what the credentials see, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.call import Credentials
from pages_deploy.api.client import PagesClient
from pages_deploy.api.models import Account
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from pages_deploy.errors import AuthenticationError
from tests.world import asked

if TYPE_CHECKING:
    from tests.world import FakeTime

USERS, ACCOUNTS = "token-of-a-user", "token-of-an-account"


def client_of(
    emulator: Emulator, fake_time: FakeTime, token: str | Credentials = ""
) -> PagesClient:
    return PagesClient(
        token or emulator.api_token,
        emulator.account_id,
        base_url=emulator.api_base_url,
        timer=fake_time.timer,
    )


def test_every_account_is_listed_however_many(fake_time: FakeTime) -> None:
    accounts = {f"{number:032x}": f"Account {number}" for number in range(1, 121)}
    with (
        Emulator(settings=EmulatorSettings(accounts=accounts)) as emulator,
        client_of(emulator, fake_time) as client,
    ):
        assert client.accounts.list() == [Account(*pair) for pair in accounts.items()]
        assert len(asked(emulator, "GET", "/accounts")) == 3


def test_a_rate_limit_amid_the_pages_changes_nothing_but_the_time(fake_time: FakeTime) -> None:
    accounts = {f"{number:032x}": f"Account {number}" for number in range(1, 121)}
    busy = Answer.error(429, 971, headers={"Retry-After": "9"})
    with (
        Emulator(settings=EmulatorSettings(accounts=accounts)) as emulator,
        client_of(emulator, fake_time) as client,
    ):
        emulator.fail_next("GET", "/accounts", busy, times=2)
        assert [account.id for account in client.accounts.list()] == list(accounts)
    assert fake_time.slept == [9, 9]


def test_a_token_that_may_read_no_account_sees_none(fake_time: FakeTime) -> None:
    settings = EmulatorSettings(api_tokens={USERS: frozenset({"pages:edit"})})
    with Emulator(settings=settings) as emulator, client_of(emulator, fake_time) as client:
        assert client.accounts.list() == []


def test_tokens_are_verified_where_they_belong(fake_time: FakeTime) -> None:
    settings = EmulatorSettings(
        api_tokens=dict.fromkeys((USERS, ACCOUNTS), ALL_PERMISSIONS),
        account_owned_tokens=frozenset({ACCOUNTS}),
    )
    with Emulator(settings=settings) as emulator:
        with client_of(emulator, fake_time, USERS) as client:
            of_user = client.accounts.verify_user_token()
        with client_of(emulator, fake_time, ACCOUNTS) as client:
            of_account = client.accounts.verify_account_token(emulator.account_id)
            with pytest.raises(AuthenticationError, match="Cannot verify the API token"):
                client.accounts.verify_user_token()
    assert of_user.status == of_account.status == "active"
    assert of_user.id != of_account.id


@pytest.mark.parametrize("token", ["wrong-token", Credentials.of_key("wrong", "a@example.test")])
def test_wrong_credentials_are_an_authentication_error(
    emulator: Emulator, fake_time: FakeTime, token: str | Credentials
) -> None:
    with client_of(emulator, fake_time, token) as client:
        for call in (client.accounts.list, client.accounts.verify_user_token):
            with pytest.raises(AuthenticationError) as info:
                call()
            assert info.value.exit_code == 3
            assert "wrong" not in str(info.value) + info.value.hint


def test_the_legacy_key_is_accepted(emulator: Emulator, fake_time: FakeTime) -> None:
    key = Credentials.of_key(emulator.settings.api_key, emulator.settings.api_email)
    with client_of(emulator, fake_time, key) as client:
        assert [account.id for account in client.accounts.list()] == [emulator.account_id]
