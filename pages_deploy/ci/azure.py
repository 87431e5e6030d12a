"""Azure Pipelines: https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.ci.build_context import (
    BuildContext,
    first,
    first_commit_hash,
    fork_branch,
    is_branch,
    pull_request_number,
)
from pages_deploy.ci.platform import Addition, Dialect, Platform, WriteLine, variable_names
from pages_deploy.ci.summary_file import add_to
from pages_deploy.text.escaping import azure_data, azure_property

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(environ: Mapping[str, str]) -> BuildContext:
    ref = environ.get("BUILD_SOURCEBRANCH", "")
    # BUILD_SOURCEBRANCHNAME has only the last part of a name such as feature/tools.
    source = environ.get("SYSTEM_PULLREQUEST_SOURCEBRANCH", "")
    branch = (source or ref).removeprefix("refs/heads/")
    pull_request = pull_request_number(
        first(environ, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID")
    )
    is_fork = environ.get("SYSTEM_PULLREQUEST_ISFORK", "").lower() == "true"
    if is_fork:
        branch = fork_branch(pull_request=pull_request, branch=branch)
    is_tag = ref.startswith("refs/tags/")
    usable = is_branch(branch)
    is_merge = bool(source) or ref.startswith("refs/pull/")
    return BuildContext(
        platform="Azure Pipelines",
        is_ci=True,
        branch=branch if usable else "",
        commit_hash=first_commit_hash(
            environ.get("SYSTEM_PULLREQUEST_SOURCECOMMITID", ""),
            "" if is_merge else environ.get("BUILD_SOURCEVERSION", ""),
        ),
        commit_message="" if is_merge else environ.get("BUILD_SOURCEVERSIONMESSAGE", ""),
        commit_dirty=False,
        no_branch_reason=""
        if usable or not ref
        else f"this build is of the {'tag' if is_tag else 'ref'} {ref.removeprefix('refs/tags/')}",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=_run_url(environ),
        repository=environ.get("BUILD_REPOSITORY_NAME", ""),
    )


def _run_url(environ: Mapping[str, str]) -> str:
    collection, project = environ.get("SYSTEM_COLLECTIONURI"), environ.get("SYSTEM_TEAMPROJECT")
    build = environ.get("BUILD_BUILDID")
    if not (collection and project and build):
        return ""
    return f"{collection}{quote(project, errors='replace')}/_build/results?buildId={build}"


def hand_back(outputs: Mapping[str, str], _environ: Mapping[str, str], write: WriteLine) -> None:
    """Set variables for later steps, and output variables for later jobs."""
    for name, value in outputs.items():
        properties = f"variable={azure_property(name)};isOutput=true"
        write(f"##vso[task.setvariable {properties}]{azure_data(value)}")
    for name, value in variable_names(outputs).items():
        write(f"##vso[task.setvariable variable={name}]{azure_data(value)}")


def show_summary(addition: Addition, environ: Mapping[str, str], write: WriteLine) -> None:
    """Have the agent show a file, which has to stay until the step has ended."""
    if directory := environ.get("AGENT_TEMPDIRECTORY", ""):
        path = f"{directory}/pages-deploy-summary-{uuid.uuid4().hex}.md"
        add_to(path, addition)
        write(f"##vso[task.uploadsummary]{azure_data(path)}")


def _located(kind: str, text: str, file: str, line: int) -> str:
    # It knows no notices.
    kind = "error" if kind == "error" else "warning"
    place = f";sourcepath={azure_property(file)}" + (f";linenumber={line}" if line else "")
    return f"##vso[task.logissue type={kind}{place}]{azure_data(text)}"


PLATFORM = Platform(
    name="azure",
    detect=lambda environ: environ.get("TF_BUILD", "").lower() == "true",
    build=_build,
    secrets_place="Pipelines > Library, then the `env` of the step",
    dialect=Dialect(
        warning=lambda text: f"##vso[task.logissue type=warning]{azure_data(text)}",
        error=lambda text: f"##vso[task.logissue type=error]{azure_data(text)}",
        located=_located,
        open_section=lambda title, _time: f"##[group]{title}",
        close_section=lambda _time: "##[endgroup]",
    ),
    hand_back=hand_back,
    show_summary=show_summary,
)
