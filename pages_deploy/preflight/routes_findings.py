"""What is wrong with `_routes.json`: which requests reach the Worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.preflight.dropped_lines import special_text
from pages_deploy.preflight.finding import Finding
from pages_deploy.rules.routes_json import wrong_routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = "_routes.json"
_REMEDY = (
    'It needs the form {"version": 1, "include": ["/api/*"], "exclude": []}; each rule is a '
    "path that may end in *."
)


def routes_findings(special_files: Mapping[str, bytes], *, has_worker: bool) -> Iterator[Finding]:
    """Yield what is wrong with the file, by line: with Worker code Pages refuses it."""
    for wrong in wrong_routes(special_text(special_files, FILE)):
        yield Finding(
            severity="error" if has_worker else "warning",
            code="routes-invalid",
            file=FILE,
            line=wrong.line,
            message=wrong.message,
            remedy=_REMEDY,
        )
    if FILE in special_files and not has_worker:
        yield Finding(
            severity="warning",
            code="routes-without-worker",
            file=FILE,
            message="The site has no Worker code, so this file has no effect.",
            remedy="Remove it, or see why the build wrote no _worker.js.",
        )
