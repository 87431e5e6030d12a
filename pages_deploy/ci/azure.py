"""Azure Pipelines.

https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.ci.base import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    is_branch,
    number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "azure"
TITLE = "Azure Pipelines"


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("TF_BUILD", "").lower() == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    ref = environ.get("BUILD_SOURCEBRANCH", "")
    # BUILD_SOURCEBRANCHNAME has only the last part of a name such as feature/tools.
    source = environ.get("SYSTEM_PULLREQUEST_SOURCEBRANCH", "")
    branch = (source or ref).removeprefix("refs/heads/")
    pull_request = number(
        first(environ, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID")
    )
    is_fork = environ.get("SYSTEM_PULLREQUEST_ISFORK", "").lower() == "true"
    if is_fork:
        branch = fork_branch(pull_request=pull_request, branch=branch)
    is_tag = ref.startswith("refs/tags/")
    usable = is_branch(branch)
    is_merge = bool(source) or ref.startswith("refs/pull/")
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch=branch if usable else "",
        commit_hash=first_commit_hash(
            environ.get("SYSTEM_PULLREQUEST_SOURCECOMMITID", ""),
            "" if is_merge else environ.get("BUILD_SOURCEVERSION", ""),
        ),
        commit_message="" if is_merge else environ.get("BUILD_SOURCEVERSIONMESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=""
        if usable or not ref
        else f"this build is of the {'tag' if is_tag else 'ref'} {ref.removeprefix('refs/tags/')}",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=_run_url(environ),
        repository=environ.get("BUILD_REPOSITORY_NAME", ""),
    )


def _run_url(environ: Mapping[str, str]) -> str:
    collection, project = environ.get("SYSTEM_COLLECTIONURI"), environ.get("SYSTEM_TEAMPROJECT")
    if not (collection and project and environ.get("BUILD_BUILDID")):
        return ""
    return f"{collection}{quote(project)}/_build/results?buildId={environ['BUILD_BUILDID']}"
