"""Records of what the API answers: the fields that are documented and that somebody uses.

Shapes: https://developers.cloudflare.com/api/resources/pages/. A text that the server does not give
is empty. A moment is an aware `datetime`, None where the server gives none; `str()` of it is the
server's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FINAL_FAILURES = frozenset({"failure", "canceled", "skipped"})


@dataclass(frozen=True)
class Account:
    """An account that the credentials see."""

    id: str
    """32 hex digits."""
    name: str


@dataclass(frozen=True)
class Zone:
    """A domain that Cloudflare serves, with the cache in front of it."""

    id: str
    """32 hex digits."""
    name: str
    """The domain, such as `example.com`."""


@dataclass(frozen=True)
class Stage:
    """One step of a deployment."""

    name: str
    """queued, initialize, clone_repo, build or deploy, in this order."""
    status: str
    """idle, active, success, failure, canceled or skipped."""


@dataclass(frozen=True)
class Deployment:
    """A deployment as it was when the server was asked.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/get/
    """

    id: str
    """A UUID."""
    short_id: str
    """The first eight digits of the id: the deployment's own label under the project's domain."""
    project_name: str
    environment: str
    """production or preview."""
    url: str
    """The address of this deployment alone; it stays for ever. Empty where the server names none
    that could be one."""
    aliases: tuple[str, ...]
    """Further addresses that point here now: the branch alias, or custom domains."""
    created_on: datetime | None
    latest_stage: Stage
    """The stage that has begun last."""
    stages: tuple[Stage, ...]
    """All stages in their order, those included that have not begun. Of a deployment that has ended
    they may still say `queued: active`; only `latest_stage` counts."""
    branch: str
    commit_hash: str
    commit_message: str
    trigger: str
    """What made it: ad_hoc for a direct upload, github:push for a build of Pages' own."""
    is_skipped: bool = False
    """Whether Pages has passed it over: it never begins, and its stage may stay `idle`."""
    skip_reason: str = ""
    """Why, in the server's word, such as `superseded_queued_build`."""

    @property
    def succeeded(self) -> bool:
        """Whether the last stage, deploy, ended in success; no other stage proves anything."""
        return self.latest_stage == Stage("deploy", "success") and not self.is_skipped

    @property
    def was_skipped(self) -> bool:
        """Whether it will never be what it was to be, although nothing failed."""
        has_reason = bool(self.skip_reason) and not self.succeeded
        return self.is_skipped or has_reason or self.latest_stage.status == "skipped"

    @property
    def failed_stage(self) -> Stage | None:
        """The stage that failed, was canceled or skipped, which ends the deployment, if any."""
        is_over = self.was_skipped or self.latest_stage.status in FINAL_FAILURES
        return self.latest_stage if is_over else None


@dataclass(frozen=True)
class Project:
    """A project as it was when the server was asked.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/get/
    """

    id: str
    name: str
    subdomain: str
    """Where production is served: `<name>.pages.dev`, or with a suffix where that was taken."""
    domains: tuple[str, ...]
    """The subdomain and the custom domains."""
    production_branch: str
    source_type: str
    """github or gitlab for a project that is connected to a repository, empty for direct upload."""
    latest_deployment: Deployment | None
    """The newest of all, previews included; None before the first."""
    canonical_deployment: Deployment | None
    """The deployment that production serves now; None before the first."""
    created_on: datetime | None
    build_command: str
    build_output_directory: str
    environments: Mapping[str, EnvironmentConfig]
    """By environment: production and preview."""
    builds_by_itself: bool = False
    """Whether a push to its repository deploys."""

    @property
    def production_url(self) -> str:
        """The address of production that Pages itself gives it."""
        return f"{_address_of(self.subdomain)}/"

    def preview_url(self, label: str) -> str:
        """Return the address of a preview by its label of a host, without a final slash."""
        return _address_of(f"{label}.{self.subdomain}")

    @property
    def custom_domains(self) -> tuple[str, ...]:
        """The domains without the subdomain, in the server's order, active or not."""
        return tuple(domain for domain in self.domains if domain != self.subdomain)


@dataclass(frozen=True)
class Variable:
    """An environment variable of a project."""

    is_secret: bool
    value: str
    """Empty where the server answers with a secret: its value never comes back."""


@dataclass(frozen=True)
class EnvironmentConfig:
    """What a project sets for one of its environments."""

    variables: Mapping[str, Variable]
    """By name."""
    compatibility_date: str
    """The date whose behavior Workers have, as in `2026-01-31`."""
    compatibility_flags: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    """A custom domain of a project, as it was when the server was asked.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/methods/get/
    """

    id: str
    name: str
    status: str
    """initializing, pending, active, deactivated, blocked or error."""
    verification_error: str
    """What is wrong with the proof of ownership, in the server's words; empty if nothing is."""
    validation_error: str
    """What is wrong with the certificate, in the server's words; empty if nothing is."""
    validation_method: str
    """How ownership is proved for the certificate: http, or txt by a DNS record."""
    txt_name: str
    """Where the method is txt, the name of the record that has to be there."""
    txt_value: str
    """Where the method is txt, the value of that record."""
    created_on: datetime | None

    @property
    def url(self) -> str:
        """The address at which it is visited, without a final slash."""
        return _address_of(self.name)


@dataclass(frozen=True)
class TokenStatus:
    """Whether an API token is valid."""

    id: str
    status: str
    """active, disabled or expired."""


@dataclass(frozen=True)
class LogLine:
    """A line of a deployment's log."""

    time: datetime | None
    text: str


def _address_of(host: str) -> str:
    """Return the address of a host; what an emulator serves is on this machine, without TLS."""
    is_here = host.partition(":")[0].endswith(".localhost")
    return f"{'http' if is_here else 'https'}://{host}"
