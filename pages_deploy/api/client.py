"""The door to the API: one object with a member for each resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.accounts import Accounts
from pages_deploy.api.assets import Assets
from pages_deploy.api.call import Credentials
from pages_deploy.api.deployments import Deployments
from pages_deploy.api.domains import Domains
from pages_deploy.api.projects import Projects
from pages_deploy.api.transport import API_BASE_URL, READ_TIMEOUT_SECONDS, Transport
from pages_deploy.api.zones import Zones
from pages_deploy.retry import OnRetry, ignore_retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pages_deploy.clock import Timer


class PagesClient:
    """A client of the Cloudflare Pages API for one account.

    `api_token` may also be `Credentials`, for the legacy key. Without an `account_id` only
    `accounts` and `zones` can be used. Close it, or use it in a `with` block.
    """

    def __init__(
        self,
        api_token: str | Credentials,
        account_id: str = "",
        *,
        base_url: str = API_BASE_URL,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        ca_bundle: str | None = None,
        timer: Timer | None = None,
        on_retry: OnRetry = ignore_retry,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        credentials = Credentials.of_token(api_token) if isinstance(api_token, str) else api_token
        self.account_id = account_id
        self.ca_bundle = ca_bundle
        self.transport = Transport(
            credentials,
            base_url=base_url,
            read_timeout_seconds=read_timeout_seconds,
            ca_bundle=ca_bundle,
            timer=timer,
            on_retry=on_retry,
            on_wait=on_wait,
        )
        self.accounts = Accounts(self.transport)
        self.projects = Projects(self.transport, account_id)
        self.deployments = Deployments(self.transport, account_id)
        self.domains = Domains(self.transport, account_id)
        self.assets = Assets(self.transport)
        self.zones = Zones(self.transport)

    def close(self) -> None:
        self.transport.close()

    def __enter__(self) -> PagesClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
