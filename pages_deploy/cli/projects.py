"""`pages-deploy projects ...`: the Pages projects of the account."""

from __future__ import annotations

from pathlib import Path

import click

from pages_deploy.api.models import Project
from pages_deploy.api.projects import ENVIRONMENTS, EnvironmentChanges
from pages_deploy.cli.confirmation import confirm
from pages_deploy.cli.connection import CONNECTION_OPTIONS, connected
from pages_deploy.cli.deployment_fields import decisive_stage
from pages_deploy.cli.helpful import HelpfulGroup
from pages_deploy.cli.parameters import project_name, with_api_options, with_yes
from pages_deploy.cli.printing import age, print_deleted, print_facts, print_json, print_table
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.cli.variables import parse_variable, read_variables
from pages_deploy.errors import DeploymentError
from pages_deploy.text.amounts import counted

WITH_ENVIRONMENT = click.option(
    "--environment",
    type=click.Choice(["both", *ENVIRONMENTS]),
    default="both",
    show_default=True,
    help="Where the settings of this command apply.",
)
WITH_COMPATIBILITY_DATE = click.option(
    "--compatibility-date", metavar="YYYY-MM-DD", help="For Workers."
)
WITH_COMPATIBILITY_FLAG = click.option(
    "--compatibility-flag",
    "compatibility_flags",
    multiple=True,
    metavar="FLAG",
    help="For Workers; repeatable.",
)


@click.group(cls=HelpfulGroup, help="The Pages projects of the account.")
def command() -> None:
    pass


@command.command("list", help="List every project.")
@with_api_options(CONNECTION_OPTIONS)
def list_projects(runtime: Runtime, /, *, as_json: bool, given: Given) -> None:
    with connected(runtime.settings(given), runtime) as client:
        projects = list(client.projects.list())
    if as_json:
        print_json(runtime, projects)
        return
    print_table(
        runtime,
        ("name", "address", "production branch", "source", "created"),
        [
            (
                project.name,
                ", ".join(project.domains) or project.subdomain,
                project.production_branch,
                project.source_type or "direct upload",
                age(project.created_on, runtime.now()),
            )
            for project in projects
        ],
    )


@command.command("get", help="Show one project.")
@click.argument("name", type=project_name)
@with_api_options(CONNECTION_OPTIONS)
def get_project(runtime: Runtime, /, *, name: str, as_json: bool, given: Given) -> None:
    with connected(runtime.settings(given), runtime) as client:
        _show_project(runtime, client.projects.get(name), as_json=as_json)


@command.command("create", help="Create a direct-upload project.")
@click.argument("name", type=project_name)
@click.option("--production-branch", default="main", show_default=True)
@WITH_COMPATIBILITY_DATE
@WITH_COMPATIBILITY_FLAG
@with_api_options(CONNECTION_OPTIONS)
def create_project(
    runtime: Runtime,
    /,
    *,
    name: str,
    production_branch: str,
    compatibility_date: str | None,
    compatibility_flags: tuple[str, ...],
    as_json: bool,
    given: Given,
) -> None:
    changes = EnvironmentChanges({}, compatibility_date, compatibility_flags or None)
    with connected(runtime.settings(given), runtime) as client:
        project = client.projects.create(
            name,
            production_branch=production_branch,
            environments=dict.fromkeys(ENVIRONMENTS, changes),
        )
        _show_project(runtime, project, as_json=as_json)


