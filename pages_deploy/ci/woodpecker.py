"""Woodpecker CI, whose CI_* variables are called like GitLab's and mean other things.

https://woodpecker-ci.org/docs/usage/environment
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext, first, first_commit_hash, fork_branch, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "woodpecker"
TITLE = "Woodpecker"


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("CI") == "woodpecker"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    pull_request = number(environ.get("CI_COMMIT_PULL_REQUEST", ""))
    tag = environ.get("CI_COMMIT_TAG", "")
    # CI_COMMIT_BRANCH is the target of a pull request.
    branch = environ.get("CI_COMMIT_SOURCE_BRANCH" if pull_request else "CI_COMMIT_BRANCH", "")
    # Forks are not told; but whose source is called like the target, that is one. Nor may anybody's
    # pull request be taken for the default branch, which is mostly production's.
    is_fork = bool(pull_request and branch) and branch == environ.get("CI_COMMIT_TARGET_BRANCH")
    if is_fork or (pull_request and branch == environ.get("CI_REPO_DEFAULT_BRANCH")):
        branch = fork_branch(pull_request=pull_request)
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch="" if tag else branch,
        commit_hash=first_commit_hash(environ.get("CI_COMMIT_SHA", "")),
        commit_message=environ.get("CI_COMMIT_MESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=first(environ, "CI_PIPELINE_URL", "CI_STEP_URL", "CI_BUILD_LINK"),
        repository=environ.get("CI_REPO", ""),
    )
