"""Calls about the custom domains of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import bad_field
from pages_deploy.emulator.http import wire
from pages_deploy.emulator.http.documents import domain_document
from pages_deploy.emulator.http.project_calls import project_of

if TYPE_CHECKING:
    from pages_deploy.emulator.http.wire import Call, Success
    from pages_deploy.emulator.state.records import Domain


def list_domains(call: Call) -> Success:
    """The project's custom domains, in one piece."""
    domains = call.store.domains.all(project_of(call))
    return wire.Success(result=[_document(call, domain) for domain in domains])


def add_domain(call: Call) -> Success:
    """A new custom domain, whose checks begin."""
    project = project_of(call)
    name = call.json_object().get("name")
    if not isinstance(name, str):
        raise bad_field("name", "a domain name")
    return wire.Success(result=_document(call, call.store.domains.attach(project, name)))


def get_domain(call: Call) -> Success:
    """One custom domain; this is the call that counts as a poll."""
    domain = call.store.domains.poll(project_of(call), call.arguments["domain_name"])
    return wire.Success(result=_document(call, domain))


def validate_domain(call: Call) -> Success:
    """Have the checks made again. The body has nothing to say."""
    domain = call.store.domains.validate_again(project_of(call), call.arguments["domain_name"])
    return wire.Success(result=_document(call, domain))


def delete_domain(call: Call) -> Success:
    """Take a custom domain away."""
    call.store.domains.detach(project_of(call), call.arguments["domain_name"])
    return wire.Success(result=None)


def _document(call: Call, domain: Domain) -> dict[str, object]:
    return domain_document(
        domain, seen=call.store.domains.progress(domain), zones=call.settings.zones
    )
