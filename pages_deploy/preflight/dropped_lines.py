"""What Pages leaves out of `_redirects` and `_headers`, in silence: it deploys all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.preflight.finding import Finding
from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.lines import trimmed
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pages_deploy.rules.dropped import Dropped

_HEADERS, _REDIRECTS = "_headers", "_redirects"
_CODES = {
    (_REDIRECTS, "invalid"): "redirect-invalid",
    (_REDIRECTS, "duplicate"): "redirect-duplicate",
    (_REDIRECTS, "loop"): "redirect-loop",
    (_REDIRECTS, "limit"): "redirect-limit",
    (_REDIRECTS, "end"): "redirect-limit",
    (_HEADERS, "invalid"): "header-invalid",
    (_HEADERS, "duplicate"): "header-duplicate",
    (_HEADERS, "end"): "header-limit",
}
_REMEDIES = {
    "redirect-invalid": "Write it as `/from /to 301`, or remove the line.",
    "redirect-duplicate": "Keep one of the two lines.",
    "redirect-loop": "To show one page for every address, remove the line and the top 404.html: "
    "Pages then does that by itself. Else let it lead to a page that is no index.",
    "redirect-limit": "Join lines by * or :name, and put lines without these above the first line "
    "with them: there is room for 2,000.",
    "header-invalid": "Write a path on a line of its own, and below it lines of the form "
    "`Name: value`; or remove the line.",
    "header-duplicate": "Put the headers of one path below one line.",
    "header-limit": "Join paths by * or :name.",
    "line-too-long": "Make it shorter, or several lines.",
}


def special_text(special_files: Mapping[str, bytes], name: str) -> str:
    """Return a special file as Pages reads it; empty where there is none."""
    return special_files.get(name, b"").decode("utf-8", "replace")


def dropped_lines(special_files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield what has no effect in the special files of a manifest, by file and line."""
    headers = special_text(special_files, _HEADERS)
    yield from _findings(_HEADERS, headers, read_headers(headers).dropped)
    redirects = special_text(special_files, _REDIRECTS)
    yield from _findings(_REDIRECTS, redirects, read_redirects(redirects).dropped)


def _findings(file: str, text: str, dropped: Sequence[Dropped]) -> Iterator[Finding]:
    for one in sorted(dropped, key=lambda one: one.line_number):
        code = _CODES.get((file, one.kind), "line-too-long")
        below = _rules_below(text, one.line_number) if one.kind == "end" else 0
        and_more = f", and neither do the {counted(below, 'line')} below it" if below else ""
        yield Finding(
            severity="warning",
            code=code,
            file=file,
            line=one.line_number,
            message=f"This line has no effect{and_more}: {one.reason}.",
            remedy=_REMEDIES[code],
        )


def _rules_below(text: str, line_number: int) -> int:
    """Count the lines below one that are neither empty nor comments."""
    lines = map(trimmed, text.split("\n")[line_number:])
    return sum(bool(line) and not line.startswith("#") for line in lines)
