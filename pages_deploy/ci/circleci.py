"""CircleCI.

https://circleci.com/docs/reference/variables/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages_deploy.ci.base import (
    BuildContext,
    WriteLine,
    append,
    first,
    first_commit_hash,
    fork_branch,
    number,
    variable_names,
)
from pages_deploy.text.escaping import shell_word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "circleci"
TITLE = "CircleCI"
# What the build of a fork calls its branch; by the API also `pull/N/head`.
_FORK_BRANCH = re.compile(r"pull/([0-9]+)(?:/(?:head|merge))?")


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("CIRCLECI") == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    address = environ.get("CIRCLE_PULL_REQUEST", "")
    branch, tag = environ.get("CIRCLE_BRANCH", ""), environ.get("CIRCLE_TAG", "")
    found = _FORK_BRANCH.fullmatch(branch)
    of_fork = number(found[1]) if found else ""
    pull_request = number(
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
        platform=TITLE,
        is_ci=True,
        branch=branch,
        commit_hash=first_commit_hash(environ.get("CIRCLE_SHA1", "")),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag and not branch else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=environ.get("CIRCLE_BUILD_URL", ""),
        repository=f"{user}/{name}" if user and name else "",
    )


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], write: WriteLine) -> None:  # noqa: ARG001 - see base
    """Export variables to later steps of the job, whose shells read the file BASH_ENV."""
    if path := environ.get("BASH_ENV", ""):
        lines = (
            f"export {name}={shell_word(value)}\n"
            for name, value in variable_names(outputs).items()
        )
        append(path, "".join(lines))
