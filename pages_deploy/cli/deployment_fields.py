"""Which fields of a deployment the commands print: as JSON, alone, or for people.

JSON has the fields of `Deployment` in the order of its class, which says what each means; how each
is read from an answer of the API stands beside that class.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pages_deploy.api.models import Deployment, Stage
from pages_deploy.cli.printing import age, print_facts, print_json, print_table
from pages_deploy.cli.runtime import Runtime

# Of the table.
COLUMNS = ("id", "environment", "branch", "commit", "stage", "status", "age", "url")
# What --print takes; `alias` is the first of `aliases`, else the deployment's own address.
FIELDS = ("alias", *(field.name for field in dataclasses.fields(Deployment)))


def decisive_stage(deployment: Deployment) -> Stage:
    """Return the stage that decides: the failed one if there is one, else the latest."""
    return deployment.failed_stage or deployment.latest_stage


def show_all(
    runtime: Runtime, deployments: Sequence[Deployment], *, as_json: bool, live_id: str = ""
) -> None:
    """Print deployments: as JSON, or as a table that marks the one with `live_id`."""
    if as_json:
        print_json(runtime, deployments)
    else:
        print_table(runtime, COLUMNS, [_row_of(runtime, one, live_id) for one in deployments])


def _row_of(runtime: Runtime, deployment: Deployment, live_id: str) -> tuple[str, ...]:
    stage = decisive_stage(deployment)
    return (
        deployment.id,
        deployment.environment,
        deployment.branch,
        deployment.commit_hash[:8],
        stage.name,
        f"{stage.status} (live)" if deployment.id == live_id else stage.status,
        age(deployment.created_on, runtime.now()),
        deployment.url,
    )


def show_deployment(
    runtime: Runtime, deployment: Deployment, *, field: str | None, as_json: bool
) -> None:
    """Print one deployment: a field of it, as JSON, or as facts."""
    stage = decisive_stage(deployment)
    alias = deployment.aliases[0] if deployment.aliases else deployment.url
    if field == "alias":
        runtime.print_line(alias)
    elif field in {"latest_stage", "stages", "aliases"}:
        print_json(runtime, getattr(deployment, field))
    elif field is not None:
        value = getattr(deployment, field)
        runtime.print_line("" if value is None else str(value))
    elif as_json:
        print_json(runtime, deployment)
    else:
        facts = {
            "Id": deployment.id,
            "URL": deployment.url,
            "Aliases": ", ".join(deployment.aliases),
            "Environment": deployment.environment,
            "Stage": f"{stage.name}: {stage.status}",
            "Branch": deployment.branch,
            "Commit": deployment.commit_hash,
            "Message": deployment.commit_message.partition("\n")[0],
            "Created": str(deployment.created_on or ""),
        }
        print_facts(runtime, facts)
