"""The first page: all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from pages_deploy.emulator.pages.html import (
    command,
    facts,
    items,
    lines,
    link,
    page,
    paragraph,
)
from pages_deploy.emulator.pages.paging import part_of
from pages_deploy.emulator.pages.world import World, deployment_url, project_url

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from pages_deploy.emulator.pages.html import Text
    from pages_deploy.emulator.state.records import Project

_SHOWN_PROJECTS: Final = 25
_NEXT_COMMAND: Final = "pages-deploy dist --project-name my-site --create-project --branch main"


def overview(request: Request, world: World) -> Response:
    """All projects, the newest first."""
    projects = world.all_projects()
    if not projects:
        return page(
            "Projects",
            paragraph("There is no project yet."),
            paragraph(
                "Set the variables that the emulator printed when it started, in a terminal beside"
                " it. Then publish a directory there:"
            ),
            command(_NEXT_COMMAND),
        )
    part = part_of(request, "page", size=_SHOWN_PROJECTS, total=len(projects))
    cards = [_card(project, world) for project in part.of(projects)]
    return page("Projects", items(cards, of="cards"), part.links())


def _card(project: Project, world: World) -> Markup:
    deployments = world.store.deployments
    live = deployments.canonical(project)
    shown: Text = "none"
    if live is not None:
        name = link(deployment_url(live, project), live.short_id)
        shown = Markup("{}, {}").format(name, world.age(live.created_on))
    heading = Markup("<h2>{}</h2>").format(link(project_url(project), project.name))
    rows: list[tuple[str, Text]] = [
        ("Address", world.site_link(project.subdomain)),
        ("Live deployment", shown),
        ("Deployments", f"{deployments.count(project):,}"),
        ("Production branch", project.production_branch),
        ("Created", world.age(project.created_on)),
        ("Account", world.account(project)),
    ]
    return lines([heading, facts(rows, wide=("Address",))])
