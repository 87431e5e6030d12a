"""CircleCI: https://circleci.com/docs/reference/variables/"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    pull_request_number,
    tag_reason,
)
from pages_deploy.ci.platform import Platform, WriteLine, append, variable_names
from pages_deploy.text.escaping import shell_word

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the build of a fork calls its branch; by the API also `pull/N/head`.
_FORK_BRANCH = re.compile(r"pull/([0-9]+)(?:/(?:head|merge))?")


def _build(environ: Mapping[str, str]) -> BuildContext:
    address = environ.get("CIRCLE_PULL_REQUEST", "")
    branch, tag = environ.get("CIRCLE_BRANCH", ""), environ.get("CIRCLE_TAG", "")
    found = _FORK_BRANCH.fullmatch(branch)
    of_fork = pull_request_number(found[1]) if found else ""
    pull_request = pull_request_number(
        of_fork or environ.get("CIRCLE_PR_NUMBER", "") or address.rpartition("/")[2]
    )
    # CIRCLE_PR_NUMBER is often set by hand for every pull request.
    is_fork = bool(of_fork or first(environ, "CIRCLE_PR_REPONAME", "CIRCLE_PR_USERNAME"))
    owner = environ.get("CIRCLE_PR_USERNAME", "")
    if is_fork:
        branch = fork_branch(pull_request=pull_request, owner=owner, branch=branch)
    user = environ.get("CIRCLE_PROJECT_USERNAME", "")
    name = environ.get("CIRCLE_PROJECT_REPONAME", "")
    return BuildContext(
        platform="CircleCI",
        is_ci=True,
        branch=branch,
        commit_hash=first_commit_hash(environ.get("CIRCLE_SHA1", "")),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag and not branch else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=environ.get("CIRCLE_BUILD_URL", ""),
        repository=f"{user}/{name}" if user and name else "",
    )


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], _write: WriteLine) -> None:
    """Export variables to later steps of the job, whose shells read the file BASH_ENV."""
    if path := environ.get("BASH_ENV", ""):
        lines = (
            f"export {name}={shell_word(value)}\n"
            for name, value in variable_names(outputs).items()
        )
        append(path, "".join(lines))


PLATFORM = Platform(
    name="circleci",
    detect=lambda environ: environ.get("CIRCLECI") == "true",
    build=_build,
    secrets_place="Project settings > Environment variables",
    hand_back=hand_back,
)
