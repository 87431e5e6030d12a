"""GitLab CI.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext, first, first_commit_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "gitlab"
TITLE = "GitLab CI"


def detect(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("GITLAB_CI"))


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    # Set in merge request pipelines only, where CI_COMMIT_BRANCH is not.
    branch = first(
        environ,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
        "CI_COMMIT_BRANCH",
    )
    tag = environ.get("CI_COMMIT_TAG", "")
    if not branch and not tag:
        branch = environ.get("CI_COMMIT_REF_NAME", "")
    source = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
    if source and source != environ.get("CI_MERGE_REQUEST_PROJECT_ID", ""):
        branch = f"pr-{environ.get('CI_MERGE_REQUEST_IID', '')}"
    return BuildContext(
        TITLE,
        is_ci=True,
        branch=branch,
        # The first two are empty unless the pipeline runs on a synthetic merge commit.
        commit_hash=first_commit_hash(
            environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
            environ.get("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA", ""),
            environ.get("CI_COMMIT_SHA", ""),
        ),
        commit_message=environ.get("CI_COMMIT_MESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag else "",
    )
