"""Jenkins, classic and multibranch.

https://plugins.jenkins.io/git/#plugin-content-environment-variables and
https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    number,
    slug_of,
)
from pages_deploy.ci.git import read_remote_ref

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "jenkins"
TITLE = "Jenkins"
REMOTES = ("origin/", "upstream/")


def detect(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("JENKINS_URL") and environ.get("BUILD_ID"))


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:
    change = number(first(environ, "CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid"))
    tag = environ.get("TAG_NAME", "")
    # In a multibranch job of a pull request BRANCH_NAME is PR-24.
    source = first(environ, "CHANGE_BRANCH", "ghprbSourceBranch", "gitlabSourceBranch")
    owner = environ.get("CHANGE_FORK", "").partition("/")[0]
    is_fork = bool(owner) or (bool(change) and _is_plugins_fork(environ, source))
    if is_fork:
        branch = fork_branch(pull_request=change, owner=owner, branch=source)
    elif change:
        # Some plugins do not say where the change comes from.
        branch = source or fork_branch(pull_request=change)
    elif tag:
        branch = ""
    else:
        branch = first(environ, "BRANCH_NAME", "GIT_LOCAL_BRANCH") or _without_remote(
            environ.get("GIT_BRANCH", "")
        )
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch="" if branch in {"detached", "HEAD"} else branch,
        commit_hash=_commit_hash(environ, directory, is_change=bool(change)),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag and not change else "",
        pull_request=change,
        is_fork=is_fork,
        run_url=environ.get("BUILD_URL", ""),
        repository=slug_of(first(environ, "GIT_URL", "GIT_URL_1")),
    )


def _is_plugins_fork(environ: Mapping[str, str], source: str) -> bool:
    """Whether a change is a fork's, by the plugins that build changes in classic jobs."""
    target = first(environ, "CHANGE_TARGET", "ghprbTargetBranch", "gitlabTargetBranch")
    github = slug_of(environ.get("ghprbAuthorRepoGitUrl", ""))
    gitlab = environ.get("gitlabSourceRepoHttpUrl", "")
    return bool(
        (github and github != environ.get("ghprbGhRepository"))
        or (gitlab and gitlab != environ.get("gitlabTargetRepoHttpUrl"))
        # No branch is to be merged into itself.
        or (source and source == target)
    )


def _commit_hash(environ: Mapping[str, str], directory: Path, *, is_change: bool) -> str:
    """Return the commit that its author pushed, or nothing.

    GIT_COMMIT of a change may be a merge that only this agent has; what was fetched is in the
    remote's ref.
    """
    name = environ.get("BRANCH_NAME", "") if is_change else ""
    return first_commit_hash(
        environ.get("ghprbActualCommit", ""),
        environ.get("gitlabMergeRequestLastCommit", "") if is_change else "",
        read_remote_ref(directory, f"origin/{name}") if name else "",
        # A change that is built both by itself and merged has this for the merged one.
        "" if name.endswith("-merge") else environ.get("GIT_COMMIT", ""),
    )


def _without_remote(branch: str) -> str:
    branch = branch.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    for remote in REMOTES:
        if branch.startswith(remote):
            return branch.removeprefix(remote)
    return branch
