"""GitHub Actions, and the runners that keep its contract (Gitea, Forgejo, act).

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.ci.base import BuildContext, first_commit_hash, is_branch

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "github"
TITLE = "GitHub Actions"
_PULL_REF = re.compile(r"refs/pull/(\d+)/")


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    event = _event(environ)
    message = ""
    pull_request = _record(event, "pull_request")
    workflow_run = _record(event, "workflow_run")
    head = _record(pull_request, "head")
    if pull_request:
        branch = environ.get("GITHUB_HEAD_REF") or _text(head, "ref")
        commit = _text(head, "sha")
        # The repository of a deleted fork is null.
        fork = _text(_record(head, "repo"), "full_name") != environ.get("GITHUB_REPOSITORY")
        number = pull_request.get("number")
        if fork:
            branch = f"pr-{number}" if isinstance(number, int) else f"fork-{branch}"
    elif workflow_run:
        branch, commit = _text(workflow_run, "head_branch"), _text(workflow_run, "head_sha")
        repository = _text(_record(workflow_run, "head_repository"), "full_name")
        if branch and repository != environ.get("GITHUB_REPOSITORY"):
            branch = f"fork-{branch}"
    elif environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        # Without the event nobody can tell whether this is a fork's, so it is treated as one.
        found = _PULL_REF.match(environ.get("GITHUB_REF", ""))
        branch, commit = (f"pr-{found[1]}" if found else ""), ""
    else:
        is_tag = environ.get("GITHUB_REF_TYPE") == "tag"
        branch = "" if is_tag else environ.get("GITHUB_REF_NAME", "")
        commit = environ.get("GITHUB_SHA", "")
        message = _text(_record(event, "head_commit"), "message")
    usable = is_branch(branch)
    return BuildContext(
        TITLE,
        is_ci=True,
        branch=branch if usable else "",
        commit_hash=first_commit_hash(commit, environ.get("GITHUB_SHA", "")),
        commit_message=message,
        commit_dirty=False,
        no_branch_reason="" if usable else _reason(environ),
    )


def _reason(environ: Mapping[str, str]) -> str:
    if environ.get("GITHUB_REF_TYPE") == "tag":
        return f"this build is of the tag {environ.get('GITHUB_REF_NAME', '')}"
    return f"the ref of this build is {environ.get('GITHUB_REF') or 'not known'}"


def _event(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the event that started the workflow; act and hand-made environments may have none."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    try:
        event = json.loads(Path(path).read_text("utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _record(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
