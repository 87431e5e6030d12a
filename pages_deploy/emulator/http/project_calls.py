"""Calls about projects and their upload tokens. All but the list raise RefusalError 8000007.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.http.lists import page_of
from pages_deploy.emulator.state.fields import bad_field, object_field
from pages_deploy.emulator.state.names import is_project_name
from pages_deploy.emulator.state.project_configs import ProjectConfigs

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call
    from pages_deploy.emulator.state.records import JsonObject, Project

_PROJECTS_PER_PAGE: Final = 10
_SOURCES: Final = ("github", "gitlab")


def project_of(call: Call) -> Project:
    """The project that the path names. Raises RefusalError 8000007."""
    return call.store.projects.get(call.arguments["account_id"], call.arguments["project_name"])


def list_projects(call: Call) -> Success:
    """The account's projects, the newest first."""
    return page_of(
        call,
        call.store.projects.all(call.arguments["account_id"]),
        show=call.documents.project,
        default_size=_PROJECTS_PER_PAGE,
        max_size=call.settings.max_items_per_page,
    )


def create_project(call: Call) -> Success:
    """A new project without deployments.

    Raises RefusalError: 8000002 for a name that is taken, 8000000 for a field of the wrong form.
    """
    body = call.json_object()
    source = object_field(body, "source")
    if source and source.get("type") not in _SOURCES:
        raise bad_field("source.type", "`github` or `gitlab`")
    project = call.store.projects.create(
        call.arguments["account_id"],
        _name(body),
        production_branch=_production_branch(body),
        configs=_configs(body),
    )
    return Success(result=call.documents.project(project))


def get_project(call: Call) -> Success:
    """One project."""
    return Success(result=call.documents.project(project_of(call)))


def update_project(call: Call) -> Success:
    """Change what the body names; null takes a variable or a binding away.

    Raises RefusalError as `ProjectStore.update`, and 8000000 for a field of the wrong form.
    """
    body = call.json_object()
    project = call.store.projects.update(
        project_of(call),
        name=_name(body) if "name" in body else None,
        production_branch=_production_branch(body) if "production_branch" in body else None,
        configs=_configs(body),
    )
    return Success(result=call.documents.project(project))


def delete_project(call: Call) -> Success:
    """Delete the project with its deployments and custom domains.

    Raises RefusalError 8000076 if it has too many deployments.
    """
    call.store.projects.delete(project_of(call))
    return Success(result=None)


def purge_build_cache(call: Call) -> Success:
    """Nothing to do: the emulator builds nothing, so it has no build cache."""
    project_of(call)
    return Success(result=None)


def get_upload_token(call: Call) -> Success:
    """A token for the asset calls, as `jwt`.

    Raises RefusalError if the project takes its files from a Git repository only.
    """
    project = project_of(call)
    call.store.projects.check_direct_upload(project)
    return Success(result={"jwt": call.store.upload_tokens.issue(project)})


def _name(body: JsonObject) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not is_project_name(name):
        raise bad_field(
            "name", "1 to 58 lower-case letters, digits and hyphens, no hyphen at the beginning"
        )
    return name


def _production_branch(body: JsonObject) -> str:
    branch = body.get("production_branch")
    if not isinstance(branch, str) or not branch:
        raise bad_field("production_branch", "the name of a branch")
    return branch


def _configs(body: JsonObject) -> ProjectConfigs:
    return ProjectConfigs(
        build_config=object_field(body, "build_config"),
        deployment_configs=object_field(body, "deployment_configs"),
        source=object_field(body, "source"),
    )
