"""Which forge a build belongs to, and who announces its deployment there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.forge import github, gitlab
from pages_deploy.forge.gitea import Gitea
from pages_deploy.forge.github import GitHub
from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.gitlab import GitLab
from pages_deploy.forge.pull_request_comment import PullRequestComment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer
    from pages_deploy.forge.announcer import Announcer

Forge = GitHub | Gitea | GitLab
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
FORK_HINT = (
    "On `pull_request`, a fork's job gets a token that can only read, whatever its permissions say."
)


def forge_of(
    platform: str,
    environ: Mapping[str, str],
    *,
    repository: str,
    token: str,
    timer: Timer,
    ca_bundle: str | None = None,
) -> Forge | None:
    """Return the forge behind a CI platform (its NAME); None where none is known or allowed.

    `act` only looks like GitHub. A GitLab pipeline for a pull request of another forge has no
    merge request here.
    """
    if not token:
        return None
    api_url = environ.get("GITHUB_API_URL", "")
    if platform == "github" and repository:
        return GitHub(
            repository,
            token,
            timer=timer,
            api_url=api_url or github.API_URL,
            ca_bundle=ca_bundle,
        )
    if platform in {"gitea", "forgejo"} and repository and api_url:
        return Gitea(repository, token, timer=timer, api_url=api_url, ca_bundle=ca_bundle)
    project_id = _gitlab_project(environ)
    if platform == "gitlab" and project_id:
        return GitLab(
            project_id,
            token,
            timer=timer,
            api_url=environ.get("CI_API_V4_URL") or gitlab.API_URL,
            # What the runner itself trusts this server by.
            ca_bundle=environ.get("CI_SERVER_TLS_CA_FILE") or ca_bundle,
        )
    return None


def announcers_at(
    forge: Forge,
    build: BuildContext,
    *,
    project_name: str,
    timer: Timer,
    deployment: bool = True,
    environment_name: str = "",
    comment: bool = True,
) -> list[Announcer]:
    """Return who is to be told of a build's deployment; the more important ones first."""
    if build.is_fork and isinstance(forge, GitHub):
        forge.rest.refusal_hint = FORK_HINT
    announcers: list[Announcer] = []
    if deployment and isinstance(forge, GitHub):
        announcers.append(GitHubDeployment(forge, build, named=environment_name))
    if comment:
        announcers.append(PullRequestComment(forge, build, project_name=project_name, timer=timer))
    return announcers


def _gitlab_project(environ: Mapping[str, str]) -> str:
    if environ.get("CI_EXTERNAL_PULL_REQUEST_IID"):
        return ""
    if target := environ.get("CI_MERGE_REQUEST_PROJECT_ID", ""):
        # A merge request from a fork belongs to the project that it wants to change.
        return target
    # In a branch pipeline, the project's path goes before the number.
    opened = environ.get("CI_OPEN_MERGE_REQUESTS", "").partition(",")[0].rpartition("!")[0]
    if opened and opened != environ.get("CI_PROJECT_PATH"):
        return opened
    return environ.get("CI_PROJECT_ID", "")
