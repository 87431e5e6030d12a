"""`pages-deploy [deploy] [DIRECTORY]`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pages_deploy import options
from pages_deploy.api.deployments import Commit
from pages_deploy.cli.connection import connected, open_client
from pages_deploy.cli.parameters import flags_of, help_without_flags, with_options, with_verbosity
from pages_deploy.cli.runtime import Runtime
from pages_deploy.deploy import Deployed, deploy
from pages_deploy.manifest import build_manifest, refuse_functions_beside
from pages_deploy.options import OPTIONS
from pages_deploy.purge import Purge
from pages_deploy.report import (
    OUTPUTS,
    append_github_output,
    as_json,
    outputs_of,
    summary_lines,
    write_json_file,
)
from pages_deploy.settings import Settings


@click.command(
    help="Deploy DIRECTORY, and wait until the deployment has ended well.",
    epilog=help_without_flags(),
)
@with_options(OPTIONS)
@click.option("--json", "as_json_text", is_flag=True, help="Print the outputs as JSON.")
@click.option(
    "--print",
    "field",
    metavar="FIELD",
    type=click.Choice(list(OUTPUTS)),
    help=f"Print one output alone: {', '.join(list(OUTPUTS)[:9])}.",
)
@with_verbosity
@click.pass_obj
def command(runtime: Runtime, /, as_json_text: bool, field: str | None, **values: Any) -> None:
    settings = runtime.settings(flags_of(values))
    deployed = deploy_with(settings, runtime)
    outputs = outputs_of(deployed)
    if path := runtime.environ.get("GITHUB_OUTPUT"):
        append_github_output(Path(path), outputs)
    if path := settings.text(options.JSON_FILE):
        write_json_file(runtime.current_directory / path, outputs)
    if field is not None:
        runtime.print_line(str(outputs[field]))
    elif as_json_text:
        runtime.print_text(as_json(outputs))
    else:
        for line in summary_lines(outputs):
            runtime.print_line(line)


def deploy_with(settings: Settings, runtime: Runtime) -> Deployed:
    """Deploy as the settings say; what can be wrong without a network is found out first."""
    project_name = settings.required(options.PROJECT_NAME)
    directory, branch, purge = settings.build_directory, settings.branch, settings.purge
    if not settings.switch(options.NO_FUNCTIONS):
        refuse_functions_beside(settings.working_directory, directory)
    with (
        connected(settings, runtime) as client,
        open_client(settings, runtime, settings.purge_credentials) as purge_client,
    ):
        manifest = build_manifest(directory, on_file=runtime.console.hashing)
        for name in manifest.left_out:
            runtime.console.warn(f"{name} is not deployed: Pages reserves this name.")
        return deploy(
            client,
            manifest,
            project_name=project_name,
            watcher=runtime.console,
            branch=branch,
            commit=Commit(
                settings.text(options.COMMIT_HASH),
                settings.text(options.COMMIT_MESSAGE),
                settings.commit_dirty,
            ),
            create_project=settings.switch(options.CREATE_PROJECT),
            production_branch=settings.text(options.PRODUCTION_BRANCH),
            skip_caching=settings.switch(options.SKIP_CACHING),
            concurrency=int(settings.number(options.CONCURRENCY)),
            timeout_seconds=settings.number(options.TIMEOUT),
            purge=None
            if purge == "off"
            else Purge(purge_client.zones, settings.text(options.ZONE_ID), purge),
        )
