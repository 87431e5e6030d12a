"""One pull or merge request: whether it is open, and as which branches it was deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.ci.build_context import fork_branch
from pages_deploy.forge.answers import Record, record_of, same_name, text_of
from pages_deploy.forge.gitlab import GitLab

if TYPE_CHECKING:
    from pages_deploy.forge.choice import Forge


@dataclass(frozen=True)
class PullRequest:
    is_open: bool
    # Of a fork's, also the name that it gets where only its commit is known.
    branches: frozenset[str]


def pull_request_at(forge: Forge, number: str) -> PullRequest:
    """Ask the forge for a pull request; raises ForgeError."""
    is_gitlab = isinstance(forge, GitLab)
    kind = "merge_requests" if is_gitlab else "pulls"
    path = f"{forge.path}/{kind}/{quote(number, safe='')}"
    found = forge.rest.ask("GET", path, f"read pull request {number}").record()
    is_fork, owner, branch = _of_gitlab(found) if is_gitlab else _of_github(found)
    if is_fork:
        names = {
            fork_branch(pull_request=number),
            fork_branch(pull_request="", owner=owner, branch=branch),
        }
    else:
        # A merge queue's commits are deployed under its number.
        names = {branch, fork_branch(pull_request=number)}
    is_open = text_of(found, "state") in {"open", "opened", "locked"}
    return PullRequest(is_open, frozenset(names - {""}))


def _of_github(found: Record) -> tuple[bool, str, str]:
    """Return whether it is a fork's, whose, and its branch, as GitHub and Gitea tell it."""
    head = record_of(found, "head")
    source = text_of(head, "repo", "full_name")
    # The repository of a deleted fork is null.
    is_fork = not source or not same_name(source, text_of(found, "base", "repo", "full_name"))
    owner = source.partition("/")[0] or text_of(head, "user", "login")
    return is_fork, owner, text_of(head, "ref")


def _of_gitlab(found: Record) -> tuple[bool, str, str]:
    is_fork = found.get("source_project_id") != found.get("target_project_id")
    return is_fork, "", text_of(found, "source_branch")
