"""Records of what the API answers: the fields that are documented and that somebody uses.

Shapes: https://developers.cloudflare.com/api/resources/pages/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FINAL_FAILURES = frozenset({"failure", "canceled"})


@dataclass(frozen=True)
class Account:
    id: str
    name: str


@dataclass(frozen=True)
class Zone:
    id: str
    name: str


@dataclass(frozen=True)
class Stage:
    """One step of a deployment: queued, initialize, clone_repo, build or deploy."""

    name: str
    # idle, active, success, failure, canceled or skipped.
    status: str


@dataclass(frozen=True)
class Deployment:
    id: str
    # The first eight digits of the id: the deployment's own label under the project's domain.
    short_id: str
    project_name: str
    # production or preview.
    environment: str
    # The address of this deployment alone; it stays for ever.
    url: str
    # Further addresses that point here now: the branch alias, or custom domains.
    aliases: tuple[str, ...]
    # RFC 3339, UTC; empty where the server does not say.
    created_on: str
    latest_stage: Stage
    stages: tuple[Stage, ...]
    branch: str
    commit_hash: str
    commit_message: str
    # ad_hoc for a direct upload.
    trigger: str

    @property
    def succeeded(self) -> bool:
        """Whether the last stage, deploy, ended in success; no other stage proves anything."""
        return self.latest_stage == Stage("deploy", "success")

    @property
    def failed_stage(self) -> Stage | None:
        """The stage that failed or was canceled, which ends the deployment, if there is one."""
        for stage in (self.latest_stage, *self.stages):
            if stage.status in FINAL_FAILURES:
                return stage
        return None


@dataclass(frozen=True)
class Project:
    id: str
    name: str
    # Where production is served: `<name>.pages.dev`, or with a suffix where that was taken.
    subdomain: str
    # The subdomain and the custom domains.
    domains: tuple[str, ...]
    production_branch: str
    # github or gitlab for a project that Pages builds itself, empty for direct upload.
    source_type: str
    latest_deployment: Deployment | None
    # The deployment that production serves now.
    canonical_deployment: Deployment | None
    created_on: str
    build_command: str
    build_output_directory: str
    # By environment: production and preview.
    environments: Mapping[str, EnvironmentConfig]
    # Whether a push to its repository deploys.
    builds_by_itself: bool = False

    @property
    def production_url(self) -> str:
        """The address of production; an emulator's is on this machine, without TLS."""
        host = self.subdomain.partition(":")[0]
        scheme = "http" if host.endswith(".localhost") else "https"
        return f"{scheme}://{self.subdomain}/"

    @property
    def custom_domains(self) -> tuple[str, ...]:
        return tuple(domain for domain in self.domains if domain != self.subdomain)


@dataclass(frozen=True)
class Variable:
    """An environment variable of a project; a secret's value never comes back."""

    is_secret: bool
    value: str


@dataclass(frozen=True)
class EnvironmentConfig:
    """What a project sets for one of its environments."""

    variables: Mapping[str, Variable]
    compatibility_date: str
    compatibility_flags: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    """A custom domain of a project."""

    id: str
    name: str
    # initializing, pending, active, deactivated, blocked or error.
    status: str
    # What is wrong, in the server's words: with the proof of ownership, or the certificate.
    verification_error: str
    validation_error: str
    # How ownership is proved: http, or txt with the record that has to be there.
    validation_method: str
    txt_name: str
    txt_value: str
    created_on: str


@dataclass(frozen=True)
class TokenStatus:
    id: str
    # active, disabled or expired.
    status: str


@dataclass(frozen=True)
class LogLine:
    # RFC 3339, UTC.
    time: str
    text: str
