"""A forecast in words: facts for people, and a short text in Markdown for a pull request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pages_deploy.preflight.finding import SEVERITIES
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.text.escaping import markdown_link, markdown_sentence, markdown_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pages_deploy.preflight.finding import Finding
    from pages_deploy.preflight.forecast import Forecast
    from pages_deploy.rules.routes_json import RoutesRules

LISTED_FINDINGS = 20
LISTED_RULES = 5
STATUS_WORDS = {
    "unchanged": "nothing would be deployed: exactly these files are live already",
    "superseded": "nothing would be deployed: production serves a newer commit",
}


def facts_of(forecast: Forecast) -> Mapping[str, str]:
    """Return what a deployment would do by the name of each fact; what is empty says nothing."""
    project = forecast.project_name
    if forecast.creates_project:
        project += ", which does not exist and would be created"
    return {
        "Project": project,
        "Environment": forecast.environment,
        "Branch": forecast.branch,
        "Address": forecast.alias or _why_no_alias(forecast),
        "Outcome": STATUS_WORDS.get(forecast.status, ""),
        "Files": _files(forecast),
        "To send": _sending(forecast),
        "Worker": "" if forecast.routes is None else _rules(forecast.routes),
    }


def markdown_of(forecast: Forecast, mask: Callable[[str], str] = str) -> str:
    """Return the forecast as a table, and the worst findings below it.

    `mask` comes before Markdown, which may cut a secret in two.
    """
    rows = []
    for name, words in facts_of(forecast).items():
        told = mask(words)
        is_address = name == "Address" and bool(forecast.alias)
        shown = markdown_link(told, told) if is_address else markdown_text(told)
        rows += [f"| **{name}** | {shown} |"] if words else []
    lines = [f"### Plan for Cloudflare Pages: {markdown_text(mask(forecast.project_name))}", ""]
    lines += [rows[0], "|---|---|", *rows[1:]]
    if forecast.findings:
        lines += ["", *_findings(forecast.findings, mask)]
    # Half of a character cannot be written.
    return "\n".join(lines).encode("utf-8", "replace").decode()


def _findings(findings: Sequence[Finding], mask: Callable[[str], str]) -> list[str]:
    counts = Counter(finding.severity for finding in findings)
    words = ", ".join(counted(counts[one], one) for one in SEVERITIES if counts[one])
    lines = [f"<details><summary>{words}</summary>", ""]
    worst = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    for finding in worst[:LISTED_FINDINGS]:
        place = f"{markdown_text(mask(finding.place))}: " if finding.file else ""
        message = markdown_sentence(mask(finding.message))
        lines.append(f"- {finding.severity}: {place}{message} ({finding.code})")
    if len(worst) > LISTED_FINDINGS:
        lines.append(f"- and {len(worst) - LISTED_FINDINGS:,} more")
    # HTML goes on to the next blank line.
    return [*lines, "", "</details>", ""]


def _why_no_alias(forecast: Forecast) -> str:
    if forecast.creates_project:
        return "known once the project is created"
    return "known once it is deployed: nothing in the branch's name can stand in an address"


def _files(forecast: Forecast) -> str:
    total, new = forecast.total_files, forecast.new_files
    if new is None:
        return f"{total:,}; which of them Pages has is known once the project is created"
    return f"{total:,}: {new:,} new or changed, {total - new:,} already on Pages"


def _sending(forecast: Forecast) -> str:
    sending = forecast.sending
    if not sending.requests:
        return "nothing"
    most = "at most " if forecast.new_files is None else ""
    return (
        f"{most}{counted(sending.files, 'file')} ({human_bytes(sending.bytes)}); {most}"
        f"{counted(sending.requests, 'request')}, {sending.upload_requests:,} of them with files"
    )


def _rules(rules: RoutesRules) -> str:
    return _some(rules.include) + (f"; not {_some(rules.exclude)}" if rules.exclude else "")


def _some(rules: Sequence[str]) -> str:
    more = len(rules) - LISTED_RULES
    return ", ".join(rules[:LISTED_RULES]) + (f" and {more} more" if more > 0 else "")
