"""`pages-deploy domains ...`: the custom domains of a project."""

from __future__ import annotations

import click

from pages_deploy.api.client import PagesClient
from pages_deploy.api.models import Domain
from pages_deploy.cli.confirmation import confirm
from pages_deploy.cli.connection import PROJECT_OPTIONS, WAITING_OPTIONS, connected
from pages_deploy.cli.helpful import HelpfulGroup
from pages_deploy.cli.parameters import with_api_options, with_yes
from pages_deploy.cli.printing import age, print_deleted, print_facts, print_json, print_table
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.manage.domain_status import explain, wait_for_domain
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings


@click.group(cls=HelpfulGroup, help="The custom domains of a project.")
def command() -> None:
    pass


@command.command("list", help="List the domains with their status.")
@with_api_options(PROJECT_OPTIONS)
def list_domains(runtime: Runtime, /, *, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        domains = client.domains.list(settings.required(options.PROJECT_NAME))
    if as_json:
        print_json(runtime, domains)
        return
    rows = [
        (domain.name, domain.status, age(domain.created_on, runtime.now())) for domain in domains
    ]
    print_table(runtime, ("name", "status", "age"), rows)


@command.command("get", help="Show a domain, and what is missing until it is served.")
@click.argument("name")
@with_api_options(PROJECT_OPTIONS)
def get_domain(runtime: Runtime, /, *, name: str, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        domain = client.domains.get(settings.required(options.PROJECT_NAME), name)
        _show(runtime, client, domain, settings, as_json=as_json)


@command.command("add", help="Attach a domain to the project.")
@click.argument("name")
@click.option("--wait", "waits", is_flag=True, help="Wait until it is active.")
@with_api_options(WAITING_OPTIONS)
def add_domain(runtime: Runtime, /, *, name: str, waits: bool, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        domain = client.domains.add(settings.required(options.PROJECT_NAME), name)
        if waits:
            domain = _wait(runtime, client, name, settings)
        _show(runtime, client, domain, settings, as_json=as_json)


@command.command("retry", help="Have Cloudflare check a domain again.")
@click.argument("name")
@with_api_options(PROJECT_OPTIONS)
def retry_domain(runtime: Runtime, /, *, name: str, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        domain = client.domains.retry(settings.required(options.PROJECT_NAME), name)
        _show(runtime, client, domain, settings, as_json=as_json)


@command.command("wait", help="Wait until a domain is active.")
@click.argument("name")
@with_api_options(WAITING_OPTIONS)
def wait_domain(runtime: Runtime, /, *, name: str, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        domain = _wait(runtime, client, name, settings)
        _show(runtime, client, domain, settings, as_json=as_json)


@command.command("delete", help="Detach a domain from the project.")
@click.argument("name")
@with_yes
@with_api_options(PROJECT_OPTIONS)
def delete_domain(
    runtime: Runtime, /, *, name: str, yes: bool, as_json: bool, given: Given
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        domain = client.domains.get(project_name, name)
        confirm(runtime, f"Detach domain {domain.name} from project '{project_name}'?", yes=yes)
        client.domains.delete(project_name, name)
        print_deleted(runtime, "domain", name, as_json=as_json)


def _wait(runtime: Runtime, client: PagesClient, name: str, settings: Settings) -> Domain:
    return wait_for_domain(
        client,
        name,
        project_name=settings.required(options.PROJECT_NAME),
        timeout_seconds=settings.number(options.TIMEOUT),
        on_status=runtime.console.step,
    )


def _show(
    runtime: Runtime, client: PagesClient, domain: Domain, settings: Settings, *, as_json: bool
) -> None:
    if as_json:
        print_json(runtime, domain)
        return
    project = client.projects.get(settings.required(options.PROJECT_NAME))
    print_facts(
        runtime,
        {
            "Name": domain.name,
            "Status": domain.status,
            "Meaning": explain(domain, project.subdomain),
            "Created": str(domain.created_on or ""),
        },
    )
