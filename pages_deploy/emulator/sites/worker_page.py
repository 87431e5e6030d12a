"""The pages that stand in for a Worker: for one that is not run, and for one that fails.

https://developers.cloudflare.com/workers/observability/errors/ tells what Cloudflare's look like.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, Literal

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.emulator.state.workers import Worker

Reason = Literal["start", "throw", "time", "end", "answer"]
"""Why a Worker gives no answer: it does not start, it throws, it takes too long, it has ended, or
nobody can read what it says."""

WORKER_HEADER: Final = "X-Emulator-Worker"
"""The field that only these pages have: `not-run`, or how the Worker has failed."""

_PAGE: Final = """\
<!doctype html>
<meta charset="utf-8">
<title>A Worker answers here</title>
<h1>A Worker answers here</h1>
<p>This path reaches the Worker of the deployment. The emulator has the Worker and does not run it:
for that it needs workerd, Cloudflare's runtime. Have npm install it, <code>npm install --save-dev
workerd</code>, or name its program by <code>--workerd</code>; then start the emulator again.</p>
<h2>Modules</h2>
<ul>
{modules}</ul>
<h2>Rules</h2>
<ul>
{rules}</ul>
"""

# In the field, as a title, and in a sentence.
_FAILURES: Final[dict[Reason, tuple[str, str, str]]] = {
    "start": (
        "did-not-start",
        "The Worker does not start",
        "Cloudflare would have refused this deployment.",
    ),
    "throw": (
        "threw",
        "The Worker threw an exception",
        "Cloudflare would show its error 1101 here.",
    ),
    "time": (
        "timed-out",
        "The Worker did not answer in time",
        "The emulator has stopped it; at Cloudflare one that computes so long is its error 1102.",
    ),
    "end": (
        "ended",
        "The Worker ended before it had answered",
        "It starts anew at the next request.",
    ),
    "answer": (
        "unreadable",
        "The answer of the Worker cannot be read",
        "The emulator takes 100 header fields of 64 KiB each at most.",
    ),
}
_FAILURE: Final = """\
<!doctype html>
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
<p>{words}</p>
<pre>{said}</pre>
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
    response.headers[WORKER_HEADER] = "not-run"
    response.headers["Cache-Control"] = "no-store"
    return response


def failed(reason: Reason, said: str) -> Response:
    """The page of a Worker that has not answered, with what it said last."""
    value, title, words = _FAILURES[reason]
    page = _FAILURE.format(title=title, words=words, said=escape(said))
    response = Response(page, status=500, content_type="text/html; charset=utf-8")
    response.headers[WORKER_HEADER] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape(text)}</li>\n" for text in texts)
