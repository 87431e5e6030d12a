"""GitHub Actions: https://docs.github.com/en/actions/reference/workflows-and-actions/variables

Gitea, Forgejo and act keep its contract: the same variables, files and commands in the log.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    is_branch,
    pull_request_number,
    tag_reason,
)
from pages_deploy.ci.platform import Addition, Dialect, Platform, WriteLine, append
from pages_deploy.ci.summary_file import add_to
from pages_deploy.text.escaping import github_data, github_property

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MARK = "GITHUB_ACTIONS"
EVENTS_WITHOUT_SECRETS = frozenset(
    {"pull_request", "pull_request_review", "pull_request_review_comment"}
)
# For one of these nobody asks by hand, but for the attempts after the first.
EVENTS_BY_THEMSELVES = frozenset({"push", "schedule", "workflow_run", "merge_group"})
# A run for one of these has a tag for its `head_branch`.
EVENTS_OF_TAGS = frozenset({"release"})
_PULL_REF = re.compile(r"refs/pull/([0-9]+)/")
_MERGE_QUEUE = re.compile(r"gh-readonly-queue/.*/pr-([0-9]+)-[0-9a-f]+")


def _located(kind: str, text: str, file: str, line: int) -> str:
    place = f",line={line}" if line else ""
    return f"::{kind} title=pages-deploy,file={github_property(file)}{place}::{github_data(text)}"


DIALECT = Dialect(
    notice=lambda text: f"::notice title=pages-deploy::{github_data(text)}",
    warning=lambda text: f"::warning title=pages-deploy::{github_data(text)}",
    error=lambda text: f"::error title=pages-deploy::{github_data(text)}",
    located=_located,
    open_section=lambda title, _time: f"::group::{github_data(title)}",
    close_section=lambda _time: "::endgroup::",
)


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], _write: WriteLine) -> None:
    """Append the outputs to the file that GITHUB_OUTPUT names.

    Each gets a delimiter that nobody can guess, so that no value can end early and add another
    output.
    """
    path = environ.get("GITHUB_OUTPUT", "")
    if not path:
        return
    parts = []
    for name, value in outputs.items():
        delimiter = f"ghadelimiter_{uuid.uuid4()}"
        parts.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    append(path, "".join(parts))


def show_summary(addition: Addition, environ: Mapping[str, str], _write: WriteLine) -> None:
    """Add to the file that GITHUB_STEP_SUMMARY names, which all commands of a step share."""
    if path := environ.get("GITHUB_STEP_SUMMARY", ""):
        add_to(path, addition)


def runner(name: str, title: str, *, marks: Collection[str], run_variable: str) -> Platform:
    """Return a platform that keeps GitHub's contract, `title` being its name in running text.

    It is known by variables that are `true`, all of `marks`. `run_variable` has the number by which
    its server addresses a run; empty where there is no page of a run.
    """
    return Platform(
        name=name,
        detect=lambda environ: all(environ.get(mark) == "true" for mark in marks),
        build=lambda environ: _build(environ, title, run_url=_run_url(environ, run_variable)),
        dialect=DIALECT,
        hand_back=hand_back,
        show_summary=show_summary,
        secrets_place="Settings > Actions > Secrets, then `${{ secrets.NAME }}`",
    )


def _run_url(environ: Mapping[str, str], run_variable: str) -> str:
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    run = environ.get(run_variable, "")
    if not (server and repository and run):
        return ""
    return f"{server.rstrip('/')}/{repository}/actions/runs/{run}"


@dataclass(frozen=True)
class _Source:
    """Where the files of a build come from."""

    branch: str
    commit_hash: str
    repository: str | None
    """Owner and name; None where they are not known, which could be anybody's."""
    message: str = ""
    pull_request: str = ""
    claimed_branch: str = ""
    """What the branch is called where it is not known whose it is."""
    tag: str = ""


def _build(environ: Mapping[str, str], title: str, *, run_url: str) -> BuildContext:
    repository = environ.get("GITHUB_REPOSITORY", "")
    source = _source(environ, _event(environ), repository)
    is_fork = source.repository != repository
    branch = source.branch
    if is_fork:
        branch = fork_branch(
            pull_request=source.pull_request,
            owner=(source.repository or "").partition("/")[0],
            branch=source.branch,
        )
    usable = is_branch(branch)
    return BuildContext(
        platform=title,
        is_ci=True,
        branch=branch if usable else "",
        commit_hash=first_commit_hash(source.commit_hash),
        commit_message=source.message,
        commit_dirty=False,
        no_branch_reason="" if usable else _reason(environ, source.tag),
        pull_request=source.pull_request,
        claimed_branch=source.claimed_branch,
        is_fork=is_fork,
        lacks_secrets=_lacks_secrets(environ, is_fork=is_fork),
        run_url=run_url,
        repository=repository,
    )


