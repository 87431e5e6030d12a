"""Which forge a build belongs to, by its CI platform and environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.forge.gitea import Gitea
from pages_deploy.forge.github import GitHub
from pages_deploy.forge.gitlab import GitLab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.forge.forge import Forge
    from pages_deploy.forge.rest import Access


def forge_of(
    platform: str, environ: Mapping[str, str], *, build: BuildContext, access: Access
) -> Forge | None:
    """Return the forge behind a CI platform (its name); None where none is known or allowed.

    The address of its API is the environment's. `act` only looks like GitHub. A GitLab pipeline for
    a pull request of another forge has no merge request here.
    """
    if not access.token:
        return None
    access = replace(access, api_url=environ.get("GITHUB_API_URL", ""))
    if platform == "github" and build.repository:
        return GitHub(build.repository, access, is_fork=build.is_fork)
    if platform in {"gitea", "forgejo"} and build.repository and access.api_url:
        return Gitea(build.repository, access)
    project_id = _gitlab_project(environ)
    if platform == "gitlab" and project_id:
        # What the runner itself trusts this server by.
        ca_bundle = environ.get("CI_SERVER_TLS_CA_FILE") or access.ca_bundle
        api_url = environ.get("CI_API_V4_URL", "")
        return GitLab(project_id, replace(access, api_url=api_url, ca_bundle=ca_bundle))
    return None


def _gitlab_project(environ: Mapping[str, str]) -> str:
    """Return the number or the path of the project that a note belongs to, or nothing."""
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
