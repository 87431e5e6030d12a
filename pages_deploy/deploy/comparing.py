"""Add to a good deployment how its pages differ from what production served before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.proof.changes import Changes, compare_pages
from pages_deploy.proof.pages import Pages

if TYPE_CHECKING:
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.deploy.run import Run


def compared(run: Run, deployed: Deployed) -> Deployed:
    """Return the result with the changes, where the plan wants them; nothing of it is an error."""
    if not run.plan.compares_pages or deployed.passed_over:
        return deployed
    planned, timer = run.plan.worker, run.client.transport.timer
    rules = None if planned is None else planned.worker.rules
    try:
        pages = Pages(run.manifest, worker_rules=rules)
        changes = compare_pages(run.session, pages, run.project, timer=timer)
    except Exception as error:  # noqa: BLE001 - an ornament must not bring the house down
        before = run.project.canonical_deployment
        gap = f"comparing them failed because of a bug ({type(error).__name__})"
        changes = Changes(before.id if before else "", is_complete=False, gap=gap)
    if not changes.is_complete:
        run.watcher.step(f"Which pages differ is not fully known: {changes.gap}")
    return replace(deployed, changes=changes)
