"""Calls about projects, their upload tokens and custom domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator import wire
from pages_deploy.emulator.documents import domain_document, project_document
from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.names import is_project_name

if TYPE_CHECKING:
    from pages_deploy.emulator.records import JsonObject, Project
    from pages_deploy.emulator.wire import Call, Success

_PROJECTS_PER_PAGE: Final = 10


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
    name, branch = body.get("name"), body.get("production_branch")
    if not isinstance(name, str) or not is_project_name(name):
        raise _bad_field(
            "name", "1 to 58 lower-case letters, digits and hyphens, no hyphen at the beginning"
        )
    if not isinstance(branch, str) or not branch:
        raise _bad_field("production_branch", "the name of a branch")
    project = call.store.create_project(
        call.arguments["account_id"],
        name,
        production_branch=branch,
        build_config=_object(body, "build_config"),
        deployment_configs=_object(body, "deployment_configs"),
        source=_object(body, "source") or None,
    )
    return wire.Success(result=project_document(project, call.store, sites=call.sites))


def get_project(call: Call) -> Success:
    """One project."""
    return wire.Success(result=project_document(project_of(call), call.store, sites=call.sites))


def get_upload_token(call: Call) -> Success:
    """A token for the asset calls."""
    return wire.Success(result={"jwt": call.store.issue_upload_token(project_of(call))})


def list_domains(call: Call) -> Success:
    """The project's custom domains, in one piece."""
    domains = call.store.domains(project_of(call))
    return wire.Success(result=[domain_document(domain) for domain in domains])


def _object(body: JsonObject, name: str) -> JsonObject:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad_field(name, "an object")
    return value


def _bad_field(name: str, expected: str) -> RefusalError:
    # No code is documented for a field of the wrong form; this one means "unknown error".
    return RefusalError(400, 8000000, message=f"The field `{name}` must be {expected}")
