"""What of a deployment is announced on the forge, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.forge.announcer import Announced
from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.pull_request_comment import PullRequestComment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer
    from pages_deploy.forge.forge import Forge


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """What is to be announced, where the forge has it."""

    project_name: str
    """As the user calls it."""
    deployment: Callable[[str], None] | None = None
    """Who takes a sentence on why it failed; None where it is not wanted."""
    environment_name: str = ""
    """The user's own name for the deployment's environment; empty for one for each project."""
    comment: Callable[[str], None] | None = None
    """Who takes a sentence on why it failed; None where it is not wanted."""


def announcers_at(
    forge: Forge, build: BuildContext, wanted: Announcements, *, timer: Timer
) -> list[Announced]:
    """Return who is to be told of a build's deployment; the more important ones first."""
    announced: list[Announced] = []
    if wanted.deployment is not None and forge.deployments is not None:
        named = wanted.environment_name
        deployment = GitHubDeployment(forge.deployments, build, named=named)
        announced.append(Announced(deployment, wanted.deployment))
    if wanted.comment is not None:
        comment = PullRequestComment(forge, build, project_name=wanted.project_name, timer=timer)
        announced.append(Announced(comment, wanted.comment))
    return announced
