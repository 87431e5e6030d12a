"""Calls about projects and their upload tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import bad_field
from pages_deploy.emulator.http import wire
from pages_deploy.emulator.http.documents import project_document
from pages_deploy.emulator.state.names import is_project_name

if TYPE_CHECKING:
    from pages_deploy.emulator.http.wire import Call, Success
    from pages_deploy.emulator.state.records import JsonObject, Project

_PROJECTS_PER_PAGE: Final = 10
_SOURCES: Final = ("github", "gitlab")


def project_of(call: Call) -> Project:
    """The project that the path names. Raises RefusalError 8000007."""
    return call.store.project(call.arguments["account_id"], call.arguments["project_name"])


def list_projects(call: Call) -> Success:
    """The account's projects, the newest first."""
    return wire.page_of(
        call,
        call.store.projects(call.arguments["account_id"]),
        show=lambda project: project_document(project, call.store, sites=call.sites),
        default_size=_PROJECTS_PER_PAGE,
        max_size=call.settings.max_items_per_page,
    )


def create_project(call: Call) -> Success:
    """A new project without deployments."""
    body = call.json_object()
    source = _object(body, "source")
    if source and source.get("type") not in _SOURCES:
        raise bad_field("source.type", "`github` or `gitlab`")
    project = call.store.create_project(
        call.arguments["account_id"],
        _name(body),
        production_branch=_production_branch(body),
        build_config=_object(body, "build_config"),
        deployment_configs=_object(body, "deployment_configs"),
        source=source or None,
    )
    return wire.Success(result=project_document(project, call.store, sites=call.sites))


def get_project(call: Call) -> Success:
    """One project."""
    return wire.Success(result=project_document(project_of(call), call.store, sites=call.sites))


def update_project(call: Call) -> Success:
    """Change what the body names; null takes a variable or a binding away."""
    body = call.json_object()
    project = call.store.update_project(
        project_of(call),
        name=_name(body) if "name" in body else None,
        production_branch=_production_branch(body) if "production_branch" in body else None,
        build_config=_object(body, "build_config"),
        deployment_configs=_object(body, "deployment_configs"),
        source=_object(body, "source"),
    )
    return wire.Success(result=project_document(project, call.store, sites=call.sites))


def delete_project(call: Call) -> Success:
    """Delete the project with its deployments and custom domains."""
    call.store.delete_project(project_of(call))
    return wire.Success(result=None)


def purge_build_cache(call: Call) -> Success:
    """Nothing to do: the emulator builds nothing, so it has no build cache."""
    project_of(call)
    return wire.Success(result=None)


def get_upload_token(call: Call) -> Success:
    """A token for the asset calls."""
    return wire.Success(result={"jwt": call.store.issue_upload_token(project_of(call))})


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


def _object(body: JsonObject, name: str) -> JsonObject:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_field(name, "an object")
    return value
