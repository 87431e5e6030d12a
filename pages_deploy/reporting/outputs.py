"""The outputs of a deployment: their names, and their values as facts for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.text.amounts import human_bytes
from pages_deploy.text.escaping import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.deploy.deployed import Deployed

Value = str | int | float | bool

# Every output and what it is, in the order in which they are written; docs/outputs.md and
# action.yml are tested against it.
OUTPUTS = {
    "id": "The deployment's id.",
    "url": "The address of this deployment alone; it stays for ever.",
    "alias": "A preview's branch address; in production the same as `production-url`.",
    "environment": "`production` or `preview`.",
    "status": "`success`; `unchanged` or `superseded` where another deployment stays live.",
    "files": "How many files the deployment has.",
    "uploaded-files": "How many different file contents were uploaded; Pages had the rest already.",
    "uploaded-bytes": "Their size in bytes.",
    "duration-seconds": "How long the deployment took, without the hashing.",
    "verified": "`true`: the address serves what was sent; `false`: it does not; `skipped`.",
    "rolled-back-to": "The id of the earlier deployment that production serves after a failure.",
    "production-url": "Production's address: its first active custom domain, else `*.pages.dev`.",
    "new-pages": "How many pages production did not have; empty where nobody asked.",
    "changed-pages": "How many pages differ from production's.",
    "removed-pages": "How many pages production had and this deployment has not.",
    "pages-deployment-id": "The same as `id`, as wrangler-action calls it.",
    "deployment-url": "The same as `url`, as wrangler-action calls it.",
    "pages-deployment-alias-url": "The same as `alias`, as wrangler-action calls it.",
    "pages-environment": "The same as `environment`, as wrangler-action calls it.",
    "command-output": "The addresses as text, for what looked for them in wrangler's own words.",
}


WRANGLER_ACTION_OUTPUTS = frozenset(
    {
        "pages-deployment-id",
        "deployment-url",
        "pages-deployment-alias-url",
        "pages-environment",
        "command-output",
    }
)


def outputs_of(deployed: Deployed) -> dict[str, Value]:
    """Return the outputs of a deployment by name, one for each entry of OUTPUTS."""
    deployment, changes = deployed.deployment, deployed.changes
    return {
        "id": deployment.id,
        "url": deployment.url,
        "alias": deployed.alias,
        "environment": deployment.environment,
        "status": deployed.status,
        "files": deployed.files,
        "uploaded-files": len(deployed.uploaded.hashes),
        "uploaded-bytes": deployed.uploaded.bytes,
        "duration-seconds": round(deployed.duration_seconds, 1),
        "verified": verified(deployed),
        "rolled-back-to": deployed.rolled_back_to,
        "production-url": deployed.production_url,
        "new-pages": "" if changes is None else len(changes.new),
        "changed-pages": "" if changes is None else len(changes.changed),
        "removed-pages": "" if changes is None else len(changes.removed),
        "pages-deployment-id": deployment.id,
        "deployment-url": deployment.url,
        "pages-deployment-alias-url": deployed.alias,
        "pages-environment": deployment.environment,
        "command-output": _in_wranglers_words(deployment.url, deployed.alias),
    }


def json_of(outputs: Mapping[str, Value], deployed: Deployed) -> str:
    """Return the outputs as a JSON object, numbers as numbers, with the lists of changed pages."""
    changes = deployed.changes
    if changes is None:
        return json_text(outputs, indent=2)
    lists = {
        "baseline": changes.baseline or None,
        "new": changes.new,
        "changed": changes.changed,
        "removed": changes.removed,
        "complete": changes.is_complete,
    }
    return json_text({**outputs, "changes": lists}, indent=2)


def _in_wranglers_words(url: str, alias: str) -> str:
    # In one line: not every platform takes more.
    also = "" if alias == url else f" Deployment alias URL: {alias}"
    return f"Deployment complete! Take a peek over at {url}{also}"


def verified(deployed: Deployed) -> str:
    """Say whether the address serves what was sent: true, false, or skipped where unknown."""
    if deployed.is_wrong:
        return "false"
    return "true" if deployed.proof.is_proved else "skipped"


def summary_lines(outputs: Mapping[str, Value]) -> list[str]:
    """Return the result for people, one fact a line; the last is the address that they share."""
    facts = [] if outputs["status"] == "success" else [("Status", outputs["status"])]
    uploaded = human_bytes(int(outputs["uploaded-bytes"]))
    facts += [
        ("Environment", outputs["environment"]),
        ("Files", f"{outputs['files']:,} ({outputs['uploaded-files']:,} uploaded, {uploaded})"),
        ("Verified", outputs["verified"]),
    ]
    if outputs["new-pages"] != "":
        counts = (f"{outputs[f'{kind}-pages']} {kind}" for kind in ("new", "changed", "removed"))
        facts.append(("Pages", ", ".join(counts)))
    facts.append(("Seconds", outputs["duration-seconds"]))
    if outputs["alias"] != outputs["url"]:
        facts.append(("Deployment", outputs["url"]))
    shared = "Production" if outputs["environment"] == "production" else "Preview"
    facts.append((shared, outputs["alias"] or outputs["url"]))
    return [f"{name + ':':<13}{value}" for name, value in facts]


def own_outputs(outputs: Mapping[str, Value]) -> dict[str, str]:
    """Return the outputs as texts, without empty ones and repetitions for wrangler-action."""
    return {
        name: str(value)
        for name, value in outputs.items()
        if name not in WRANGLER_ACTION_OUTPUTS and value != ""
    }
