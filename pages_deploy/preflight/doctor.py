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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pages_deploy.deploy.target import refuse_git_project
from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    PagesDeployError,
)
from pages_deploy.net.sessions import new_session
from pages_deploy.preflight.diagnosis import Diagnosis
from pages_deploy.proof.proof import status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project

# TLS and tokens tolerate about this much.
MAX_SKEW_SECONDS = 60.0


class _Outcome(NamedTuple):
    """A finding whose subject is known to whoever asked for it."""

    words: str
    remedy: str = ""
    exit_code: int = 0


@dataclass
class Doctor:
    """The checks of one set of settings, through a client that is made of them."""

    client: PagesClient
    is_legacy_key: bool
    """Whether the credentials are a key and an e-mail address in place of a token."""
    project_name: str
    branch: str
    """The branch that would be deployed; empty where it is not known."""
    zone_id: str
    """The zone whose cache would be purged; empty for none."""
    ca_bundle: str | None
    """A file of certificates to trust when the site is asked; None for the usual ones."""
    _project: Project | None = field(default=None, init=False)

    def examine(self) -> Iterator[Diagnosis]:
        """Yield the findings; the first bad one ends it, since what follows depends on it."""
        checks: dict[str, Callable[[], _Outcome]] = {
            "network": self._network,
            "clock": self._clock,
            "token": self._token,
            "account": self._account,
            "project": self._find_project,
            "permission": self._permission,
            "branch": self._environment,
        }
        if self.zone_id:
            checks["zone"] = self._zone
        checks["site"] = self._site
        for subject, check in checks.items():
            try:
                outcome = check()
            except PagesDeployError as error:
                outcome = _Outcome(error.message, error.hint, error.exit_code)
            yield Diagnosis(subject, not outcome.exit_code, *outcome)
            if outcome.exit_code:
                return

    def _network(self) -> _Outcome:
        # A clear no shows as well as a yes that the way is open.
        with contextlib.suppress(AuthenticationError, NotFoundError):
            self.client.accounts.verify_user_token()
        return _Outcome(f"{self.client.transport.base_url} answers")

    def _clock(self) -> _Outcome:
        skew = self.client.transport.clock_skew_seconds
        if skew is None:
            return _Outcome("the API sends no date to compare with")
        if abs(skew) <= MAX_SKEW_SECONDS:
            return _Outcome(f"agrees with the API's within {max(1, round(abs(skew)))} s")
        return _Outcome(
            f"differs from the API's by {round(skew)} s",
            "Set this machine's clock: certificates and tokens are judged by it.",
        )

    def _token(self) -> _Outcome:
        if self.is_legacy_key:
            self.client.accounts.list()
            return _Outcome(
                "a legacy key, which can do all that its user can",
                "Make an API token with the permission Account > Cloudflare Pages > Edit instead.",
            )
        try:
            status, owner = self.client.accounts.verify_user_token(), "a user"
        except AuthenticationError:
            # An account's own token is unknown to the user's endpoint.
            account_id = self.client.account_id
            status, owner = self.client.accounts.verify_account_token(account_id), "an account"
        if status.status != "active":
            return _Outcome(
                f"The API token is {status.status}.",
                "Make a new one in the dashboard.",
                AuthenticationError.exit_code,
            )
        return _Outcome(f"active, belongs to {owner}")

    def _account(self) -> _Outcome:
        names = {account.id: account.name for account in self.client.accounts.list()}
        account_id = self.client.account_id
        if account_id in names:
            return _Outcome(f"{account_id} ({names[account_id]})")
        # A token for Pages alone may list no account and still deploy.
        return _Outcome(
            f"{account_id}, which the token cannot list; the project will show whether it is right"
        )

    def _find_project(self) -> _Outcome:
        self._project = project = self.client.projects.get(self.project_name)
        served = f"production is branch '{project.production_branch}' at {project.production_url}"
        refuse_git_project(project)
        if project.source_type:
            return _Outcome(
                f"'{project.name}' is built by Pages from {project.source_type}; {served}",
                "Its automatic deployments are off, so what is deployed from here stays.",
            )
        return _Outcome(f"'{project.name}' takes direct uploads; {served}")

    def _permission(self) -> _Outcome:
        # Only who may deploy gets an upload token, and getting one changes nothing.
        try:
            self.client.projects.upload_token(self.project_name)
        except ApiResponseError as error:
            if self._project is None or not self._project.source_type:
                raise
            return _Outcome(
                error.message,
                "The project is built by Pages: make one for direct uploads with: pages-deploy "
                "projects create NAME",
                error.exit_code,
            )
        return _Outcome("the token may deploy")

    def _environment(self) -> _Outcome:
        if self._project is None or not self.branch:
            return _Outcome("not known here; without one a deployment goes to production")
        target = "production" if self.branch == self._project.production_branch else "a preview"
        return _Outcome(f"'{self.branch}' would be {target}")

    def _zone(self) -> _Outcome:
        try:
            zone = self.client.zones.get(self.zone_id)
        except (AuthenticationError, NotFoundError) as error:
            # The permission to purge does not include the one to read.
            return _Outcome(
                f"{self.zone_id} cannot be looked at ({error.message})",
                "That is fine where the token has Zone > Cache Purge > Purge for it.",
            )
        return _Outcome(f"{zone.name}; only a purge shows whether the token may purge it")

    def _site(self) -> _Outcome:
        if self._project is None:
            return _Outcome("not asked")
        address = self._project.production_url
        with new_session(ca_bundle=self.ca_bundle) as session:
            status, reason = status_of(session, address)
        if status is None:
            return _Outcome(
                f"{address} cannot be reached from here ({reason})",
                "Deploying works all the same; what is served cannot be checked from here.",
            )
        if reason:
            return _Outcome(
                f"{address} answers with {reason} (HTTP {status}), so its files cannot be checked"
            )
        return _Outcome(f"{address} answers with HTTP {status}")
