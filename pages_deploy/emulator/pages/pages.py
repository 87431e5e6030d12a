"""From a request to the page for people: which one it is, what a form does, what is refused.

1. Find the page of the path; there are few, and each of another path is told to be none.
2. GET and HEAD show it. Forms are sent by POST, and are looked at by `forms` first.
3. What a form has changed is shown by the page to which the answer leads (303).
4. What is refused, by the rules of the API too, is a page with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError
from pages_deploy.emulator.pages.deployment import deployment_page
from pages_deploy.emulator.pages.forms import MAX_FORM_BYTES, Forms
from pages_deploy.emulator.pages.html import FIELDS, code, link, page, paragraph
from pages_deploy.emulator.pages.overview import overview
from pages_deploy.emulator.pages.project import project_page
from pages_deploy.emulator.pages.world import World, deployment_url, project_url
from pages_deploy.emulator.state.names import without_port

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.state.store import Store


class Pages:
    """The pages of one emulator; `sites` is where its sites answer."""

    def __init__(self, store: Store, *, sites: SiteAddress) -> None:
        self._world = World(store, sites)
        self._forms = Forms()

    def answer(self, request: Request) -> Response:
        """The page that a request asks for."""
        request.max_content_length = MAX_FORM_BYTES
        try:
            return self._answer(request)
        except RefusalError as refusal:
            return _refused(refusal.status, refusal.message)
        except HTTPException as error:
            # Of a wrong method, and Werkzeug's own, such as 413 for a form above the limit.
            answer = _refused(error.code or 500, error.description or error.name)
            if isinstance(error, MethodNotAllowed):
                answer.headers["Allow"] = ", ".join(error.valid_methods or ())
            return answer

    def unknown_host(self, request: Request) -> Response:
        """What a host is told that is none of the emulator's."""
        return page(
            "Nothing answers at this name",
            paragraph(
                Markup("This is an emulator of Cloudflare Pages, and {} is no name of it.").format(
                    code(without_port(request.host))
                )
            ),
            paragraph(link(self._world.sites.page_url, "See what is deployed")),
            status=421,
        )

    def _answer(self, request: Request) -> Response:
        world = self._world
        match request.path.split("/")[1:]:
            case [""]:
                _check_method(request, "GET", "HEAD")
                return overview(request, world)
            case ["projects", name]:
                _check_method(request, "GET", "HEAD")
                return project_page(request, world, world.project(name))
            case ["projects", name, "deployments", deployment_id]:
                _check_method(request, "GET", "HEAD")
                project = world.project(name)
                deployment = world.store.deployments.get(project, deployment_id)
                return deployment_page(request, world, project, deployment, forms=self._forms)
            case ["projects", name, "deployments", deployment_id, "rollback"]:
                self._check_form(request)
                return self._roll_back(name, deployment_id)
            case ["projects", name, "deployments", deployment_id, "delete"]:
                self._check_form(request)
                return self._delete(request, name, deployment_id)
        raise RefusalError(404, NOT_DOCUMENTED, message="There is no such page")

    def _check_form(self, request: Request) -> None:
        _check_method(request, "POST")
        self._forms.check(request)

    def _roll_back(self, name: str, deployment_id: str) -> Response:
        project = self._world.project(name)
        deployment = self._world.store.deployments.rollback(project, deployment_id)
        return _see(deployment_url(deployment, project))

    def _delete(self, request: Request, name: str, deployment_id: str) -> Response:
        if "confirmed" not in request.form:
            raise RefusalError(
                400,
                NOT_DOCUMENTED,
                message="Nothing was deleted: tick the box that says so, then send the form again",
            )
        project = self._world.project(name)
        self._world.store.deployments.delete(
            project, deployment_id, is_forced="force" in request.form
        )
        return _see(project_url(project))


def _check_method(request: Request, *allowed: str) -> None:
    if request.method not in allowed:
        raise MethodNotAllowed(allowed, f"This page answers {' and '.join(allowed)} alone")


def _refused(status: int, reason: str) -> Response:
    return page(
        "That did not work" if status != 404 else "There is nothing here",
        paragraph(f"{reason.rstrip('.')}."),
        paragraph(link("/", "All projects")),
        status=status,
    )


def _see(url: str) -> Response:
    return Response(status=303, headers={**FIELDS, "Location": url})
