"""`pages-deploy deployments ...`: see deployments, follow them, move production."""

from __future__ import annotations

import click

from pages_deploy.api.models import Deployment
from pages_deploy.cli.connection import PROJECT_OPTIONS, WAITING_OPTIONS, connected
from pages_deploy.cli.deletion import command as delete
from pages_deploy.cli.deployment_fields import (
    FIELDS,
    decisive_stage,
    show_all,
    show_deployment,
)
from pages_deploy.cli.helpful import HelpfulGroup
from pages_deploy.cli.parameters import with_api_options
from pages_deploy.cli.printing import print_json, print_json_line
from pages_deploy.cli.prune import command as prune
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.deploy.waiting import wait_for_deployment
from pages_deploy.manage.following import deployment_of, follow_log, roll_back
from pages_deploy.settings import options

WITH_ENVIRONMENT = click.option("--environment", type=click.Choice(["production", "preview"]))
WITH_PRINT = click.option(
    "--print",
    "field",
    type=click.Choice(FIELDS),
    metavar="FIELD",
    help=f"Print one field alone: {', '.join(FIELDS)}.",
)


@click.group(cls=HelpfulGroup, help="The deployments of a project.")
def command() -> None:
    pass


command.add_command(delete)
command.add_command(prune)


@command.command("list", help="List the deployments, the newest first.")
@WITH_ENVIRONMENT
@click.option("--branch", "branch_filter", default="", help="Only those of this branch.")
@click.option(
    "--status", "status_filter", default="", help="Only those whose latest stage has this status."
)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many; by default all.")
@with_api_options(PROJECT_OPTIONS)
def list_deployments(
    runtime: Runtime,
    /,
    *,
    environment: str | None,
    branch_filter: str,
    status_filter: str,
    limit: int | None,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    found: list[Deployment] = []
    with connected(settings, runtime) as client:
        for deployment in client.deployments.list(project_name, environment=environment or ""):
            if branch_filter and deployment.branch != branch_filter:
                continue
            if status_filter and decisive_stage(deployment).status != status_filter:
                continue
            found.append(deployment)
            if len(found) == limit:
                break
        # Programs that read the table get it without the mark, and without another call.
        is_marked = bool(found) and not as_json and runtime.width is not None
        live = client.projects.get(project_name).canonical_deployment if is_marked else None
    live_id = "" if live is None else live.id
    show_all(runtime, found, as_json=as_json, live_id=live_id)


@command.command("get", help="Show one deployment.")
@click.argument("deployment_id", metavar="ID")
@WITH_PRINT
@with_api_options(PROJECT_OPTIONS)
def get_deployment(
    runtime: Runtime, /, *, deployment_id: str, field: str | None, as_json: bool, given: Given
) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        found = deployment_of(client, settings.required(options.PROJECT_NAME), deployment_id)
        show_deployment(runtime, found, field=field, as_json=as_json)


@command.command("latest", help="Show the newest deployment; --print url gives its address.")
@WITH_ENVIRONMENT
@WITH_PRINT
@with_api_options(PROJECT_OPTIONS)
def latest(
    runtime: Runtime,
    /,
    *,
    environment: str | None,
    field: str | None,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    with connected(settings, runtime) as client:
        found = deployment_of(
            client, settings.required(options.PROJECT_NAME), environment=environment or ""
        )
        show_deployment(runtime, found, field=field, as_json=as_json)


@command.command("wait", help="Wait until a deployment has ended; without ID, the newest.")
@click.argument("deployment_id", metavar="[ID]", required=False)
@WITH_ENVIRONMENT
@WITH_PRINT
@with_api_options(WAITING_OPTIONS)
def wait(
    runtime: Runtime,
    /,
    *,
    deployment_id: str | None,
    environment: str | None,
    field: str | None,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        found = deployment_of(client, project_name, deployment_id, environment=environment or "")
        ended = wait_for_deployment(
            client,
            found,
            project_name=project_name,
            timeout_seconds=settings.number(options.TIMEOUT),
            watcher=runtime.console,
        )
        show_deployment(runtime, ended, field=field, as_json=as_json)


@command.command("logs", help="Print a deployment's log; without ID, the newest's.")
@click.argument("deployment_id", metavar="[ID]", required=False)
@click.option("--follow", is_flag=True, help="Go on until the deployment has ended.")
@with_api_options(WAITING_OPTIONS)
def logs(
    runtime: Runtime, /, *, deployment_id: str | None, follow: bool, as_json: bool, given: Given
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        found = deployment_of(client, project_name, deployment_id)
        if as_json and not follow:
            print_json(runtime, client.deployments.logs(project_name, found.id))
            return
        follow_log(
            client,
            found,
            project_name=project_name,
            timeout_seconds=settings.number(options.TIMEOUT) if follow else None,
            on_line=(lambda line: print_json_line(runtime, line))
            if as_json
            else (lambda line: runtime.print_line(f"{line.time or ''}  {line.text}")),
        )


@command.command("retry", help="Make a new deployment from the same source as ID.")
@click.argument("deployment_id", metavar="ID")
@click.option("--wait", "waits", is_flag=True, help="Wait until the new one has ended.")
@WITH_PRINT
@with_api_options(WAITING_OPTIONS)
def retry(
    runtime: Runtime,
    /,
    *,
    deployment_id: str,
    waits: bool,
    field: str | None,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        old = deployment_of(client, project_name, deployment_id)
        new = client.deployments.retry(project_name, old.id)
        runtime.console.step(f"Retried {old.id} as {new.id}")
        if waits:
            new = wait_for_deployment(
                client,
                new,
                project_name=project_name,
                timeout_seconds=settings.number(options.TIMEOUT),
            )
        show_deployment(runtime, new, field=field, as_json=as_json)


@command.command(
    "rollback",
    help="Let production serve an earlier deployment: ID, or else the successful one before the "
    "live one.",
)
@click.argument("deployment_id", metavar="[ID]", required=False)
@click.option(
    "--wait", "_waits", is_flag=True, help="Changes nothing: it always waits until it is live."
)
@WITH_PRINT
@with_api_options(WAITING_OPTIONS)
def rollback(
    runtime: Runtime,
    /,
    *,
    deployment_id: str | None,
    _waits: bool,
    field: str | None,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        named = deployment_id is not None
        target = deployment_of(client, project_name, deployment_id) if named else None
        live = roll_back(
            client,
            project_name,
            target=target,
            timeout_seconds=settings.number(options.TIMEOUT),
            on_step=runtime.console.step,
        )
        show_deployment(runtime, live, field=field, as_json=as_json)
