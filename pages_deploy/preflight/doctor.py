"""Would a deployment work? One finding for each thing it needs, in the order in which it does.

1. The network: does the API answer, and do its clock and ours agree?
2. The token: is it valid, and whose is it?
3. The account: is it clear, and does the token see it?
4. The project: does it exist, which branch is production, does Pages build it itself?
5. The permission to deploy: an upload token is given only to who may.
6. The zone and the site, where there are any.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.deploy.target import refuse_git_project
from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    PagesDeployError,
)
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.proof import status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project

# TLS and tokens tolerate about this much.
MAX_SKEW_SECONDS = 60.0


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    subject: str
    # Whether a deployment can work as far as this goes.
    fine: bool
    words: str
    # What to do; good findings may carry advice too.
    remedy: str = ""
    exit_code: int = 0


class TokenStatusError(PagesDeployError):
    """The token is known, but may not be used any more."""

    exit_code = AuthenticationError.exit_code


class Doctor:
    """The checks of one set of settings; each returns words, or raises a PagesDeployError."""

    def __init__(
        self,
        client: PagesClient,
        *,
        is_legacy_key: bool,
        project_name: str,
        branch: str,
        zone_id: str,
        ca_bundle: str | None,
    ) -> None:
        self._client = client
        self._is_legacy_key = is_legacy_key
        self._project_name = project_name
        self._branch = branch
        self._zone_id = zone_id
        self._ca_bundle = ca_bundle
        self._project: Project | None = None

    def examine(self) -> Iterator[Finding]:
        """Yield the findings; the first bad one ends it, since what follows depends on it."""
        checks: list[tuple[str, Callable[[], str]]] = [
            ("network", self.network),
            ("clock", self.clock),
            ("token", self.token),
            ("account", self.account),
            ("project", self.project),
            ("permission", self.permission),
            ("branch", self.branch),
        ]
        if self._zone_id:
            checks.append(("zone", self.zone))
        checks.append(("site", self.site))
        for subject, check in checks:
            try:
                words, _, remedy = check().partition("\n")
            except PagesDeployError as error:
                yield Finding(subject, False, error.message, error.hint, error.exit_code)
                return
            yield Finding(subject, True, words, remedy)

    def network(self) -> str:
        # A clear no shows as well as a yes that the way is open.
        with contextlib.suppress(AuthenticationError, NotFoundError):
            self._client.accounts.verify_user_token()
        return f"{self._client.transport.base_url} answers"

    def clock(self) -> str:
        skew = self._client.transport.clock_skew_seconds
        if skew is None:
            return "the API sends no date to compare with"
        if abs(skew) <= MAX_SKEW_SECONDS:
            return f"agrees with the API's within {max(1, round(abs(skew)))} s"
        return (
            f"differs from the API's by {round(skew)} s\n"
            "Set this machine's clock: certificates and tokens are judged by it."
        )

    def token(self) -> str:
        if self._is_legacy_key:
            self._client.accounts.list()
            return (
                "a legacy key, which can do all that its user can\n"
                "Make an API token with the permission Account > Cloudflare Pages > Edit instead."
            )
        try:
            status, owner = self._client.accounts.verify_user_token(), "a user"
        except AuthenticationError:
            # An account's own token is unknown to the user's endpoint.
            account_id = self._client.account_id
            status, owner = self._client.accounts.verify_account_token(account_id), "an account"
        if status.status != "active":
            raise TokenStatusError(
                f"The API token is {status.status}.", "Make a new one in the dashboard."
            )
        return f"active, belongs to {owner}"

    def account(self) -> str:
        names = {account.id: account.name for account in self._client.accounts.list()}
        account_id = self._client.account_id
        if account_id in names:
            return f"{account_id} ({names[account_id]})"
        # A token for Pages alone may list no account and still deploy.
        return (
            f"{account_id}, which the token cannot list; the project will show whether it is right"
        )

    def project(self) -> str:
        self._project = project = self._client.projects.get(self._project_name)
        served = f"production is branch '{project.production_branch}' at {project.production_url}"
        refuse_git_project(project)
        if project.source_type:
            return (
                f"'{project.name}' is built by Pages from {project.source_type}; {served}\n"
                "Its automatic deployments are off, so what is deployed from here stays."
            )
        return f"'{project.name}' takes direct uploads; {served}"

    def permission(self) -> str:
        # Only who may deploy gets an upload token, and getting one changes nothing.
        try:
            self._client.projects.upload_token(self._project_name)
        except ApiResponseError as error:
            if self._project is not None and self._project.source_type:
                error.hint = (
                    "The project is built by Pages: make one for direct uploads by: pages-deploy "
                    "projects create NAME"
                )
            raise
        return "the token may deploy"

    def branch(self) -> str:
        if self._project is None or not self._branch:
            return "not known here; without one a deployment goes to production"
        target = "production" if self._branch == self._project.production_branch else "a preview"
        return f"'{self._branch}' would be {target}"

    def zone(self) -> str:
        try:
            zone = self._client.zones.get(self._zone_id)
        except (AuthenticationError, NotFoundError) as error:
            # The permission to purge does not include the one to look.
            return (
                f"{self._zone_id} cannot be looked at ({error.message})\n"
                "That is fine where the token has Zone > Cache Purge > Purge for it."
            )
        return f"{zone.name}; only a purge shows whether the token may purge it"

    def site(self) -> str:
        if self._project is None:
            return "not asked"
        scheme = (
            "http" if self._project.subdomain.rpartition(":")[0].endswith("localhost") else "https"
        )
        address = f"{scheme}://{self._project.subdomain}/"
        with new_session(ca_bundle=self._ca_bundle) as session:
            status, reason = status_of(session, address)
        if status is None:
            return (
                f"{address} cannot be reached from here ({reason})\n"
                "Deploying works all the same; what is served cannot be checked from here."
            )
        return f"{address} answers with HTTP {status}"
