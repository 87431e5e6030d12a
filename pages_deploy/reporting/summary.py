"""The summary of a deployment for the page of a CI run, in Markdown: a row, and details below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.proof.proof import NO_PROOF
from pages_deploy.reporting.summary_table import Summary, row_of
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.text.escaping import html_text, markdown_link, markdown_sentence, markdown_text
from pages_deploy.text.remarks import public_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.errors import PagesDeployError
    from pages_deploy.proof.changes import Change, Changes
    from pages_deploy.reporting.outputs import Value

LISTED_PAGES = 25
LONGEST_ADDRESS = 2_000
NOTHING = "\u2013"
PASSED_OVER = {"unchanged": "✅ unchanged", "superseded": "⏭️ superseded"}
MEANINGS = {
    "": "",
    "unchanged": "Unchanged: exactly these files are live already.",
    "superseded": "Superseded: a newer commit is live.",
}
VERIFIED = {"true": "✅ yes", "false": "❌ no", "skipped": "skipped"}


def summary_of(deployed: Deployed, outputs: Mapping[str, Value]) -> Summary:
    """Return the summary of a deployment that succeeded."""
    deployment = deployed.deployment
    commit = filter(None, (deployment.commit_hash[:7], deployment.branch))
    uploaded = len(deployed.uploaded.hashes)
    cells = (
        _bold(deployed.project.name),
        PASSED_OVER.get(deployed.passed_over) or f"✅ {markdown_text(deployment.environment)}",
        _link(re.sub("^https?://", "", deployed.alias).rstrip("/"), deployed.alias),
        " \u00b7 ".join(map(markdown_text, commit)),
        f"{deployed.files:,} ({uploaded:,} new)" if uploaded else f"{deployed.files:,}",
        VERIFIED[str(outputs["verified"])],
        f"{outputs['duration-seconds']} s",
    )
    return Summary(row_of([cell or NOTHING for cell in cells]), _details(deployed))


def summary_of_failure(
    project_name: str, error: PagesDeployError, mask: Callable[[str], str] = str
) -> Summary:
    """Return the summary of a run that failed.

    `mask` comes before Markdown, which may cut a secret in two.
    """
    site = _bold(project_name) or NOTHING
    reason = markdown_sentence(mask(public_words(error.message)))
    lines = [f"- ❌ {site}: {reason}"]
    if error.hint:
        lines.append(f"- **What to do:** {markdown_sentence(mask(public_words(error.hint)))}")
    return Summary(row_of([site, "❌ failed", *[NOTHING] * 5]), "\n".join([*lines, "\n"]))


def _details(deployed: Deployed) -> str:
    """Return what the row has no place for, folded; nothing where there is nothing to say."""
    deployment, changes = deployed.deployment, deployed.changes
    facts = [MEANINGS[deployed.passed_over]]
    if deployed.alias != deployment.url:
        facts.append(f"Deployment: {_link(deployment.url, deployment.url)}")
    if deployed.uploaded.hashes:
        files = counted(len(deployed.uploaded.hashes), "new or changed file")
        facts.append(f"Uploaded: {files} ({human_bytes(deployed.uploaded.bytes)})")
    proof = deployed.proof
    if proof.is_proved:
        facts.append(f"Verified: {proof.words}")
    elif proof != NO_PROOF:
        facts.append(f"Not verified: {markdown_sentence(proof.reason)}")
    title = "details"
    if changes is not None:
        title = changes.words
        # The words are the title; what they do not tell is said with them.
        gap = f"; {changes.gap}" if changes.gap else ""
        facts.append(f"Pages: {markdown_sentence(f'{changes.words}{gap}')}" if gap else "")
        facts += _pages(changes, deployed.alias)
    lines = [f"- {fact}" for fact in facts if fact]
    head = f"<details><summary>{html_text(deployed.project.name)}: {title}</summary>"
    # HTML goes on to the next blank line.
    return "\n".join([head, "", *lines, "", "</details>", "\n"]) if lines else ""


def _pages(changes: Changes, address: str) -> list[str]:
    """Name the pages that differ, as many as are readable; linked, where they are still there."""
    listed = changes.first(LISTED_PAGES)
    named = [f"{change.kind.capitalize()}: {_page(change, address)}" for change in listed]
    if changes.count > len(listed):
        named.append(f"and {changes.count - len(listed)} more")
    return named


def _page(change: Change, address: str) -> str:
    if change.kind == "removed":
        return markdown_text(change.path)
    return _link(change.path, address.rstrip("/") + quote(change.path, errors="replace"))


def _bold(name: str) -> str:
    text = markdown_text(name)
    return f"**{text}**" if text else ""


def _link(words: str, url: str) -> str:
    return markdown_link(words, url) if len(url) <= LONGEST_ADDRESS else markdown_text(words)
