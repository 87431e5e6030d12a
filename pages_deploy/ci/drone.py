"""Drone: https://docs.drone.io/pipeline/environment/reference/

Woodpecker, which has come out of it, has the same facts under other names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    is_called_like_its_target,
    pull_request_number,
    tag_reason,
)
from pages_deploy.ci.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Variables:
    """What the variables are called that tell a build's facts."""

    pull_request: str
    tag: str
    branch: str
    """Of a pull request the target, as everything with BRANCH in its name but the next."""
    source_branch: str
    target_branch: str
    default_branch: str
    commit_hash: str
    commit_message: str
    run_urls: tuple[str, ...]
    """The first that is set counts."""
    repository: str


def read(environ: Mapping[str, str], platform: str, names: Variables) -> BuildContext:
    """Read the facts that Drone and Woodpecker give in the same way."""

    def told(name: str) -> str:
        return environ.get(name, "")

    pull_request, tag = pull_request_number(told(names.pull_request)), told(names.tag)
    branch = told(names.source_branch if pull_request else names.branch)
    is_fork = is_called_like_its_target(
        pull_request=pull_request, branch=branch, target=told(names.target_branch)
    )
    # Nor may anybody's pull request be taken for the default branch, which is mostly production's.
    if is_fork or (pull_request and branch == told(names.default_branch)):
        branch = fork_branch(pull_request=pull_request)
    return BuildContext(
        platform=platform,
        is_ci=True,
        branch="" if tag else branch,
        commit_hash=first_commit_hash(told(names.commit_hash)),
        commit_message=told(names.commit_message),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=first(environ, *names.run_urls),
        repository=told(names.repository),
    )


VARIABLES = Variables(
    pull_request="DRONE_PULL_REQUEST",
    tag="DRONE_TAG",
    branch="DRONE_BRANCH",
    source_branch="DRONE_SOURCE_BRANCH",
    target_branch="DRONE_TARGET_BRANCH",
    default_branch="DRONE_REPO_BRANCH",
    commit_hash="DRONE_COMMIT_SHA",
    commit_message="DRONE_COMMIT_MESSAGE",
    run_urls=("DRONE_BUILD_LINK",),
    repository="DRONE_REPO",
)
PLATFORM = Platform(
    name="drone",
    detect=lambda environ: environ.get("DRONE") == "true",
    build=lambda environ: read(environ, "Drone", VARIABLES),
    secrets_place="Settings > Secrets, then `from_secret` in the step",
)
