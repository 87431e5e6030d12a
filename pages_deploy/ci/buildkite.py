"""Buildkite: https://buildkite.com/docs/pipelines/configure/environment-variables"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    pull_request_number,
    slug_of,
    tag_reason,
)
from pages_deploy.ci.platform import Addition, Dialect, Platform, WriteLine
from pages_deploy.ci.programs import bare_environment, find_program, run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

# The agent's own words to itself, and its way to the server. A plugin's settings may have secrets.
AGENT_VARIABLES = (
    *("BUILDKITE_AGENT_", "BUILDKITE_BUILD_", "BUILDKITE_JOB_", "BUILDKITE_STEP_"),
    *("BUILDKITE_NO_HTTP2", "HTTPS_PROXY", "NO_PROXY", "https_proxy", "no_proxy", "SSL_CERT_FILE"),
)
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


def hand_back(outputs: Mapping[str, str], environ: Mapping[str, str], _write: WriteLine) -> None:
    """Set meta-data of the build through the agent, which a plain container does not have."""
    for name, value in outputs.items():
        if value:
            _ask_agent(environ, "meta-data", "set", f"pages-deploy:{name}", value)


def show_summary(addition: Addition, environ: Mapping[str, str], _write: WriteLine) -> None:
    """Show it as an annotation of the build, where the agent is there."""
    context = f"pages-deploy-{environ.get('BUILDKITE_STEP_ID', '')}"[:MAX_CONTEXT]
    # On its input: an argument may not be as long as an annotation.
    _ask_agent(environ, "annotate", "--context", context, given=addition(b"")[1])


def _ask_agent(environ: Mapping[str, str], *arguments: str, given: bytes = b"") -> None:
    checkout = environ.get("BUILDKITE_BUILD_CHECKOUT_PATH", "")
    outside = (Path(checkout),) if checkout else ()
    agent = find_program("buildkite-agent", environ, outside=outside)
    if agent is not None:
        run_program(
            agent,
            *arguments,
            environ=bare_environment(environ, outside=outside, prefixes=AGENT_VARIABLES),
            given=given,
        )


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
