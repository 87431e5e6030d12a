"""What the emulator remembers: projects, deployments, assets, domains, purges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.state.domain_plans import DomainPlan
    from pages_deploy.emulator.state.stages import StagePlan

Environment = Literal["production", "preview"]
JsonObject = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pages project. Times are seconds since 1970, here as everywhere in this module."""

    id: str
    account_id: str
    name: str
    subdomain: str
    """Host label of the project's sites; differs from `name` where that one was taken."""
    production_branch: str
    created_on: float
    build_config: JsonObject
    deployment_configs: JsonObject
    source: JsonObject | None
    """The Git repository; None for a project of direct uploads."""


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What the creator said about the commit."""

    branch: str
    commit_hash: str = ""
    commit_message: str = ""
    commit_dirty: bool = False


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment as it was made; how far it is follows from its plan."""

    id: str
    sequence: int
    """Grows with every deployment of the emulator: newer is larger."""
    project_id: str
    environment: Environment
    alias: str | None
    """Host label of the branch; None for production."""
    created_on: float
    polls: int
    """How often somebody looked at this very deployment."""
    trigger: Trigger
    plan: StagePlan
    errors: tuple[str, ...]
    """Log lines for the case that it fails."""
    file_count: int
    uses_functions: bool

    @property
    def short_id(self) -> str:
        """First eight hex digits of the id: the host label of this deployment."""
        return self.id[:8]


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One stored content; its bytes are kept apart."""

    key: str
    content_type: str
    """As declared by the upload that came last."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A custom domain of a project."""

    id: str
    project_id: str
    name: str
    created_on: float
    polls: int
    """How often somebody looked at this very domain since its checks began."""
    plan: DomainPlan


@dataclass(frozen=True, kw_only=True)
class Purge:
    """An accepted request to purge or to invalidate a zone's cache."""

    id: str
    zone_id: str
    call: str
    """`purge_cache` or `invalidate_cache`."""
    created_on: float
    body: Mapping[str, object]
    """The request as it came: one of `purge_everything`, `files`, `tags`, `hosts`, `prefixes`."""
