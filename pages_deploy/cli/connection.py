"""From settings to a client that is connected to the right account."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pages_deploy.api import connection_variables as variables
from pages_deploy.api.call import Credentials
from pages_deploy.api.client import PagesClient
from pages_deploy.api.dashboard import ACCOUNT_PAGE
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import SettingsError
from pages_deploy.net.failures import PROXY_FORM_HINT
from pages_deploy.net.proxies import unusable_proxy
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

# What every command needs that talks to the API.
CONNECTION_OPTIONS = (
    options.WORKING_DIRECTORY,
    options.API_TOKEN,
    options.API_KEY,
    options.EMAIL,
    options.ACCOUNT_ID,
    options.REQUEST_TIMEOUT,
    options.API_BASE_URL,
    options.ENV_FILE,
    options.CI,
)
# What a command needs beside that about one project; and to wait for what is in it.
PROJECT_OPTIONS = (options.PROJECT_NAME, *CONNECTION_OPTIONS)
WAITING_OPTIONS = (*PROJECT_OPTIONS, options.TIMEOUT)


@contextlib.contextmanager
def connected(settings: Settings, runtime: Runtime) -> Iterator[PagesClient]:
    """Connect to the account of the settings, or to the only one that the credentials see.

    Raises SettingsError for missing credentials and for an account that is not clear.
    """
    credentials = settings.credentials
    if not settings.text(options.API_TOKEN):
        runtime.console.warn(
            "The legacy API key can do everything that its user can: use an API token instead, "
            "with the permission Account > Cloudflare Pages > Edit."
        )
    account_id = settings.text(options.ACCOUNT_ID)
    if not account_id:
        with open_client(settings, runtime, credentials) as client:
            account_id = only_account(client, settings.how_to_set(options.ACCOUNT_ID))
    with open_client(settings, runtime, credentials, account_id=account_id) as client:
        yield client


def open_client(
    settings: Settings, runtime: Runtime, credentials: Credentials, *, account_id: str = ""
) -> PagesClient:
    """Make a client as the settings say."""
    return PagesClient(
        credentials,
        account_id,
        base_url=settings.text(options.API_BASE_URL),
        read_timeout_seconds=settings.number(options.REQUEST_TIMEOUT),
        ca_bundle=ca_bundle_of(runtime),
        timer=runtime.timer,
        on_retry=runtime.console.retrying,
        on_wait=lambda seconds: runtime.console.step(
            f"Waiting {seconds:.0f} s to stay below the rate limit"
        ),
    )


def check_way(settings: Settings, runtime: Runtime) -> None:
    """Raise SettingsError for a CA file or a proxy by which the API cannot be reached at all."""
    ca_bundle_of(runtime)
    base_url = settings.text(options.API_BASE_URL)
    if reason := unusable_proxy(base_url):
        raise SettingsError(f"{base_url} cannot be reached: {reason}.", PROXY_FORM_HINT)


def ca_bundle_of(runtime: Runtime) -> str | None:
    """Return the CA bundle that the environment names; raises SettingsError for an unusable one."""
    return variables.ca_bundle_of(runtime.environ)


def only_account(client: PagesClient, remedy: str) -> str:
    """Return the id of the only account that the credentials see.

    Raises SettingsError, listing them, when there is none or more than one.
    """
    accounts = client.accounts.list()
    if len(accounts) == 1:
        return accounts[0].id
    seen = "; ".join(f"{account.id} ({account.name})" for account in accounts) or "none"
    raise SettingsError(
        f"Which account to use is not clear. The API token can see: {seen}.",
        f"Choose one. {remedy} This page shows its id: {ACCOUNT_PAGE}",
    )
