"""The page of a project: what it is, its custom domains, its deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from pages_deploy.emulator.pages import words
from pages_deploy.emulator.pages.html import (
    code,
    command,
    facts,
    items,
    lines,
    link,
    page,
    paragraph,
    section,
    table,
)
from pages_deploy.emulator.pages.paging import part_of
from pages_deploy.emulator.pages.world import World, deployment_url

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from pages_deploy.emulator.pages.html import Text
    from pages_deploy.emulator.state.records import Deployment, Domain, Project

_SHOWN_DEPLOYMENTS: Final = 25
_SHOWN_HASH: Final = 8
_SHOWN_DOMAINS: Final = 100


def project_page(request: Request, world: World, project: Project) -> Response:
    """One project, its deployments the newest first."""
    live = world.store.deployments.canonical(project)
    rows: list[tuple[str, Text]] = [
        ("Address", world.site_link(project.subdomain)),
        (
            "Live deployment",
            "none" if live is None else link(deployment_url(live, project), live.short_id),
        ),
        ("Production branch", project.production_branch),
        ("Files come by", "Direct Upload" if project.source is None else "a Git repository"),
        ("Created", world.age(project.created_on)),
        ("Account", world.account(project)),
    ]
    return page(
        project.name,
        facts(rows, wide=("Address",)),
        _deployments(request, world, project),
        _domains(world, project),
    )


def _deployments(request: Request, world: World, project: Project) -> Markup:
    deployments = world.store.deployments.all(project)
    if not deployments:
        return section(
            "Deployments",
            paragraph("There is no deployment yet. Make one:"),
            command(
                f"pages-deploy dist --project-name {project.name}"
                f" --branch {project.production_branch}"
            ),
        )
    part = part_of(request, "page", size=_SHOWN_DEPLOYMENTS, total=len(deployments))
    cards = [_card(deployment, world, project) for deployment in part.of(deployments)]
    return section("Deployments", items(cards, of="cards"), part.links())


def _card(deployment: Deployment, world: World, project: Project) -> Markup:
    heading = Markup("<h3>{} {}</h3>").format(
        link(deployment_url(deployment, project), deployment.short_id),
        world.marks(deployment, project),
    )
    trigger = deployment.trigger
    rows: list[tuple[str, Text]] = [
        ("Message", next(iter(trigger.commit_message.splitlines()), "")),
        ("Created", world.age(deployment.created_on)),
        ("Branch", trigger.branch),
        ("Commit", code(trigger.commit_hash[:_SHOWN_HASH]) if trigger.commit_hash else ""),
        ("Files", f"{deployment.file_count:,}"),
        ("Answers at", Markup(", ").join(world.addresses(deployment, project))),
    ]
    return lines([heading, facts(rows, wide=("Message", "Answers at"))])


def _domains(world: World, project: Project) -> Markup:
    domains = world.store.domains.all(project)
    if not domains:
        return section(
            "Custom domains",
            paragraph("There is none. Attach one:"),
            command(f"pages-deploy domains add www.example.com --project-name {project.name}"),
        )
    shown = [_domain(domain, world) for domain in domains[:_SHOWN_DOMAINS]]
    more = len(domains) - len(shown)
    return section(
        "Custom domains",
        table(("Domain", "Status"), shown),
        paragraph(f"And {words.count(more, 'more domain')}.") if more else "",
    )


def _domain(domain: Domain, world: World) -> tuple[Text, Text]:
    seen = world.store.domains.progress(domain)
    reasons = (seen.verification.error_message, seen.validation.error_message)
    return code(domain.name), ": ".join([seen.status, *(reason for reason in reasons if reason)])
