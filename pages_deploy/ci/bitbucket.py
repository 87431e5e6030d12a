"""Bitbucket Pipelines.

https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import (
    BuildContext,
    WriteLine,
    append,
    first_commit_hash,
    fork_branch,
    number,
    variable_names,
)
from pages_deploy.ci.git import read_checkout
from pages_deploy.text.escaping import dotenv_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "bitbucket"
TITLE = "Bitbucket Pipelines"
# What it sometimes gives instead of the whole hash.
SHORT_HASH_DIGITS = 12


def detect(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("BITBUCKET_BUILD_NUMBER"))


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:
    branch, tag = environ.get("BITBUCKET_BRANCH", ""), environ.get("BITBUCKET_TAG", "")
    commit = environ.get("BITBUCKET_COMMIT", "")
    if len(commit) == SHORT_HASH_DIGITS:
        checkout = read_checkout(directory)
        whole = checkout.commit_hash if checkout is not None else ""
        commit = whole if whole.startswith(commit) else ""
    pull_request = number(environ.get("BITBUCKET_PR_ID", ""))
    # Forks are not told; but whose source is called like the target, that is one.
    target = environ.get("BITBUCKET_PR_DESTINATION_BRANCH")
    is_fork = bool(pull_request and branch) and branch == target
    if is_fork:
        branch = fork_branch(pull_request=pull_request)
    repository = environ.get("BITBUCKET_REPO_FULL_NAME", "")
    build_number = environ.get("BITBUCKET_BUILD_NUMBER", "")
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch=branch,
        commit_hash=first_commit_hash(commit),
        commit_dirty=False,
        no_branch_reason=f"this build is of the tag {tag}" if tag and not branch else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=f"https://bitbucket.org/{repository}/addon/pipelines/home#!/results/{build_number}"
        if repository and build_number
        else "",
        repository=repository,
    )


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], write: WriteLine) -> None:  # noqa: ARG001 - see base
    """Append to the file of output variables; a step lists those that it wants to share."""
    if path := environ.get("BITBUCKET_PIPELINES_VARIABLES_PATH", ""):
        values = {name: dotenv_value(value) for name, value in variable_names(outputs).items()}
        append(path, "".join(f"{name}={value}\n" for name, value in values.items() if value))
