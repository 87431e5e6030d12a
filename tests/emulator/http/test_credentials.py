"""Who may call what."""

from __future__ import annotations

import pytest
import requests

from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, DEFAULT_ACCOUNT_ID
from tests.emulator.direct_upload import DirectUpload, error_code, running


def get(emulator: Emulator, path: str, headers: dict[str, str]) -> requests.Response:
    return requests.get(f"{emulator.api_base_url}{path}", headers=headers, timeout=20)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, 10001),
        ({"Authorization": "Bearer wrong-token"}, 403, 10000),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, 400, 6003),
        ({"Authorization": "Bearer to ken"}, 400, 6003),
        ({"X-Auth-Key": "e1" * 18}, 400, 6003),
        ({"X-Auth-Email": "user@example.test"}, 400, 6003),
        ({"X-Auth-Key": "0" * 37, "X-Auth-Email": "user@example.test"}, 403, 10000),
    ],
)
def test_bad_credentials(
    emulator: Emulator, headers: dict[str, str], status: int, code: int
) -> None:
    answer = get(emulator, "/accounts", headers)
    assert (answer.status_code, error_code(answer)) == (status, code)


def test_malformed_header_is_explained_in_the_chain(emulator: Emulator) -> None:
    (error,) = get(emulator, "/accounts", {"Authorization": "x"}).json()["errors"]
    assert [link["code"] for link in error["error_chain"]] == [6111]


def test_legacy_pair_may_do_everything(emulator: Emulator) -> None:
    settings = emulator.settings
    headers = {"X-Auth-Key": settings.api_key, "X-Auth-Email": settings.api_email}
    assert get(emulator, "/memberships", headers).status_code == 200


def test_token_can_be_verified(client: DirectUpload) -> None:
    assert client.call("GET", "/user/tokens/verify").json()["result"]["status"] == "active"


def test_token_of_an_account_is_verified_there_and_not_as_a_users() -> None:
    token = "account-owned"
    settings = EmulatorSettings(
        api_tokens={token: ALL_PERMISSIONS}, account_owned_tokens=frozenset({token})
    )
    with running(settings) as client:
        verified = client.call("GET", "/accounts/{account}/tokens/verify")
        assert verified.json()["result"]["status"] == "active"
        refused = client.call("GET", "/user/tokens/verify")
        assert (refused.status_code, error_code(refused)) == (401, 1000)


def test_tokens_are_told_apart_by_their_ids() -> None:
    settings = EmulatorSettings(api_tokens={"a": frozenset(), "b": frozenset()})
    with Emulator(settings=settings) as emulator:
        ids = {
            get(emulator, "/user/tokens/verify", {"Authorization": f"Bearer {token}"}).json()[
                "result"
            ]["id"]
            for token in ("a", "b")
        }
    assert len(ids) == 2


@pytest.mark.parametrize(
    "path", ["/user/tokens/verify", f"/accounts/{DEFAULT_ACCOUNT_ID}/tokens/verify"]
)
def test_legacy_pair_is_no_token(emulator: Emulator, path: str) -> None:
    settings = emulator.settings
    headers = {"X-Auth-Key": settings.api_key, "X-Auth-Email": settings.api_email}
    answer = get(emulator, path, headers)
    assert (answer.status_code, error_code(answer)) == (401, 1000)


def test_reader_may_not_write_anything() -> None:
    settings = EmulatorSettings(api_tokens={"token": frozenset({"pages:read"})})
    deployment = "{projects}/demo/deployments/1"
    with running(settings) as client:
        assert client.call("GET", "{projects}").status_code == 200
        for method, path in (
            ("POST", "{projects}"),
            ("PATCH", "{projects}/demo"),
            ("DELETE", "{projects}/demo"),
            ("POST", "{projects}/demo/purge_build_cache"),
            ("POST", "{projects}/demo/deployments"),
            ("DELETE", deployment),
            ("POST", f"{deployment}/retry"),
            ("POST", f"{deployment}/rollback"),
            ("POST", f"{deployment}/tails"),
            ("DELETE", f"{deployment}/tails/1"),
            ("POST", "{projects}/demo/domains"),
            ("PATCH", "{projects}/demo/domains/example.test"),
            ("DELETE", "{projects}/demo/domains/example.test"),
        ):
            answer = client.call(method, path)
            assert (answer.status_code, error_code(answer)) == (403, 10000), (method, path)


def test_accounts_and_memberships(client: DirectUpload) -> None:
    account_id = client.emulator.account_id
    (account,) = client.call("GET", "/accounts?page=1").json()["result"]
    (membership,) = client.call("GET", "/memberships?page=1").json()["result"]
    assert account["id"] == account_id
    assert (membership["account"]["id"], membership["account"]["name"]) == (
        account_id,
        account["name"],
    )
    assert client.call("GET", "/accounts/{account}").json()["result"] == account


@pytest.mark.parametrize(
    ("missing", "method", "path"),
    [
        ("memberships:read", "GET", "/memberships"),
        ("account:read", "GET", "/accounts/{account}"),
        ("pages:edit", "POST", "{projects}"),
        ("pages:edit", "GET", "{projects}/demo/upload-token"),
        ("zone:purge", "POST", "/zones/9f8e7d6c5b4a39281706f5e4d3c2b1a0/purge_cache"),
    ],
)
def test_missing_permission(missing: str, method: str, path: str) -> None:
    settings = EmulatorSettings(api_tokens={"token": ALL_PERMISSIONS - {missing}})
    with running(settings) as client:
        answer = client.call(method, path)
        assert (answer.status_code, error_code(answer)) == (403, 10000)


def test_token_without_any_pages_permission() -> None:
    settings = EmulatorSettings(api_tokens={"token": frozenset({"account:read"})})
    with running(settings) as client:
        assert error_code(client.call("GET", "{projects}")) == 10000


def test_editing_includes_reading() -> None:
    settings = EmulatorSettings(api_tokens={"token": frozenset({"pages:edit"})})
    with running(settings) as client:
        assert client.call("GET", "{projects}").json()["result"] == []
        assert client.call("GET", "/accounts").json()["result"] == []


@pytest.mark.parametrize(
    ("account", "status", "code"), [("nonsense", 404, 7003), ("f" * 32, 403, 10000)]
)
def test_unknown_account(client: DirectUpload, account: str, status: int, code: int) -> None:
    answer = client.call("GET", f"/accounts/{account}/pages/projects")
    assert (answer.status_code, error_code(answer)) == (status, code)


def test_api_token_is_no_upload_token(client: DirectUpload) -> None:
    answer = client.assets("check-missing", {"hashes": []}, token=client.emulator.api_token)
    assert (answer.status_code, error_code(answer)) == (401, 8000013)
