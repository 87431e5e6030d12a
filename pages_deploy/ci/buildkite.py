"""Buildkite: https://buildkite.com/docs/pipelines/configure/environment-variables"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    pull_request_number,
    slug_of,
    tag_reason,
)
from pages_deploy.ci.platform import Dialect, Platform, WriteLine

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENT_TIMEOUT_SECONDS = 20.0
# Annotations of one context replace each other.
MAX_CONTEXT = 100


def _build(environ: Mapping[str, str]) -> BuildContext:
    branch, tag = environ.get("BUILDKITE_BRANCH", ""), environ.get("BUILDKITE_TAG", "")
    pull_request = pull_request_number(environ.get("BUILDKITE_PULL_REQUEST", ""))
    repository = slug_of(environ.get("BUILDKITE_REPO", ""))
    source = slug_of(environ.get("BUILDKITE_PULL_REQUEST_REPO", ""))
    # A fork's branch is called user:branch; git allows no colon. The repository is spelled as in
    # the pipeline's settings, the pull request's as the forge has it.
    owner, colon, name = branch.partition(":")
    is_fork = bool(colon) or bool(
        pull_request and source and source.casefold() != repository.casefold()
    )
    if is_fork:
        owner = owner if colon else source.partition("/")[0]
        branch = fork_branch(pull_request=pull_request, owner=owner, branch=name or branch)
    # On a tag's build the branch variable is the tag.
    is_tag = bool(tag) and branch == tag
    job = environ.get("BUILDKITE_JOB_ID", "")
    build_url = environ.get("BUILDKITE_BUILD_URL", "")
    return BuildContext(
        platform="Buildkite",
        is_ci=True,
        branch="" if is_tag else branch,
        # HEAD, until the checkout has found out.
        commit_hash=first_commit_hash(environ.get("BUILDKITE_COMMIT", "")),
        commit_message=environ.get("BUILDKITE_MESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=tag_reason(tag) if is_tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=f"{build_url}#{job}" if build_url and job else build_url,
        repository=repository,
    )


def hand_back(outputs: Mapping[str, str], _environ: Mapping[str, str], _write: WriteLine) -> None:
    """Set meta-data of the build through the agent, which a plain container does not have."""
    agent = shutil.which("buildkite-agent")
    if agent is None:
        return
    for name, value in outputs.items():
        if value:
            _run(agent, "meta-data", "set", f"pages-deploy:{name}", value)


def show_summary(markdown: str, environ: Mapping[str, str], _write: WriteLine) -> None:
    """Show it as an annotation of the build, where the agent is there."""
    agent = shutil.which("buildkite-agent")
    if agent is not None:
        context = f"pages-deploy-{environ.get('BUILDKITE_STEP_ID', '')}"[:MAX_CONTEXT]
        # On its input: an argument may not be as long as an annotation.
        _run(agent, "annotate", "--context", context, given=markdown)


def _run(*command: str, given: str = "") -> None:
    try:
        subprocess.run(  # noqa: S603 - the agent, with words of ours
            command,
            check=True,
            input=given.encode(errors="replace"),
            stdout=subprocess.DEVNULL,
            timeout=AGENT_TIMEOUT_SECONDS,
        )
    except (subprocess.SubprocessError, ValueError) as error:
        raise OSError(f"buildkite-agent failed: {type(error).__name__}") from error


PLATFORM = Platform(
    name="buildkite",
    detect=lambda environ: environ.get("BUILDKITE") == "true",
    build=_build,
    dialect=Dialect(
        open_section=lambda title, _time: f"--- {title}",
        # What comes next opens a part of its own.
        close_section=lambda _time: "+++ pages-deploy",
    ),
    hand_back=hand_back,
    show_summary=show_summary,
)
