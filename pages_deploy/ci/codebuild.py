"""AWS CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    is_called_like_its_target,
    pull_request_number,
    slug_of,
    tag_reason,
)
from pages_deploy.ci.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(environ: Mapping[str, str]) -> BuildContext:
    trigger = environ.get("CODEBUILD_WEBHOOK_TRIGGER", "")
    # May be a branch, a tag, a hash or an address in S3: only a pull request's form is its own.
    version = environ.get("CODEBUILD_SOURCE_VERSION", "")
    if not trigger and version.startswith("pr/"):
        trigger = version
    kind, _, rest = trigger.partition("/")
    pull_request = pull_request_number(rest) if kind == "pr" else ""
    head = environ.get("CODEBUILD_WEBHOOK_HEAD_REF", "")
    branch = head.removeprefix("refs/heads/") if head.startswith("refs/heads/") else ""
    if not branch and kind == "branch":
        branch = rest
    is_fork = is_called_like_its_target(
        pull_request=pull_request,
        branch=head,
        target=environ.get("CODEBUILD_WEBHOOK_BASE_REF", ""),
    )
    if is_fork:
        branch = fork_branch(pull_request=pull_request)
    is_tag = kind == "tag" or head.startswith("refs/tags/")
    return BuildContext(
        platform="AWS CodeBuild",
        is_ci=True,
        branch=branch,
        commit_hash=first_commit_hash(environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION", "")),
        commit_dirty=False,
        no_branch_reason=tag_reason(head.removeprefix("refs/tags/") or rest) if is_tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=_run_url(environ),
        repository=slug_of(environ.get("CODEBUILD_SOURCE_REPO_URL", "")),
    )


def _run_url(environ: Mapping[str, str]) -> str:
    """Make the address from the build's ARN: arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:ID."""
    parts = environ.get("CODEBUILD_BUILD_ARN", "").split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("build/"):
        return environ.get("CODEBUILD_PUBLIC_BUILD_URL", "")
    region, account, build = parts[3], parts[4], parts[5].removeprefix("build/")
    project = build.partition(":")[0]
    return (
        f"https://{region}.console.aws.amazon.com/codesuite/codebuild/{account}/projects/"
        f"{project}/build/{quote(build, '', errors='replace')}"
    )


PLATFORM = Platform(
    name="codebuild",
    detect=lambda environ: bool(
        environ.get("CODEBUILD_BUILD_ID") or environ.get("CODEBUILD_BUILD_ARN")
    ),
    build=_build,
)
