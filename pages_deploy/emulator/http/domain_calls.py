"""Calls about the custom domains of a project.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.http.project_calls import project_of
from pages_deploy.emulator.state.fields import bad_field

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call


def list_domains(call: Call) -> Success:
    """The project's custom domains, in one piece."""
    domains = call.store.domains.all(project_of(call))
    return Success(result=[call.documents.domain(domain) for domain in domains])


def add_domain(call: Call) -> Success:
    """A new custom domain, whose checks begin. Raises RefusalError as `DomainStore.attach`."""
    project = project_of(call)
    name = call.json_object().get("name")
    if not isinstance(name, str):
        raise bad_field("name", "a domain name")
    return Success(result=call.documents.domain(call.store.domains.attach(project, name)))


def get_domain(call: Call) -> Success:
    """One custom domain; this is the call that counts as a poll. Raises RefusalError 8000021."""
    domain = call.store.domains.poll(project_of(call), call.arguments["domain_name"])
    return Success(result=call.documents.domain(domain))


def validate_domain(call: Call) -> Success:
    """Have the checks made again. The body has nothing to say. Raises RefusalError 8000021."""
    domain = call.store.domains.validate_again(project_of(call), call.arguments["domain_name"])
    return Success(result=call.documents.domain(domain))


def delete_domain(call: Call) -> Success:
    """Take a custom domain away. Raises RefusalError 8000021."""
    call.store.domains.detach(project_of(call), call.arguments["domain_name"])
    return Success(result=None)