@command.command(
    "update",
    help="Change what is given and leave the rest. Secrets come from a file, since command lines "
    "can be read by others.",
)
@click.argument("name", type=project_name)
@click.option("--production-branch")
@click.option("--build-command", help="For a project that Pages builds itself.")
@click.option("--build-output-directory", help="Likewise.")
@WITH_ENVIRONMENT
@click.option("--variable", "variables", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option("--delete-variable", "deleted", multiple=True, metavar="NAME", help="Repeatable.")
@click.option(
    "--variables-file",
    type=click.Path(path_type=Path),
    help='JSON: {"NAME": "value", "KEY": {"type": "secret_text", "value": "..."}, "OLD": null}',
)
@WITH_COMPATIBILITY_DATE
@WITH_COMPATIBILITY_FLAG
@with_api_options(CONNECTION_OPTIONS)
def update_project(
    runtime: Runtime,
    /,
    *,
    name: str,
    production_branch: str | None,
    build_command: str | None,
    build_output_directory: str | None,
    environment: str,
    variables: tuple[str, ...],
    deleted: tuple[str, ...],
    variables_file: Path | None,
    compatibility_date: str | None,
    compatibility_flags: tuple[str, ...],
    as_json: bool,
    given: Given,
) -> None:
    wanted = {} if variables_file is None else read_variables(variables_file, runtime)
    wanted |= dict(map(parse_variable, variables)) | dict.fromkeys(deleted)
    changes = EnvironmentChanges(wanted, compatibility_date, compatibility_flags or None)
    where = ENVIRONMENTS if environment == "both" else (environment,)
    with connected(runtime.settings(given), runtime) as client:
        project = client.projects.update(
            name,
            production_branch=production_branch,
            build_command=build_command,
            build_output_directory=build_output_directory,
            environments=dict.fromkeys(where, changes) if changes.to_json() else None,
        )
        _show_project(runtime, project, as_json=as_json)


@command.command("delete", help="Delete a project and all that it serves.")
@click.argument("name", type=project_name)
@with_yes
@with_api_options(CONNECTION_OPTIONS)
def delete_project(
    runtime: Runtime, /, *, name: str, yes: bool, as_json: bool, given: Given
) -> None:
    with connected(runtime.settings(given), runtime) as client:
        project = client.projects.get(name)
        count = sum(1 for _ in client.deployments.list(name))
        if count:
            runtime.console.step(
                f"Project '{name}' still has {counted(count, 'deployment')}; "
                "Cloudflare may refuse to delete a project with more than about 100 of them: then "
                f"first run `pages-deploy deployments prune --project-name {name} --keep 0`."
            )
        where = ", ".join(project.domains) or project.subdomain
        confirm(runtime, f"Delete project '{name}', served at {where}?", yes=yes)
        client.projects.delete(name)
        print_deleted(runtime, "project", name, as_json=as_json)


@command.command(
    "status", help="Show every project with its latest deployment: a health check of the account."
)
@click.option("--fail", is_flag=True, help="Exit with 4 when the latest of any project failed.")
@with_api_options(CONNECTION_OPTIONS)
def status(runtime: Runtime, /, *, fail: bool, as_json: bool, given: Given) -> None:
    with connected(runtime.settings(given), runtime) as client:
        projects = list(client.projects.list())
    if as_json:
        print_json(runtime, projects)
    else:
        columns = ("project", "url", "stage", "status", "branch", "age")
        print_table(runtime, columns, [_status_row(runtime, project) for project in projects])
    failed = [
        project.name
        for project in projects
        if project.latest_deployment is not None
        and project.latest_deployment.failed_stage is not None
    ]
    if fail and failed:
        raise DeploymentError(
            f"The latest deployment failed of: {', '.join(failed)}.",
            "See why with: pages-deploy deployments logs --project-name NAME",
        )


def _status_row(runtime: Runtime, project: Project) -> tuple[str, ...]:
    deployment = project.latest_deployment
    if deployment is None:
        return (project.name, "", "", "never deployed", "", "")
    stage = decisive_stage(deployment)
    return (
        project.name,
        deployment.url,
        stage.name,
        stage.status,
        deployment.branch,
        age(deployment.created_on, runtime.now()),
    )


def _show_project(runtime: Runtime, project: Project, *, as_json: bool) -> None:
    if as_json:
        print_json(runtime, project)
        return
    live = project.canonical_deployment
    facts = {
        "Name": project.name,
        "Address": project.production_url,
        "Domains": ", ".join(project.custom_domains),
        "Production branch": project.production_branch,
        "Source": project.source_type or "direct upload",
        "Build command": project.build_command,
        "Build output": project.build_output_directory,
        "Live deployment": live.id if live is not None else "none",
        "Id": project.id,
    }
    for name, config in project.environments.items():
        for key, variable in config.variables.items():
            facts[f"{name} {key}"] = "(secret)" if variable.is_secret else variable.value
    print_facts(runtime, facts)
