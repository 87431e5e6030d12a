"""The project that a deployment goes to: found, or created where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.error_codes import PROJECT_EXISTS, PROJECT_NOT_FOUND
from pages_deploy.errors import ApiResponseError, NotFoundError, SettingsError

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.watcher import Watcher


def find_project(client: PagesClient, plan: Plan, *, watcher: Watcher) -> Project:
    """Return the project of a plan; create it when it is missing and the plan says so.

    Raises NotFoundError for one that is missing, ApiError for what is refused.
    """
    name, production_branch = plan.project_name, plan.production_branch
    try:
        return client.projects.get(name)
    except NotFoundError as error:
        if PROJECT_NOT_FOUND not in error.codes:
            raise
        if not plan.creates_project:
            raise _unknown_project(client, name, error) from error
    watcher.step(f"Creating project '{name}' with production branch '{production_branch}'")
    try:
        return client.projects.create(name, production_branch=production_branch)
    except ApiResponseError as error:
        # Made by a run beside this one, or by an earlier attempt whose answer was lost.
        if PROJECT_EXISTS not in error.codes:
            raise
        return client.projects.get(name)


def refuse_git_project(project: Project) -> None:
    """Raise SettingsError for a project that Pages builds from Git by itself.

    A push would replace what is deployed from here, and the other way round. Where its automatic
    deployments are off, Cloudflare's answer to the upload decides.
    """
    if project.builds_by_itself:
        raise SettingsError(
            f"Project '{project.name}' is connected to Git ({project.source_type or 'unknown'}): "
            "Pages builds and deploys it by itself. Nothing was sent.",
            "Deploy to a project of its own (--project-name, and --create-project makes it), or "
            "switch this one's automatic deployments off.",
        )


def _unknown_project(client: PagesClient, name: str, error: NotFoundError) -> NotFoundError:
    return NotFoundError(
        f"There is no project '{name}' in account {client.account_id}.",
        error.hint,
        method=error.method,
        path=error.path,
        status=error.status,
        codes=error.codes,
    )


def describe_target(project: Project, branch: str) -> str:
    """Say where in a project a branch is deployed to."""
    if not branch:
        return f"Deploying to production of '{project.name}': no branch is known"
    if branch == project.production_branch:
        return f"Deploying branch '{branch}' to production of '{project.name}'"
    return (
        f"Deploying branch '{branch}' as a preview of '{project.name}' "
        f"(production is '{project.production_branch}')"
    )
