"""Travis CI: https://docs.travis-ci.com/user/environment-variables/"""

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
    pull_request = pull_request_number(environ.get("TRAVIS_PULL_REQUEST", ""))
    tag = environ.get("TRAVIS_TAG", "")
    repository = environ.get("TRAVIS_REPO_SLUG", "")
    source = environ.get("TRAVIS_PULL_REQUEST_SLUG", "")
    # TRAVIS_BRANCH is the target of a pull request, and the tag of a tag's build.
    branch = environ.get("TRAVIS_PULL_REQUEST_BRANCH" if pull_request else "TRAVIS_BRANCH", "")
    is_fork = bool(pull_request) and source != repository
    if is_fork:
        branch = fork_branch(pull_request=pull_request, branch=branch)
    return BuildContext(
        platform="Travis CI",
        is_ci=True,
        branch="" if tag else branch,
        commit_hash=first_commit_hash(
            environ.get("TRAVIS_PULL_REQUEST_SHA" if pull_request else "TRAVIS_COMMIT", "")
        ),
        # Of TRAVIS_COMMIT, which for a pull request is a merge that nobody pushed.
        commit_message="" if pull_request else environ.get("TRAVIS_COMMIT_MESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=first(environ, "TRAVIS_JOB_WEB_URL", "TRAVIS_BUILD_WEB_URL"),
        repository=repository,
    )


PLATFORM = Platform(
    name="travis",
    detect=lambda environ: environ.get("TRAVIS") == "true",
    build=_build,
    secrets_place="Settings > Environment variables",
    dialect=Dialect(
        open_section=lambda title, _time: f"travis_fold:start:pages_deploy\r\x1b[0K{title}",
        close_section=lambda _time: "travis_fold:end:pages_deploy\r\x1b[0K",
    ),
)
