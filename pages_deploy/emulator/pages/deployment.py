"""The page of a deployment: what it is, how far it is, what is in it, and what to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from pages_deploy.emulator.pages import contents
from pages_deploy.emulator.pages.forms import Forms, checkbox
from pages_deploy.emulator.pages.html import (
    code,
    facts,
    items,
    page,
    paragraph,
    section,
    text_block,
)
from pages_deploy.emulator.pages.words import moment, time_of_day
from pages_deploy.emulator.pages.world import World, deployment_url, project_url
from pages_deploy.emulator.state.logs import log_lines

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from pages_deploy.emulator.pages.html import Text
    from pages_deploy.emulator.state.records import Deployment, Project


def deployment_page(
    request: Request, world: World, project: Project, deployment: Deployment, *, forms: Forms
) -> Response:
    """One deployment."""
    title = f"Deployment {deployment.short_id}"
    return page(
        f"{title} of {project.name}",
        _facts(world, project, deployment),
        _actions(world, project, deployment, forms=forms),
        _course(world, deployment),
        contents.files(request, world, project, deployment),
        contents.rules(world, deployment),
        contents.worker(world, deployment),
        heading=Markup("{} {}").format(title, world.marks(deployment, project)),
        trail=[(project_url(project), project.name)],
    )


def _facts(world: World, project: Project, deployment: Deployment) -> Markup:
    trigger, created = deployment.trigger, deployment.created_on
    commit: Text = ""
    if trigger.commit_hash:
        commit = code(trigger.commit_hash)
        if trigger.commit_dirty:
            commit = Markup("{} and changes that were not committed").format(commit)
    return facts(
        [
            (
                "Answers at",
                Markup("<br>").join(world.addresses(deployment, project)) or "no address",
            ),
            ("Message", trigger.commit_message),
            ("Commit", commit),
            ("Branch", trigger.branch),
            ("Created", Markup("{}, {}").format(world.age(created), moment(created))),
            ("Id", code(deployment.id)),
        ],
        wide=("Answers at", "Commit", "Message"),
    )


def _course(world: World, deployment: Deployment) -> Markup:
    seen = world.store.deployments.progress(deployment)
    stages = [Markup("{} <em>{}</em>").format(stage.name, stage.status) for stage in seen.stages]
    log = log_lines(seen, file_count=deployment.file_count, errors=deployment.errors)
    text = "\n".join(f"{time_of_day(seconds)}  {line}" for seconds, line in log)
    return section(
        "Stages and log",
        items(stages, of="stages"),
        text_block("Log", text),
    )


def _actions(world: World, project: Project, deployment: Deployment, *, forms: Forms) -> Markup:
    url = deployment_url(deployment, project)
    if world.is_live(deployment, project):
        return section(
            "Change",
            paragraph("Production serves this deployment now, so Pages does not delete it."),
        )
    is_target = (
        deployment.environment == "production"
        and world.store.deployments.progress(deployment).is_live
    )
    rollback = forms.form(f"{url}/rollback", button="Roll back to this deployment")
    boxes = [checkbox("confirmed", "Delete this deployment for good", is_required=True)]
    aliased = deployment.alias and world.store.deployments.of_alias(project, deployment.alias)
    if aliased and aliased.id == deployment.id:
        label = Markup("Delete it although {} leads to it").format(
            code(world.sites.host(f"{deployment.alias}.{project.subdomain}"))
        )
        boxes.append(checkbox("force", label))
    return section(
        "Change",
        rollback if is_target else "",
        forms.form(f"{url}/delete", *boxes, button="Delete"),
    )
