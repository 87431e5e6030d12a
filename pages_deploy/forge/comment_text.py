"""The text of the comment on a pull request: a table with a row for each project, lists of pages.

Each run writes the entry of its project and keeps those of the others, which it knows again by
their form. Whatever comes from outside passes `escaping`, and none of it begins a line: there it
could be a command to a bot, or one of GitLab's quick actions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.comment_pages import PAGES_LINE
from pages_deploy.text.escaping import markdown_link, markdown_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# The hidden first line by which the comment is known.
MARKER = "<!-- pages-deploy -->"
HEADING = (
    "### Cloudflare Pages deployments",
    "",
    "| Name | Status | Preview | Commit | Updated (UTC) |",
    "| :--- | :--- | :--- | :--- | :--- |",
)
# GitHub refuses more than 65,536 characters.
MOST_CHARACTERS = 65_000
LONGEST_ADDRESS = 2_000
# Three times what Pages allows a project's name.
LONGEST_KEY = 174
# What `line_of` writes, and nothing else: escaped text, and links.
_TEXT = (
    r"(?:\\[\\`*_{}\[\]()#+!|~]|@\u200b"
    r"|(?!(?i:https?|ftp|www)[:.])[^\\`*_{}\[\]()#+!|~@<>\r\n])"
)
# The words of a link may be its address, which is not broken.
_WORDS = r"(?:\\[\\`*_{}\[\]()#+!|~]|@\u200b|[^\\`*_{}\[\]()#+!|~@<>\r\n])+"
_LINK = rf"\[{_WORDS}\]\(https?://[^\s<>()\[\]|`\\\"']+\)"
_CELL = rf"(?:{_TEXT}|\(?{_LINK}\)?)+"
_LINE = re.compile(
    rf"\| <!-- pages-deploy:project=(?P<key>[A-Za-z0-9_.~%-]+) --> \*\*{_TEXT}*\*\* "
    rf"\| {_CELL} \| {_CELL} \| {_CELL} \| (?P<updated>[0-9]{{4}}(?:-[0-9]{{2}}){{2}} "
    r"[0-9]{2}:[0-9]{2}) \|"
)

BUILDING = "\U0001f528 Building"
READY = "\u2705 Ready"
FAILED = "\u274c Failed"
CANCELED = "\U0001f6ab Canceled"
REMOVED = "\U0001f5d1\ufe0f Removed"
SUPERSEDED = "\u23ed\ufe0f Superseded"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the comment says of a project; what is not known is empty."""

    project: str
    """The project's name, as the user calls it."""
    status: str
    """One of the six above."""
    preview: str = ""
    """The address people should see."""
    url: str = ""
    """The address of this deployment alone."""
    commit_hash: str = ""
    branch: str = ""
    run_url: str = ""
    """Where the run can be watched."""
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class Entry:
    """What stands in the comment of one project."""

    row: str
    """A line of the table, as `line_of` makes it."""
    pages: str = ""
    """The line below the table with the pages that differ, as `pages_of` makes it; or nothing."""


def key_of(project_name: str) -> str:
    """Return what a project is called in the hidden part of its row.

    Different names give different keys, and none can end the HTML comment: what is more than a
    plain letter is percent-encoded, and so is the second of two hyphens.
    """
    key = re.sub("(?<=-)-", "%2D", quote(project_name.encode("utf-8", "replace"), safe=""))
    # A name of nothing would make a row that is not known again.
    return key if 0 < len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def line_of(row: Row, *, now: float) -> str:
    """Return a row as it stands in the comment; `now` is in seconds since the epoch."""
    status = f"{row.status}: {markdown_text(row.reason)}" if row.reason else row.status
    preview = _link(re.sub("^https?://", "", row.preview).rstrip("/"), row.preview)
    url = row.url if row.url != row.preview else ""
    commit = " \u00b7 ".join(
        markdown_text(text) for text in (row.commit_hash[:7], row.branch) if text
    )
    cells = [
        f"<!-- pages-deploy:project={key_of(row.project)} --> **{markdown_text(row.project)}**",
        status + _aside("log", row.run_url),
        preview + _aside("deployment", url) or "\u2013",
        commit or "\u2013",
        datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M"),
    ]
    # Half of a character cannot be sent, and what is read again has to be the same.
    return f"| {' | '.join(cells)} |".encode("utf-8", "replace").decode()


def body_of(entries: Mapping[str, Entry], *, keep: str) -> str:
    """Return the comment with some entries by key.

    Where it would be too long, the pages go before the rows, and the older ones before the newer;
    those with the key `keep` go last, and its row stays.
    """
    left = dict(sorted(entries.items()))
    while True:
        body = _joined(left.values())
        listing = [key for key, entry in left.items() if entry.pages]
        others = [key for key in left if key != keep]
        if len(body) <= MOST_CHARACTERS or not (listing or others):
            return body
        going = min(listing or others, key=lambda key: (key == keep, _updated(left[key].row)))
        if listing:
            left[going] = replace(left[going], pages="")
        else:
            del left[going]


def _joined(entries: Collection[Entry]) -> str:
    lines = [MARKER, "", *HEADING, *(entry.row for entry in entries)]
    for entry in entries:
        # HTML goes on to the next blank line.
        lines += ["", entry.pages] if entry.pages else []
    return "\n".join(lines)


def is_ours(body: str) -> bool:
    """Whether a comment begins as ours do, which anybody's can."""
    return body.lstrip().startswith(MARKER)


def is_building(entry: Entry) -> bool:
    """Whether an entry says that its project is being built."""
    return f" | {BUILDING}" in entry.row


def entries_of(bodies: Iterable[str]) -> dict[str, Entry]:
    """Return the entries in some comments by key, the latest of each.

    Anything else is passed over, also pages without a row in the same comment.
    """
    found: dict[str, Entry] = {}
    for body in bodies:
        lines = [line.strip() for line in body.replace("\r\n", "\n").split("\n")]
        listed = {match["key"]: line for line in lines if (match := PAGES_LINE.fullmatch(line))}
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None:
                continue
            key = match["key"]
            if key not in found or _updated(found[key].row) <= match["updated"]:
                found[key] = Entry(line, listed.get(key, ""))
    return found


def says_the_same(one: str, other: str) -> bool:
    """Whether two comments differ in nothing but the times."""
    return _without_times(one) == _without_times(other)


def _updated(line: str) -> str:
    match = _LINE.fullmatch(line)
    return match["updated"] if match else ""


def _without_times(body: str) -> str:
    return re.sub(r"(?m)\| [\d: -]{16} \|$", "|", body.replace("\r\n", "\n").strip())


def _aside(words: str, url: str) -> str:
    link = _link(words, url)
    return f" ({link})" if link.endswith(")") else ""


def _link(words: str, url: str) -> str:
    return markdown_link(words, url) if len(url) <= LONGEST_ADDRESS else markdown_text(words)