def _source(environ: Mapping[str, str], event: dict[str, Any], repository: str) -> _Source:
    if pull_request := _record(event, "pull_request"):
        return _source_of_pull_request(environ, pull_request)
    if workflow_run := _record(event, "workflow_run"):
        return _source_of_workflow_run(workflow_run, repository)
    issue = _record(event, "issue")
    if _record(issue, "pull_request"):
        # A comment on a pull request: the ref is the default branch, the files may be anybody's.
        return _Source("", "", None, pull_request=pull_request_number(str(issue.get("number", ""))))
    if environ.get("GITHUB_EVENT_NAME", "").startswith(("pull_request", "workflow_run")):
        # Without the event nobody can tell whether this is a fork's, so it is treated as one; the
        # commit of GITHUB_SHA is a merge that nobody pushed, or the default branch's.
        return _Source(
            "",
            "",
            None,
            pull_request=_number_in_ref(environ),
            claimed_branch=environ.get("GITHUB_HEAD_REF", ""),
        )
    return _source_of_ref(environ, event, repository)


def _source_of_pull_request(environ: Mapping[str, str], pull_request: dict[str, Any]) -> _Source:
    head = _record(pull_request, "head")
    branch = environ.get("GITHUB_HEAD_REF") or _text(head, "ref")
    # The repository of a deleted fork is null. Forgejo's pull requests by AGit, which need no right
    # to push, have a ref of the repository itself in place of a branch.
    owned = _text(_record(head, "repo"), "full_name") if is_branch(branch) else ""
    return _Source(
        branch,
        _text(head, "sha"),
        owned or None,
        pull_request=pull_request_number(str(pull_request.get("number", "")))
        or _number_in_ref(environ),
    )


def _source_of_workflow_run(workflow_run: dict[str, Any], repository: str) -> _Source:
    branch = _text(workflow_run, "head_branch")
    owned = _text(_record(workflow_run, "head_repository"), "full_name")
    if _text(workflow_run, "event") in EVENTS_OF_TAGS:
        return _Source("", _text(workflow_run, "head_sha"), owned or None, tag=branch)
    queued = _queued(branch) if owned == repository else ""
    commit_hash = _text(workflow_run, "head_sha")
    head_commit = _record(workflow_run, "head_commit")
    return _Source(
        f"pr-{queued}" if queued else branch,
        commit_hash,
        owned or None,
        _text(head_commit, "message") if _text(head_commit, "id") == commit_hash else "",
        pull_request=queued,
    )


def _source_of_ref(environ: Mapping[str, str], event: dict[str, Any], repository: str) -> _Source:
    ref_name, commit_hash = environ.get("GITHUB_REF_NAME", ""), environ.get("GITHUB_SHA", "")
    if environ.get("GITHUB_REF_TYPE") == "tag":
        return _Source("", commit_hash, repository)
    if queued := _queued(ref_name):
        return _Source(f"pr-{queued}", commit_hash, repository, pull_request=queued)
    message = _text(_record(event, "head_commit"), "message")
    return _Source(ref_name, commit_hash, repository, message, pull_request=_number_in_ref(environ))


def _number_in_ref(environ: Mapping[str, str]) -> str:
    found = _PULL_REF.match(environ.get("GITHUB_REF", ""))
    return pull_request_number(found[1]) if found else ""


def _queued(branch: str) -> str:
    """Return which pull request a branch of a merge queue is of, or nothing.

    Such a branch is thrown away, and would leave an alias behind each time.
    """
    found = _MERGE_QUEUE.fullmatch(branch)
    return pull_request_number(found[1]) if found else ""


def _starts_by_itself(environ: Mapping[str, str]) -> bool:
    is_first = environ.get("GITHUB_RUN_ATTEMPT", "") in {"", "1"}
    return is_first and environ.get("GITHUB_EVENT_NAME", "") in EVENTS_BY_THEMSELVES


def _build_of_github(environ: Mapping[str, str]) -> BuildContext:
    """Return the build with what GitHub alone is known to tell: others count attempts otherwise."""
    return replace(_RUNNER.build(environ), starts_by_itself=_starts_by_itself(environ))


def _lacks_secrets(environ: Mapping[str, str], *, is_fork: bool) -> bool:
    """Whether this is an event for which forks and Dependabot get no secrets.

    Under pull_request_target and workflow_run they do, so that a missing one is an error there.
    """
    if environ.get("GITHUB_EVENT_NAME", "") not in EVENTS_WITHOUT_SECRETS:
        return False
    return is_fork or environ.get("GITHUB_ACTOR") == "dependabot[bot]"


def _reason(environ: Mapping[str, str], tag: str) -> str:
    if tag:
        return tag_reason(tag)
    if environ.get("GITHUB_REF_TYPE") == "tag":
        return tag_reason(environ.get("GITHUB_REF_NAME", ""))
    return f"the ref of this build is {environ.get('GITHUB_REF') or 'not known'}"


def _event(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the event that started the workflow; act and hand-made environments may have none."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    try:
        event = json.loads(Path(path).read_text("utf-8")) if path else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _record(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


_RUNNER = runner("github", "GitHub Actions", marks=(MARK,), run_variable="GITHUB_RUN_ID")
PLATFORM = replace(
    _RUNNER,
    build=_build_of_github,
    secrets_place="Settings > Secrets and variables > Actions, then `${{ secrets.NAME }}`",
)
