"""Jenkins: https://plugins.jenkins.io/git/#plugin-content-environment-variables

Classic jobs and multibranch ones, which have more:
https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    is_called_like_its_target,
    pull_request_number,
    slug_of,
    tag_reason,
)
from pages_deploy.ci.git import read_remote_ref
from pages_deploy.ci.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REMOTES = ("origin/", "upstream/")


def _build(environ: Mapping[str, str]) -> BuildContext:
    change = _change(environ)
    tag = environ.get("TAG_NAME", "")
    # In a multibranch job of a pull request BRANCH_NAME is PR-24.
    source = first(environ, "CHANGE_BRANCH", "ghprbSourceBranch", "gitlabSourceBranch")
    owner = environ.get("CHANGE_FORK", "").partition("/")[0]
    is_fork = bool(owner) or (bool(change) and _is_plugins_fork(environ, change, source))
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
        platform="Jenkins",
        is_ci=True,
        branch="" if branch in {"detached", "HEAD"} else branch,
        commit_hash=_commit_hash(environ),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag and not change else "",
        pull_request=change,
        is_fork=is_fork,
        run_url=environ.get("BUILD_URL", ""),
        repository=slug_of(first(environ, "GIT_URL", "GIT_URL_1")),
    )


def _is_plugins_fork(environ: Mapping[str, str], change: str, source: str) -> bool:
    """Whether a change is a fork's, by the plugins that build changes in classic jobs."""
    target = first(environ, "CHANGE_TARGET", "ghprbTargetBranch", "gitlabTargetBranch")
    github = slug_of(environ.get("ghprbAuthorRepoGitUrl", ""))
    gitlab = environ.get("gitlabSourceRepoHttpUrl", "")
    return bool(
        (github and github != environ.get("ghprbGhRepository"))
        or (gitlab and gitlab != environ.get("gitlabTargetRepoHttpUrl"))
        or is_called_like_its_target(pull_request=change, branch=source, target=target)
    )


def _change(environ: Mapping[str, str]) -> str:
    """Return the number of the pull or merge request, or nothing."""
    return pull_request_number(first(environ, "CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid"))


def _told_by_plugin(environ: Mapping[str, str]) -> str:
    """Return the commit that its author pushed, where a plugin tells it."""
    return first_commit_hash(
        environ.get("ghprbActualCommit", ""),
        environ.get("gitlabMergeRequestLastCommit", "") if _change(environ) else "",
    )


def _commit_hash(environ: Mapping[str, str]) -> str:
    name = environ.get("BRANCH_NAME", "")
    # A change that is built both by itself and merged has this for the merged one.
    is_merge = bool(_change(environ)) and name.endswith("-merge")
    commit = "" if is_merge else environ.get("GIT_COMMIT", "")
    return first_commit_hash(_told_by_plugin(environ), commit)


def _find_commit(environ: Mapping[str, str], directory: Path) -> str:
    """Return the commit of a change that was fetched, which the remote's ref has.

    GIT_COMMIT of a change may be a merge that only this agent has.
    """
    name = environ.get("BRANCH_NAME", "")
    if not name or not _change(environ) or _told_by_plugin(environ):
        return ""
    return read_remote_ref(directory, f"origin/{name}")


def _without_remote(branch: str) -> str:
    branch = branch.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    for remote in REMOTES:
        if branch.startswith(remote):
            return branch.removeprefix(remote)
    return branch


PLATFORM = Platform(
    name="jenkins",
    detect=lambda environ: bool(environ.get("JENKINS_URL") and environ.get("BUILD_ID")),
    build=_build,
    secrets_place="Manage Jenkins > Credentials, then `withCredentials` in the pipeline",
    find_commit=_find_commit,
)
