"""The summary of a deployment for the page of a CI run: one table, in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.deploy.purge import served_path
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.text.escaping import markdown_link, markdown_sentence, markdown_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.errors import PagesDeployError
    from pages_deploy.reporting.outputs import Value

# GitHub drops a summary of more than 1 MiB.
MAX_SUMMARY_BYTES = 900_000
LISTED_PAGES = 20
STATUS_WORDS = {
    "": "✅ deployed",
    "unchanged": "✅ unchanged: exactly these files are live already",
    "superseded": "⏭️ superseded: a newer commit is live",
}


def summary_of(deployed: Deployed, outputs: Mapping[str, Value]) -> str:
    """Return the summary of a deployment that ended well."""
    deployment = deployed.deployment
    rows = [
        ("Status", STATUS_WORDS[deployed.passed_over]),
        ("URL", markdown_link(deployment.url, deployment.url)),
    ]
    if deployed.alias != deployment.url:
        rows.append(("Alias", markdown_link(deployed.alias, deployed.alias)))
    rows += [
        ("Environment", markdown_text(deployment.environment)),
        ("Branch", markdown_text(deployment.branch)),
        ("Commit", markdown_text(deployment.commit_hash[:12])),
        ("Files", str(deployed.files) if deployed.passed_over else _files(deployed)),
        ("Verified", f"{outputs['verified']}: {_proof(deployed)}"),
        ("Duration", f"{outputs['duration-seconds']} s"),
    ]
    parts = [_table(f"Cloudflare Pages: {markdown_text(deployed.project.name)}", rows)]
    return _capped("\n".join(parts))


def summary_of_failure(
    project_name: str, error: PagesDeployError, mask: Callable[[str], str] = str
) -> str:
    """Return the summary of a run that failed.

    `mask` comes before Markdown, which may cut a secret in two.
    """
    rows = [("Status", "❌ failed"), ("Reason", markdown_sentence(mask(error.message)))]
    if error.hint:
        rows.append(("What to do", markdown_sentence(mask(error.hint))))
    return _capped(_table(f"Cloudflare Pages: {markdown_text(project_name)}", rows))


def _files(deployed: Deployed) -> str:
    new = len(deployed.uploaded.hashes)
    return (
        f"{deployed.files}: {new} new or changed contents "
        f"({human_bytes(deployed.uploaded.bytes)}), the rest was there already"
    )


def _proof(deployed: Deployed) -> str:
    proof = deployed.proof
    if proof.is_proved:
        return proof.words
    return markdown_sentence(proof.reason)


def _table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"### {title}", "", "| | |", "|---|---|"]
    lines += [f"| **{name}** | {value} |" for name, value in rows if value]
    return "\n".join(lines) + "\n"


def _pages(address: str, paths: Sequence[str]) -> str:
    """Link the pages that are new or changed, as many as are readable."""
    pages = counted(len(paths), "new or changed page")
    lines = [f"<details><summary>{pages}</summary>", ""]
    for path in paths[:LISTED_PAGES]:
        served = served_path(path)
        lines.append(f"- {markdown_link(served, address.rstrip('/') + quote(served))}")
    if len(paths) > LISTED_PAGES:
        lines.append(f"- and {len(paths) - LISTED_PAGES} more")
    return "\n".join([*lines, "", "</details>"]) + "\n"


def _capped(text: str) -> str:
    """Cut what is too long, and end with a blank line.

    A later step may write to the same file, and HTML goes on to the next blank line.
    """
    content = text.encode(errors="replace")[:MAX_SUMMARY_BYTES]
    return content.decode(errors="ignore").rstrip("\n") + "\n\n"
