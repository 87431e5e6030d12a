"""What of a deployment is announced on the forge, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.pull_request_comment import PullRequestComment

if TYPE_CHECKING:
    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer
    from pages_deploy.forge.announcer import Announcer
    from pages_deploy.forge.forge import Forge


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """What is to be announced, where the forge has it."""

    project_name: str
    """As the user calls it."""
    deployment: bool = True
    environment_name: str = ""
    """The user's own name for the deployment's environment; empty for one for each project."""
    comment: bool = True


def announcers_at(
    forge: Forge, build: BuildContext, wanted: Announcements, *, timer: Timer
) -> list[Announcer]:
    """Return who is to be told of a build's deployment; the more important ones first."""
    announcers: list[Announcer] = []
    if wanted.deployment and forge.deployments is not None:
        named = wanted.environment_name
        announcers.append(GitHubDeployment(forge.deployments, build, named=named))
    if wanted.comment:
        announcers.append(
            PullRequestComment(forge, build, project_name=wanted.project_name, timer=timer)
        )
    return announcers
