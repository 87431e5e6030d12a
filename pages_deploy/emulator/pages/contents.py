"""What is in a deployment: its files, its rules and what Pages leaves out of them, its Worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup

from pages_deploy.emulator.pages import words
from pages_deploy.emulator.pages.html import (
    code,
    items,
    lines,
    link,
    paragraph,
    section,
    table,
    text_block,
    whole,
)
from pages_deploy.emulator.pages.paging import part_of
from pages_deploy.emulator.state.submissions import ROUTES
from pages_deploy.emulator.state.workers import WorkerFaultError
from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.routes_json import RoutesError, read_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from werkzeug.wrappers import Request

    from pages_deploy.emulator.pages.html import Text
    from pages_deploy.emulator.pages.world import World
    from pages_deploy.emulator.state.records import Deployment, JsonObject, Project
    from pages_deploy.emulator.state.workers import Worker

_SHOWN_FILES: Final = 100
_SHOWN_LINES: Final = 100
_SHOWN_MODULES: Final = 200
# A `_redirects` with all lines that Pages reads has less.
_MAX_SHOWN_BYTES: Final = 512 * 1024


def files(request: Request, world: World, project: Project, deployment: Deployment) -> Markup:
    """The manifest: each path with its size and type, and a link to it while it can be visited."""
    title = words.count(deployment.file_count, "file")
    if not deployment.file_count:
        return section(title, paragraph("The manifest of this deployment is empty."))
    part = part_of(request, "files", size=_SHOWN_FILES, total=deployment.file_count)
    entries = world.store.deployments.files(deployment, start=part.start, limit=part.size)
    base = ""
    if world.store.deployments.progress(deployment).is_live:
        base = world.sites.url(f"{deployment.short_id}.{project.subdomain}")
    rows = [_file(path, key, world, base=base) for path, key in entries]
    return section(title, table(("Path", "Size", "Type"), rows), part.links())


def _file(path: str, key: str, world: World, *, base: str) -> Sequence[Text]:
    shown: Text = code(path)
    asset = world.store.assets.find(key)
    if asset is None:
        return shown, "", "never uploaded"
    if base:
        shown = link(base + quote(path), shown)
    byte_count, _ = world.store.assets.pieces(key)
    return shown, whole(words.size(byte_count)), asset.content_type


def rules(world: World, deployment: Deployment) -> Markup:
    """The files of rules as they were sent, and which of their lines have no effect."""
    sent = world.store.deployments.special_files(deployment)
    shown = [_rules_file(name, sent[name], wrong) for name, wrong in _READERS if name in sent]
    return section("Rules", *shown) if shown else Markup("")


def _rules_file(name: str, content: bytes, wrong_lines: Callable[[str], list[str]]) -> Markup:
    heading = Markup("<h3>{}</h3>").format(code(name))
    if len(content) > _MAX_SHOWN_BYTES:
        size = words.size(len(content))
        return lines([heading, paragraph(f"It has {size}, which is too much to be shown here.")])
    text = content.decode(errors="replace")
    wrong = wrong_lines(text)
    reasons = [f"{name}:{reason}" for reason in wrong[:_SHOWN_LINES]]
    if len(wrong) > len(reasons):
        reasons.append(f"and {words.count(len(wrong) - len(reasons), 'more line')}")
    told: Text = ""
    if wrong:
        told = lines([paragraph("Lines that do not do what they seem to:"), items(reasons)])
    return lines([heading, text_block(name, text), told])


def _wrong_headers(text: str) -> list[str]:
    return [f"{one.line_number}: {one.reason}" for one in read_headers(text).dropped]


def _wrong_redirects(text: str) -> list[str]:
    return [f"{one.line_number}: {one.reason}" for one in read_redirects(text).dropped]


def _wrong_routes(text: str) -> list[str]:
    try:
        read_routes(text)
    except RoutesError as error:
        return [f"{error.line}: {error.message}"]
    return []


_READERS: Final = (
    ("_headers", _wrong_headers),
    ("_redirects", _wrong_redirects),
    (ROUTES, _wrong_routes),
)


def worker(world: World, deployment: Deployment) -> Markup:
    """The Worker: its modules, what reaches it, the routes of its functions."""
    try:
        found = world.store.workers.of(deployment)
    except WorkerFaultError as fault:
        return section("Worker", paragraph(str(fault)))
    if found is None:
        return Markup("")
    reaching = [
        *(Markup("{} reaches the Worker").format(code(rule)) for rule in found.rules.include),
        *(Markup("{} does not").format(code(rule)) for rule in found.rules.exclude),
    ]
    parts: list[Text] = [_modules(found), Markup("<h3>Paths</h3>"), items(reaching)]
    if found.routing is not None:
        parts += [Markup("<h3>Routes of its functions</h3>"), _routes(found.routing)]
    return section("Worker", *parts)


def _modules(found: Worker) -> Markup:
    rows = [
        (
            code(f"{module.name}, the main module")
            if module.name == found.main_module
            else code(module.name),
            whole(words.size(module.size)),
            module.content_type,
        )
        for module in found.modules[:_SHOWN_MODULES]
    ]
    more = len(found.modules) - len(rows)
    return lines(
        [
            table(("Module", "Size", "Type"), rows),
            paragraph(f"And {words.count(more, 'more module')}.") if more else "",
        ]
    )


def _routes(routing: JsonObject) -> Markup:
    """Its sender's own words; nobody has checked them."""
    routes = routing.get("routes")
    known = (
        [route for route in routes if isinstance(route, dict)] if isinstance(routes, list) else []
    )
    rows = [
        (
            code(str(route.get("routePath", ""))),
            str(route.get("method") or "any"),
            code(_handlers(route.get("middleware")) + _handlers(route.get("module"))),
        )
        for route in known[:_SHOWN_LINES]
    ]
    return table(("Path", "Method", "Handler"), rows)


def _handlers(names: object) -> str:
    return " ".join(map(str, names)) if isinstance(names, list) else ""
