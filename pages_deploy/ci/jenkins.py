"""Jenkins, classic and multibranch.

https://plugins.jenkins.io/git/#plugin-content-environment-variables and
https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext, first, first_commit_hash
from pages_deploy.ci.git import read_checkout, read_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "jenkins"
TITLE = "Jenkins"
REMOTES = ("origin/", "upstream/")


def detect(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("JENKINS_URL") and environ.get("BUILD_ID"))


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:
    change = first(environ, "CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid")
    if change:
        source = first(environ, "CHANGE_BRANCH", "ghprbSourceBranch", "gitlabSourceBranch")
        branch = f"pr-{change}" if environ.get("CHANGE_FORK") or not source else source
    elif environ.get("TAG_NAME"):
        branch = ""
    else:
        branch = first(environ, "BRANCH_NAME", "GIT_LOCAL_BRANCH") or _without_remote(
            environ.get("GIT_BRANCH", "")
        )
    checkout = read_checkout(directory)
    commit_hash = first_commit_hash(
        environ.get("ghprbActualCommit", ""),
        environ.get("GIT_COMMIT", ""),
        checkout.commit_hash if checkout is not None else "",
    )
    usable = branch not in {"", "detached", "HEAD"}
    return BuildContext(
        TITLE,
        is_ci=True,
        branch=branch if usable else "",
        commit_hash=commit_hash,
        commit_message=read_message(directory, commit_hash) if commit_hash else "",
        commit_dirty=False,
        no_branch_reason="" if usable else "Jenkins names no branch of this build",
    )


def _without_remote(branch: str) -> str:
    branch = branch.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    for remote in REMOTES:
        if branch.startswith(remote):
            return branch.removeprefix(remote)
    return branch
