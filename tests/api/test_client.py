"""The client itself: made from the environment, its account, its resources."""

from __future__ import annotations

import pydoc
import shutil
from typing import TYPE_CHECKING, Unpack

import pytest

from pages_deploy.api.client import ClientOptions, PagesClient
from pages_deploy.errors import SettingsError
from tests.raw_server import make_certificate, needs_openssl
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pages_deploy.api.call import Credentials
    from pages_deploy.emulator.server import Emulator

RESOURCES = ("accounts", "assets", "deployments", "domains", "projects", "zones")
OF_AN_ACCOUNT: dict[str, Callable[[PagesClient], object]] = {
    "projects.list": lambda client: client.projects.list(),
    "projects.get": lambda client: client.projects.get(PROJECT),
    "projects.create": lambda client: client.projects.create(PROJECT, production_branch="main"),
    "deployments.list": lambda client: client.deployments.list(PROJECT),
    "deployments.create": lambda client: client.deployments.create(PROJECT, manifest={}),
    "domains.list": lambda client: client.domains.list(PROJECT),
    "accounts.verify_account_token": lambda client: client.accounts.verify_account_token(""),
}


class Told(PagesClient):
    """A client that remembers the options it was made with."""

    def __init__(
        self,
        api_token: str | Credentials,
        account_id: str = "",
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(api_token, account_id, **options)
        self.options = options


def legacy(emulator: Emulator) -> dict[str, str]:
    return {
        **emulator.environ(),
        "CLOUDFLARE_API_TOKEN": "",
        "CLOUDFLARE_API_KEY": emulator.settings.api_key,
        "CF_EMAIL": emulator.settings.api_email,
    }


def short(emulator: Emulator) -> dict[str, str]:
    names = emulator.environ().items()
    return {name.replace("CLOUDFLARE_", "CF_"): f" {value}\n" for name, value in names}


@pytest.mark.parametrize("environ_of", [lambda emulator: emulator.environ(), short, legacy])
def test_the_environment_says_where_and_as_whom(
    emulator: Emulator, environ_of: Callable[[Emulator], dict[str, str]]
) -> None:
    with PagesClient.from_environment(environ_of(emulator)) as client:
        client.projects.create(PROJECT, production_branch="main")
        assert [project.name for project in client.projects.list()] == [PROJECT]
        assert client.account_id == emulator.account_id


def test_the_longer_name_comes_before_the_shorter_and_an_option_before_both(
    emulator: Emulator,
) -> None:
    environ = {
        **emulator.environ(),
        "CLOUDFLARE_API_BASE_URL": "http://nowhere.invalid",
        "CF_API_TOKEN": "a-token-of-somebody-else",
        "CF_ACCOUNT_ID": "f" * 32,
    }
    with PagesClient.from_environment(environ, base_url=emulator.api_base_url) as client:
        assert [account.id for account in client.accounts.list()] == [client.account_id]


@needs_openssl
def test_the_certificates_to_trust_are_found_in_the_environment(tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path)
    first = tmp_path / "first.pem"
    shutil.copy(certificate, first)
    environ = {"CF_API_TOKEN": "secret", "SSL_CERT_FILE": str(certificate)}
    with Told.from_environment(environ) as client:
        assert client.options == {"ca_bundle": str(certificate)}
        assert client.ca_bundle == str(certificate)
    with Told.from_environment({**environ, "REQUESTS_CA_BUNDLE": str(first)}) as client:
        assert client.options == {"ca_bundle": str(first)}
    with Told.from_environment(environ, ca_bundle=None) as client:
        assert client.options == {"ca_bundle": None}


def test_a_ca_file_that_is_none_is_named_with_its_variable() -> None:
    environ = {"CF_API_TOKEN": "secret", "CURL_CA_BUNDLE": "/nowhere/ca.pem"}
    with pytest.raises(SettingsError, match=r"CURL_CA_BUNDLE names '/nowhere/ca\.pem'"):
        PagesClient.from_environment(environ)


@pytest.mark.parametrize(
    "environ",
    [{}, {"CLOUDFLARE_API_TOKEN": " "}, {"CLOUDFLARE_API_KEY": "key"}, {"CF_EMAIL": "a@b.test"}],
)
def test_no_credentials_are_an_error_that_names_their_variables(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="no API token") as info:
        PagesClient.from_environment(environ)
    assert "CLOUDFLARE_API_TOKEN or CF_API_TOKEN" in info.value.hint
    assert "CLOUDFLARE_EMAIL" in info.value.hint


@pytest.mark.parametrize("account_id", [None, "", " "])
@pytest.mark.parametrize("call", OF_AN_ACCOUNT)
def test_an_empty_account_is_named_before_anything_is_sent(
    emulator: Emulator, account_id: str | None, call: str
) -> None:
    environ = emulator.environ()
    del environ["CLOUDFLARE_ACCOUNT_ID"]
    if account_id is not None:
        environ["CLOUDFLARE_ACCOUNT_ID"] = account_id
    with (
        PagesClient.from_environment(environ) as client,
        pytest.raises(SettingsError, match="account id is empty") as info,
    ):
        OF_AN_ACCOUNT[call](client)
    assert "CLOUDFLARE_ACCOUNT_ID" in info.value.hint
    assert "account_id" in info.value.hint
    assert emulator.requests == ()


def test_accounts_and_zones_need_no_account(emulator: Emulator) -> None:
    with PagesClient(emulator.api_token, base_url=emulator.api_base_url) as client:
        assert [account.id for account in client.accounts.list()] == [emulator.account_id]
        assert [zone.id for zone in client.zones.list()] == [emulator.zone_id]


def test_help_shows_every_resource_with_a_sentence() -> None:
    text = pydoc.plain(pydoc.render_doc(PagesClient))
    for name in RESOURCES:
        resource = getattr(PagesClient, name)
        assert f" |  {name}\n |      {resource.__doc__}" in text


def test_making_a_client_and_looking_at_its_resources_sends_nothing(emulator: Emulator) -> None:
    with PagesClient.from_environment(emulator.environ()) as client:
        for name in RESOURCES:
            getattr(client, name)
    assert asked(emulator, "GET", "*") == []
