"""A project's list of the pages that differ from production's, as one line of the comment.

It is HTML, which Markdown leaves alone, in a single line: as a row of the table it is known again
by its form, kept by the runs of other projects, and begins with nothing that anybody obeys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.text.escaping import html_link, html_text

if TYPE_CHECKING:
    from pages_deploy.proof.changes import Change, Changes

LISTED_PAGES = 25
# A comment may have 65,000 characters, and the lists of several projects.
MOST_CHARACTERS = 16_000
LONGEST_ADDRESS = 2_000
NOT_ALL = " (not all are known)"

# What `pages_of` writes, and nothing else: text in which nothing is a mention, a reference or an
# address, and links.
_TEXT = (
    r"(?:&(?:amp|lt|gt);|[@#]\u200b"
    r"|(?!(?i:https?|ftp|www)[:.])[^&<>@#\x00-\x1f\x7f-\x9f\u2028\u2029])"
)
_LINK = rf"<a href=\"https?://[^\s<>()\[\]|`\\\"']++\">{_TEXT}*+</a>"
_COUNTS = r"[0-9]++ (?:new|changed|removed)(?:, [0-9]++ (?:new|changed|removed))*+ pages?"
_PAGE = rf"<li>(?:New|Changed|Removed): (?:{_LINK}|{_TEXT}*+)</li>"
PAGES_LINE = re.compile(
    r"<details><summary><!-- pages-deploy:pages=(?P<key>[A-Za-z0-9_.~%-]++) --> "
    rf"<b>{_TEXT}*+</b>: {_COUNTS}(?:{re.escape(NOT_ALL)})?</summary>"
    rf"<ul>(?:{_PAGE})*+(?:<li>and [0-9]++ more</li>)?</ul></details>"
)


def pages_of(key: str, project_name: str, changes: Changes, *, address: str) -> str:
    """Return the line of a project with a key; nothing where no page differs.

    `address` is that of the preview, which the new and the changed pages are linked to.
    """
    if not changes.count:
        return ""
    words = changes.words if changes.is_complete else changes.words + NOT_ALL
    begin = (
        f"<details><summary><!-- pages-deploy:pages={key} --> <b>{html_text(project_name)}</b>: "
        f"{words}</summary><ul>"
    )
    items: list[str] = []
    for change in changes.first(LISTED_PAGES):
        items.append(f"<li>{change.kind.capitalize()}: {_page(change, address)}</li>")
        if len(begin) + sum(map(len, items)) > MOST_CHARACTERS:
            items.pop()
            break
    if changes.count > len(items):
        items.append(f"<li>and {changes.count - len(items)} more</li>")
    # Half of a character cannot be sent, and what is read again has to be the same.
    return f"{begin}{''.join(items)}</ul></details>".encode("utf-8", "replace").decode()


def _page(change: Change, address: str) -> str:
    url = address.rstrip("/") + quote(change.path, errors="replace")
    if change.kind == "removed" or len(url) > LONGEST_ADDRESS:
        return html_text(change.path)
    return html_link(change.path, url)
