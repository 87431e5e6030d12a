"""The door to the API: one object with a member for each resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypedDict

from pages_deploy.api import connection_variables as variables
from pages_deploy.api.accounts import Accounts
from pages_deploy.api.assets import Assets
from pages_deploy.api.call import Credentials
from pages_deploy.api.dashboard import TOKEN_FORM
from pages_deploy.api.deployments import Deployments
from pages_deploy.api.domains import Domains
from pages_deploy.api.projects import Projects
from pages_deploy.api.transport import API_BASE_URL, READ_TIMEOUT_SECONDS, Endpoint, Transport
from pages_deploy.api.zones import Zones
from pages_deploy.errors import SettingsError
from pages_deploy.retry import OnRetry, ignore_retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Unpack

    from pages_deploy.clock import Timer


class ClientOptions(TypedDict, total=False):
    """How a client talks to the API; what is left out is as it suits Cloudflare."""

    base_url: str
    """Another address of the API, for an emulator or a gateway."""
    read_timeout_seconds: float
    """The longest silence of the server within one request, and the longest that its answer may
    take once it begins; by default 60."""
    ca_bundle: str | None
    """A file of certificates to trust, for a proxy that inspects TLS."""
    timer: Timer | None
    """Other clocks and another way to sleep, for tests."""
    on_retry: OnRetry
    """Called before each wait for another attempt, with the error and the seconds."""
    on_wait: Callable[[float], None]
    """Called with the seconds of each wait that keeps the client below the rate limit."""


class PagesClient:
    """A client of the Cloudflare Pages API for one account.

    Making one sends nothing. It may be used by several threads at once. It keeps connections open:
    close it, or use it in a `with` block. Its calls return the records of `pages_deploy.api.models`
    and raise errors of `pages_deploy.errors`: ApiConnectionError where no answer comes,
    AuthenticationError where the credentials do not suffice, NotFoundError, another
    ApiResponseError where the server says no, and SettingsError for a name or id that is empty.

    https://developers.cloudflare.com/api/resources/pages/
    """

    account_id: str
    """The account of the projects; without one only `accounts` and `zones` can be used."""
    ca_bundle: str | None
    """The file of certificates that servers are trusted by; None for the usual ones."""
    transport: Transport
    """What sends the calls."""

    def __init__(
        self,
        api_token: str | Credentials,
        account_id: str = "",
        **options: Unpack[ClientOptions],
    ) -> None:
        """Connect with an API token, or with `Credentials.of_key` for the legacy key.

        The options are `base_url`, `read_timeout_seconds` (60), `ca_bundle`, `timer`, `on_retry`
        and `on_wait`: see `ClientOptions`.
        """
        credentials = Credentials.of_token(api_token) if isinstance(api_token, str) else api_token
        self.account_id = account_id.strip()
        self.ca_bundle = options.get("ca_bundle")
        self.transport = Transport(
            credentials,
            Endpoint(
                options.get("base_url", API_BASE_URL),
                options.get("read_timeout_seconds", READ_TIMEOUT_SECONDS),
                self.ca_bundle,
            ),
            timer=options.get("timer"),
            on_retry=options.get("on_retry", ignore_retry),
            on_wait=options.get("on_wait", lambda _seconds: None),
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **options: Unpack[ClientOptions]) -> Self:
        """Connect as the variables of the environment say, mostly `os.environ`.

        Of each row the first variable that is not empty counts; an option that is given comes
        before its variable:

        - CLOUDFLARE_API_TOKEN, CF_API_TOKEN; or the legacy pair of CLOUDFLARE_API_KEY, CF_API_KEY
          and CLOUDFLARE_EMAIL, CF_EMAIL
        - CLOUDFLARE_ACCOUNT_ID, CF_ACCOUNT_ID
        - CLOUDFLARE_API_BASE_URL, CF_API_BASE_URL
        - REQUESTS_CA_BUNDLE, SSL_CERT_FILE, CURL_CA_BUNDLE

        Raises SettingsError without credentials, and for a CA file that cannot be used. Without an
        account only `accounts` and `zones` can be used; all else raises SettingsError then, before
        anything is sent.
        """
        if base_url := variables.value_of(variables.API_BASE_URL, environ):
            options.setdefault("base_url", base_url)
        if "ca_bundle" not in options and (ca_bundle := variables.ca_bundle_of(environ)):
            options["ca_bundle"] = ca_bundle
        account_id = variables.value_of(variables.ACCOUNT_ID, environ)
        return cls(_credentials_of(environ), account_id, **options)

    @property
    def accounts(self) -> Accounts:
        """The accounts that the credentials see, and whether a token is valid."""
        return Accounts(self.transport)

    @property
    def projects(self) -> Projects:
        """The projects of the account: list, get, create, update, delete."""
        return Projects(self.transport, self.account_id)

    @property
    def deployments(self) -> Deployments:
        """The deployments of a project: list, get, create, logs, retry, roll back, delete."""
        return Deployments(self.transport, self.account_id)

    @property
    def domains(self) -> Domains:
        """The custom domains of a project: list, get, add, retry, delete."""
        return Domains(self.transport, self.account_id)

    @property
    def zones(self) -> Zones:
        """The zones that the credentials see, whose caches can be purged."""
        return Zones(self.transport)

    @property
    def assets(self) -> Assets:
        """The store of files that deployments are made from; `deploy` fills it by itself."""
        return Assets(self.transport)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _credentials_of(environ: Mapping[str, str]) -> Credentials:
    if token := variables.value_of(variables.API_TOKEN, environ):
        return Credentials.of_token(token)
    key = variables.value_of(variables.API_KEY, environ)
    email = variables.value_of(variables.EMAIL, environ)
    if key and email:
        return Credentials.of_key(key, email)
    raise SettingsError(
        "There is no API token in the environment.",
        f"Set {' or '.join(variables.API_TOKEN)}, to a token with the permission Account > "
        f"Cloudflare Pages > Edit (or, for the legacy key, {variables.API_KEY[0]} and "
        f"{variables.EMAIL[0]}). This form makes a token: {TOKEN_FORM}",
    )
