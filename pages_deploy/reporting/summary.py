"""The summary of a deployment for the page of a CI run, in Markdown: a table, a list of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.text.amounts import human_bytes
from pages_deploy.text.escaping import markdown_link, markdown_sentence, markdown_text
from pages_deploy.text.remarks import public_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.errors import PagesDeployError
    from pages_deploy.proof.changes import Change, Changes
    from pages_deploy.reporting.outputs import Value

# GitHub drops a summary of more than 1 MiB.
MAX_SUMMARY_BYTES = 900_000
LISTED_PAGES = 25
STATUS_WORDS = {
    "": "✅ deployed to ",
    "unchanged": "✅ unchanged: exactly these files are live already",
    "superseded": "⏭️ superseded: a newer commit is live",
}


def summary_of(deployed: Deployed, outputs: Mapping[str, Value]) -> str:
    """Return the summary of a deployment that succeeded."""
    deployment = deployed.deployment
    environment = markdown_text(deployment.environment)
    status = STATUS_WORDS[deployed.passed_over]
    rows = [("Status", status if deployed.passed_over else status + environment)]
    shared = "Production" if deployment.environment == "production" else "Preview"
    rows.append((shared, markdown_link(deployed.alias, deployed.alias)))
    if deployed.alias != deployment.url:
        rows.append(("Deployment", markdown_link(deployment.url, deployment.url)))
    commit = filter(None, (deployment.branch, deployment.commit_hash[:12]))
    rows += [
        ("Commit", " \u00b7 ".join(map(markdown_text, commit))),
        ("Files", f"{deployed.files:,}" if deployed.passed_over else _files(deployed)),
        ("Verified", f"{outputs['verified']}: {_proof(deployed)}"),
        ("Duration", f"{outputs['duration-seconds']} s"),
    ]
    changes = deployed.changes
    if changes is not None:
        gap = f"; {changes.gap}" if changes.gap else ""
        rows.append(("Pages", markdown_sentence(f"{changes.words}{gap}")))
    parts = [
        _table(f"Deployment to Cloudflare Pages: {markdown_text(deployed.project.name)}", rows)
    ]
    if changes is not None and changes.count:
        parts.append(_pages(changes, deployed.alias))
    return _capped("\n".join(parts))


def summary_of_failure(
    project_name: str, error: PagesDeployError, mask: Callable[[str], str] = str
) -> str:
    """Return the summary of a run that failed.

    `mask` comes before Markdown, which may cut a secret in two.
    """
    rows = [
        ("Status", "❌ failed"),
        ("Reason", markdown_sentence(mask(public_words(error.message)))),
    ]
    if error.hint:
        rows.append(("What to do", markdown_sentence(mask(public_words(error.hint)))))
    return _capped(_table(f"Deployment to Cloudflare Pages: {markdown_text(project_name)}", rows))


def _files(deployed: Deployed) -> str:
    new = len(deployed.uploaded.hashes)
    return (
        f"{deployed.files:,}: {new:,} new or changed "
        f"({human_bytes(deployed.uploaded.bytes)}), the rest was there already"
    )


def _proof(deployed: Deployed) -> str:
    proof = deployed.proof
    if proof.is_proved:
        return proof.words
    return markdown_sentence(proof.reason)


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    # The first fact is the head of the table: an empty one shows as a row without words.
    lines = [f"| **{name}** | {value} |" for name, value in rows if value]
    lines = [f"### {title}", "", lines[0], "|---|---|", *lines[1:]]
    return "\n".join(lines) + "\n"


def _pages(changes: Changes, address: str) -> str:
    """List the pages that differ, as many as are readable; linked, where they are still there."""
    listed = changes.first(LISTED_PAGES)
    lines = [f"<details><summary>{changes.words}</summary>", ""]
    lines += [f"- {change.kind.capitalize()}: {_page(change, address)}" for change in listed]
    if changes.count > len(listed):
        lines.append(f"- and {changes.count - len(listed)} more")
    return "\n".join([*lines, "", "</details>"]) + "\n"


def _page(change: Change, address: str) -> str:
    if change.kind == "removed":
        return markdown_text(change.path)
    return markdown_link(change.path, address.rstrip("/") + quote(change.path, errors="replace"))


def _capped(text: str) -> str:
    """Cut what is too long, and end with a blank line.

    A later step may write to the same file, and HTML goes on to the next blank line.
    """
    content = text.encode(errors="replace")[:MAX_SUMMARY_BYTES]
    return content.decode(errors="ignore").rstrip("\n") + "\n\n"
