"""What the emulator remembers: projects, deployments, assets, domains, purges.

Times are seconds since 1970, ids of what the emulator makes are UUIDs unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.state.domain_plans import DomainPlan
    from pages_deploy.emulator.state.stages import StagePlan

Environment = Literal["production", "preview"]
"""What a deployment is for."""

JsonObject = dict[str, object]
"""An object in JSON, of which nobody has checked what is in it."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pages project."""

    id: str
    """Stays, whatever the name."""

    account_id: str
    """32 hex digits."""

    name: str
    """Unlike those of the account's other projects."""

    subdomain: str
    """Host label of the project's sites; differs from `name` where that one was taken."""

    production_branch: str
    """Deployments of this branch go to production."""

    created_on: float
    """When it was made."""

    build_config: JsonObject
    """What was said of it, no defaults."""

    deployment_configs: JsonObject
    """Environment -> what was said of its configuration; values of secrets included."""

    source: JsonObject | None
    """The Git repository; None for a project of direct uploads."""


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What the creator said about the commit."""

    branch: str
    """The branch, or the production branch where none was named."""

    commit_hash: str = ""
    """As sent."""

    commit_message: str = ""
    """As received."""

    commit_dirty: bool = False
    """Whether the work tree had changes."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment as it was made; how far it is follows from its plan."""

    id: str
    """Its first eight digits are a host label."""

    sequence: int
    """Grows with every deployment of the emulator: newer is larger."""

    project_id: str
    """Whose deployment this is."""

    environment: Environment
    """Production for the branch that was the project's production branch at the time."""

    alias: str | None
    """Host label of the branch; None for production."""

    created_on: float
    """When it was made: the stages count from here."""

    polls: int
    """How often somebody looked at this very deployment."""

    trigger: Trigger
    """What it was made of, as far as its creator said so."""

    plan: StagePlan
    """Where and how it ends."""

    errors: tuple[str, ...]
    """Log lines for the case that it fails."""

    file_count: int
    """Paths in its manifest."""

    uses_functions: bool
    """Whether a Worker came along."""

    wrangler_config_hash: str = ""
    """SHA-256 of the configuration file in force, as its sender said; empty for none."""

    pages_build_output_dir: str = ""
    """The build directory of that file."""

    @property
    def short_id(self) -> str:
        """First eight hex digits of the id: the host label of this deployment."""
        return self.id[:8]


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One stored content; its bytes are kept apart."""

    key: str
    """32 hex digits, as `asset_keys` makes them."""

    content_type: str
    """As declared by the upload that came last."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A custom domain of a project."""

    id: str
    """Also its `domain_id`."""

    project_id: str
    """Whose domain this is."""

    name: str
    """In lower case."""

    created_on: float
    """When it was attached."""

    polls: int
    """How often somebody looked at this very domain since its checks began."""

    plan: DomainPlan
    """How its checks end."""


@dataclass(frozen=True, kw_only=True)
class Purge:
    """An accepted request to purge or to invalidate a zone's cache."""

    id: str
    """32 hex digits, as the answer named them."""

    zone_id: str
    """32 hex digits."""

    call: str
    """`purge_cache` or `invalidate_cache`."""

    created_on: float
    """When it was asked for."""

    body: Mapping[str, object]
    """The request as it came: one of `purge_everything`, `files`, `tags`, `hosts`, `prefixes`."""
