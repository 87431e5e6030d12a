"""The page that stands in for a Worker, which this emulator keeps and does not run yet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.emulator.state.workers import Worker

NOT_RUN_HEADER: Final = "X-Emulator-Worker"
"""The field that only this page has; its value is `not-run`."""

_PAGE: Final = """\
<!doctype html>
<meta charset="utf-8">
<title>A Worker answers here</title>
<h1>A Worker answers here</h1>
<p>This path reaches the Worker of the deployment. The emulator has the Worker, and does not run it
yet.</p>
<h2>Modules</h2>
<ul>
{modules}</ul>
<h2>Rules</h2>
<ul>
{rules}</ul>
"""


def answer(worker: Worker) -> Response:
    """The page, with the modules and the rules of the Worker.

    Its status is 203, which says that this is not the answer of whoever is in charge: a success
    would claim that the Worker has run, a failure that it is broken.
    """
    page = _PAGE.format(
        modules=_items(
            f"{module.name} ({module.content_type}, {module.size} bytes)"
            + (", the main module" if module.name == worker.main_module else "")
            for module in worker.modules
        ),
        rules=_items(
            [
                *(f"{rule} reaches the Worker" for rule in worker.rules.include),
                *(f"{rule} does not" for rule in worker.rules.exclude),
            ]
        ),
    )
    response = Response(page, status=203, content_type="text/html; charset=utf-8")
    response.headers[NOT_RUN_HEADER] = "not-run"
    response.headers["Cache-Control"] = "no-store"
    return response


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape(text)}</li>\n" for text in texts)
