"""Bitbucket Pipelines: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    is_called_like_its_target,
    pull_request_number,
    tag_reason,
)
from pages_deploy.ci.git import read_checkout
from pages_deploy.ci.platform import Platform, WriteLine, append, variable_names
from pages_deploy.text.escaping import dotenv_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What it sometimes gives instead of the whole hash.
SHORT_HASH_DIGITS = 12


def _build(environ: Mapping[str, str]) -> BuildContext:
    branch, tag = environ.get("BITBUCKET_BRANCH", ""), environ.get("BITBUCKET_TAG", "")
    pull_request = pull_request_number(environ.get("BITBUCKET_PR_ID", ""))
    target = environ.get("BITBUCKET_PR_DESTINATION_BRANCH", "")
    is_fork = is_called_like_its_target(pull_request=pull_request, branch=branch, target=target)
    if is_fork:
        branch = fork_branch(pull_request=pull_request)
    repository = environ.get("BITBUCKET_REPO_FULL_NAME", "")
    build_number = environ.get("BITBUCKET_BUILD_NUMBER", "")
    return BuildContext(
        platform="Bitbucket Pipelines",
        is_ci=True,
        branch=branch,
        commit_hash=first_commit_hash(environ.get("BITBUCKET_COMMIT", "")),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if tag and not branch else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=f"https://bitbucket.org/{repository}/addon/pipelines/home#!/results/{build_number}"
        if repository and build_number
        else "",
        repository=repository,
    )


def _find_commit(environ: Mapping[str, str], directory: Path) -> str:
    """Return the commit whose hash Bitbucket gives but the beginning of, if it is checked out."""
    short = environ.get("BITBUCKET_COMMIT", "")
    checkout = read_checkout(directory) if len(short) == SHORT_HASH_DIGITS else None
    whole = checkout.commit_hash if checkout is not None else ""
    return whole if whole.startswith(short) else ""


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], _write: WriteLine) -> None:
    """Append to the file of output variables; a step lists those that it wants to share."""
    if path := environ.get("BITBUCKET_PIPELINES_VARIABLES_PATH", ""):
        values = {name: dotenv_value(value) for name, value in variable_names(outputs).items()}
        append(path, "".join(f"{name}={value}\n" for name, value in values.items() if value))


PLATFORM = Platform(
    name="bitbucket",
    detect=lambda environ: bool(environ.get("BITBUCKET_BUILD_NUMBER")),
    build=_build,
    secrets_place="Repository settings > Repository variables",
    find_commit=_find_commit,
    hand_back=hand_back,
)
