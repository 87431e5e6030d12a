"""Drone.

https://docs.drone.io/pipeline/environment/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext, first_commit_hash, fork_branch, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "drone"
TITLE = "Drone"


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("DRONE") == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    pull_request = number(environ.get("DRONE_PULL_REQUEST", ""))
    tag = environ.get("DRONE_TAG", "")
    # Every other variable with BRANCH in its name is the target of a pull request.
    branch = environ.get("DRONE_SOURCE_BRANCH" if pull_request else "DRONE_BRANCH", "")
    # Forks are not told; but whose source is called like the target, that is one. Nor may anybody's
    # pull request be taken for the default branch, which is mostly production's.
    is_fork = bool(pull_request and branch) and branch == environ.get("DRONE_TARGET_BRANCH")
    if is_fork or (pull_request and branch == environ.get("DRONE_REPO_BRANCH")):
        branch = fork_branch(pull_request=pull_request)
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch="" if tag else branch,
        commit_hash=first_commit_hash(environ.get("DRONE_COMMIT_SHA", "")),
        commit_message=environ.get("DRONE_COMMIT_MESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=environ.get("DRONE_BUILD_LINK", ""),
        repository=environ.get("DRONE_REPO", ""),
    )
