"""The text of the comment on a pull request: one project's row, and what belongs to it.

Whatever comes from outside passes `escaping`, and none of it begins a line: there it could be a
command to a bot, or one of GitLab's quick actions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from pages_deploy.escaping import markdown_link, markdown_text

# GitHub refuses more than 65,536 characters.
MOST_CHARACTERS = 65_000
LONGEST_ADDRESS = 2_000
# Three times what Pages allows a project's name.
LONGEST_KEY = 174
_UPDATED = re.compile(r"\| \d{4}-\d\d-\d\d \d\d:\d\d \|$", re.MULTILINE)

BUILDING = "\U0001f528 Building"
READY = "\u2705 Ready"
FAILED = "\u274c Failed"
CANCELED = "\U0001f6ab Canceled"
REMOVED = "\U0001f5d1\ufe0f Removed"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the comment says of a project; what is not known is empty."""

    project: str
    # One of the five above.
    status: str
    # The address people should look at.
    preview: str = ""
    # The address of this deployment alone.
    url: str = ""
    commit_hash: str = ""
    branch: str = ""
    run_url: str = ""
    reason: str = ""


def marker_of(project_name: str) -> str:
    """Return the hidden first line by which a project's comment is known.

    Different names give different markers, and none can end the HTML comment: what is more than a
    plain letter is percent-encoded, and so is the second of two hyphens.
    """
    key = re.sub("(?<=-)-", "%2D", quote(project_name.encode("utf-8", "replace"), safe=""))
    if len(key) > LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"<!-- pages-deploy:project={key} -->"


def body_of(row: Row, *, now: float) -> str:
    """Return the comment; `now` is in seconds since the epoch."""
    updated = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M")
    log = f" ({_link('log', row.run_url)})" if row.run_url else ""
    cells = [f"**{markdown_text(row.project)}**", row.status + log, _address(row.preview), updated]
    facts = []
    if row.commit_hash:
        facts.append(f"Commit {markdown_text(row.commit_hash[:7])}")
    if row.branch:
        facts.append(f"Branch {markdown_text(row.branch)}")
    if row.url:
        facts.append(f"Deployment {_address(row.url)}")
    lines = [
        marker_of(row.project),
        "",
        "| Name | Status | Preview | Updated (UTC) |",
        "| :--- | :--- | :--- | :--- |",
        f"| {' | '.join(cells)} |",
    ]
    if facts:
        lines += ["", " \u00b7 ".join(facts)]
    if row.reason:
        lines += ["", f"Reason: {markdown_text(row.reason)}"]
    return "\n".join(lines)[:MOST_CHARACTERS]


def says_the_same(one: str, other: str) -> bool:
    """Whether two comments differ in nothing but the time."""
    return _without_time(one) == _without_time(other)


def _without_time(body: str) -> str:
    return _UPDATED.sub("|", body.replace("\r\n", "\n").strip())


def _address(url: str) -> str:
    return _link(re.sub("^https?://", "", url).rstrip("/"), url) if url else "\u2013"


def _link(words: str, url: str) -> str:
    return markdown_link(words, url) if len(url) <= LONGEST_ADDRESS else markdown_text(words)
