"""A refused API token is verified once, so that the message says what is wrong with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.call import Credentials
from pages_deploy.api.client import PagesClient
from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from pages_deploy.errors import AuthenticationError, UploadTokenError
from tests.world import PROJECT, FakeTime, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "token-of-this-test-0000000"
OURS = "a" * 32
THEIRS = "b" * 32
USER, ACCOUNT = "/user/tokens/verify", "/accounts/*/tokens/verify"


@contextlib.contextmanager
def cloudflare(
    *, permissions: frozenset[str] = ALL_PERMISSIONS, account_owned: bool = False
) -> Iterator[Emulator]:
    settings = EmulatorSettings(
        api_tokens={TOKEN: permissions},
        account_owned_tokens=frozenset({TOKEN} if account_owned else ()),
        accounts={OURS: "Ours"},
    )
    with Emulator(settings=settings) as emulator:
        yield emulator


def refusal(
    emulator: Emulator,
    fake_time: FakeTime,
    *,
    credentials: str | Credentials = TOKEN,
    account_id: str = OURS,
) -> AuthenticationError:
    """Return what a look at a project is refused with, twice."""
    with PagesClient(
        credentials, account_id, base_url=emulator.api_base_url, timer=fake_time.timer
    ) as client:
        for _ in range(2):
            with pytest.raises(AuthenticationError) as info:
                client.projects.get(PROJECT)
    assert info.value.exit_code == 3
    assert info.value.path == f"/accounts/{account_id}/pages/projects/{PROJECT}"
    assert "Authentication error" in info.value.message
    assert len(asked(emulator, "GET", USER)) <= 1
    assert len(asked(emulator, "GET", ACCOUNT)) <= 1
    assert fake_time.slept == []
    return info.value


def test_a_token_that_nobody_knows_is_the_trouble_itself(fake_time: FakeTime) -> None:
    with cloudflare() as emulator:
        error = refusal(emulator, fake_time, credentials="token-that-is-wrong-000000")
    assert "The API token is not valid" in error.message
    assert "token-that-is-wrong" not in error.message + error.hint
    assert "make a new one" in error.hint


@pytest.mark.parametrize("account_owned", [False, True])
def test_a_valid_token_without_the_permission_lacks_that(
    fake_time: FakeTime, account_owned: bool
) -> None:
    permissions = frozenset({"account:read"})
    with cloudflare(permissions=permissions, account_owned=account_owned) as emulator:
        error = refusal(emulator, fake_time)
    assert "The API token is valid, but lacks the permission" in error.message
    assert "Account > Cloudflare Pages > Edit" in error.hint


def test_a_valid_token_of_another_account_says_which(fake_time: FakeTime) -> None:
    with cloudflare() as emulator:
        error = refusal(emulator, fake_time, account_id=THEIRS)
    assert f"account {THEIRS} is not its account; it sees {OURS} (Ours)" in error.message
    assert "CLOUDFLARE_ACCOUNT_ID" in error.hint


def test_a_valid_token_that_sees_no_account_may_lack_either(fake_time: FakeTime) -> None:
    with cloudflare(permissions=frozenset()) as emulator:
        error = refusal(emulator, fake_time)
    assert "The API token is valid, but it lacks the permission for this, or" in error.message


def test_a_token_that_has_expired_is_told_as_such(fake_time: FakeTime) -> None:
    body = '{"success": true, "result": {"id": "x", "status": "expired"}}'
    with cloudflare(permissions=frozenset()) as emulator:
        emulator.fail_next("GET", USER, Answer(status=200, body=body))
        error = refusal(emulator, fake_time)
        assert asked(emulator, "GET", "/accounts") == []
    assert "The API token is expired." in error.message


@pytest.mark.parametrize(
    "fault",
    [Answer.error(500, 8000000), Answer(status=200, body="<html>"), ConnectionReset()],
    ids=["500", "page", "reset"],
)
def test_a_check_that_fails_says_nothing_and_is_not_repeated(
    fake_time: FakeTime, fault: Fault
) -> None:
    with cloudflare(permissions=frozenset()) as emulator:
        emulator.fail_next("GET", USER, fault, times=None)
        error = refusal(emulator, fake_time)
        assert len(asked(emulator, "GET", USER)) == 1
    assert "The API token is" not in error.message
    assert "Check that the API token is complete" in error.hint


def test_an_accounts_list_that_is_refused_leaves_what_is_known(fake_time: FakeTime) -> None:
    with cloudflare(permissions=frozenset()) as emulator:
        emulator.fail_next("GET", "/accounts", Answer.error(403, 10000), times=None)
        error = refusal(emulator, fake_time)
    assert "The API token is valid, but" in error.message


def test_a_legacy_key_is_never_verified(fake_time: FakeTime) -> None:
    with cloudflare() as emulator:
        key = Credentials.of_key("f" * 37, "a@example.test")
        error = refusal(emulator, fake_time, credentials=key)
        assert asked(emulator, "GET", "*verify") == []
    assert "is valid" not in error.message


def test_a_verification_that_is_refused_verifies_nothing(fake_time: FakeTime) -> None:
    with (
        cloudflare() as emulator,
        PagesClient(
            "wrong-token", OURS, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
    ):
        with pytest.raises(AuthenticationError):
            client.accounts.verify_user_token()
        with pytest.raises(AuthenticationError):
            client.accounts.verify_account_token(OURS)
        assert len(emulator.requests) == 2


def test_an_upload_token_is_none_to_be_verified(fake_time: FakeTime) -> None:
    with (
        cloudflare() as emulator,
        PagesClient(TOKEN, OURS, base_url=emulator.api_base_url, timer=fake_time.timer) as client,
    ):
        with pytest.raises(UploadTokenError):
            client.assets.check_missing("no-upload-token", ["0" * 32])
        assert len(emulator.requests) == 1


def test_what_is_not_refused_costs_no_request_more(fake_time: FakeTime) -> None:
    with (
        cloudflare() as emulator,
        PagesClient(TOKEN, OURS, base_url=emulator.api_base_url, timer=fake_time.timer) as client,
    ):
        list(client.projects.list())
        assert len(emulator.requests) == 1
