"""GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    pull_request_number,
    tag_reason,
)
from pages_deploy.ci.platform import Dialect, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(environ: Mapping[str, str]) -> BuildContext:
    pull_request = pull_request_number(
        first(environ, "CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID")
    ) or _first_open(environ.get("CI_OPEN_MERGE_REQUESTS", ""))
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
    external = environ.get("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "")
    is_fork = (
        bool(source) and source != environ.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    ) or external != environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "")
    commit = environ.get("CI_COMMIT_SHA", "")
    # The first two are empty unless the pipeline runs on a synthetic merge commit.
    commit_hash = first_commit_hash(
        environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
        environ.get("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA", ""),
        commit,
    )
    return BuildContext(
        platform="GitLab CI",
        is_ci=True,
        branch=fork_branch(pull_request=pull_request, branch=branch) if is_fork else branch,
        commit_hash=commit_hash,
        # Of the commit of CI_COMMIT_SHA, whichever that is.
        commit_message=environ.get("CI_COMMIT_MESSAGE", "") if commit_hash == commit else "",
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=first(environ, "CI_JOB_URL", "CI_PIPELINE_URL"),
        repository=environ.get("CI_PROJECT_PATH", ""),
    )


def _first_open(text: str) -> str:
    """Return the first of the merge requests that the branch of a branch pipeline has open."""
    return pull_request_number(text.partition(",")[0].rpartition("!")[2])


PLATFORM = Platform(
    name="gitlab",
    detect=lambda environ: bool(environ.get("GITLAB_CI")),
    build=_build,
    secrets_place="Settings > CI/CD > Variables",
    dialect=Dialect(
        open_section=lambda title, time: (
            f"\x1b[0Ksection_start:{time}:pages_deploy[collapsed=true]\r\x1b[0K{title}"
        ),
        close_section=lambda time: f"\x1b[0Ksection_end:{time}:pages_deploy\r\x1b[0K",
    ),
)
