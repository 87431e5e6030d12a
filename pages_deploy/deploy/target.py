"""The project that a deployment goes to: found, or created where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pages_deploy.api.error_codes import PROJECT_EXISTS, PROJECT_NOT_FOUND
from pages_deploy.errors import ApiError, ApiResponseError, NotFoundError, SettingsError

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.watcher import Watcher


class Target(NamedTuple):
    """Where a deployment goes."""

    project: Project
    """The project as it was found or created."""
    is_new: bool = False
    """Whether this run, and nobody else, has created it."""


def find_target(client: PagesClient, plan: Plan, *, watcher: Watcher) -> Target:
    """Return the project of a plan; create it when it is missing and the plan says so.

    The watcher learns the environment first, and may object before anything is created. Raises
    NotFoundError for a project that is missing, SettingsError for one that Pages builds from Git,
    ApiError for what is refused.
    """
    project = look_up_target(client, plan, watcher=watcher)
    return Target(project) if project is not None else _create(client, plan, watcher)


def look_up_target(client: PagesClient, plan: Plan, *, watcher: Watcher) -> Project | None:
    """Return the project of a plan, or None for one that is to be created; only asks.

    The watcher learns the environment. Raises as `find_target` does.
    """
    project = _look_up(client, plan)
    if project is not None:
        refuse_git_project(project)
    watcher.environment_known(plan.environment_in(project))
    return project


def _look_up(client: PagesClient, plan: Plan) -> Project | None:
    """Return the project, or None for one that is to be created."""
    try:
        return client.projects.get(plan.project_name)
    except NotFoundError as error:
        if PROJECT_NOT_FOUND not in error.codes:
            raise
        if not plan.creates_project:
            raise _unknown_project(client, plan.project_name, error) from error
        return None


def _create(client: PagesClient, plan: Plan, watcher: Watcher) -> Target:
    name, production_branch = plan.project_name, plan.production_branch
    watcher.step(f"Creating project '{name}' with production branch '{production_branch}'")
    try:
        project = client.projects.create(name, production_branch=production_branch)
    except ApiResponseError as error:
        # Made by a run beside this one, or by an earlier attempt whose answer was lost.
        if PROJECT_EXISTS not in error.codes:
            raise
        project = client.projects.get(name)
        refuse_git_project(project)
        return Target(project)
    return Target(project, is_new=True)


def remove_new_project(client: PagesClient, project: Project, *, watcher: Watcher) -> None:
    """Delete a project that this run has created and that nothing is deployed to.

    A failure is a warning: what stopped the run is the news.
    """
    try:
        if any(True for _ in client.deployments.list(project.name)):
            return
        client.projects.delete(project.name)
    except ApiError as error:
        watcher.warn(
            f"Project '{project.name}', which this run created, is left empty. {error.message}"
        )
    else:
        watcher.step(f"Deleted project '{project.name}', which this run had created")


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
