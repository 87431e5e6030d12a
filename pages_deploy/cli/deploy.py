"""`pages-deploy [deploy] [DIRECTORY]`: the main job."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from pages_deploy import options
from pages_deploy.api.deployments import Commit
from pages_deploy.cli.connection import connected, open_client
from pages_deploy.cli.parameters import help_without_flags, with_options, with_verbosity
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.deploy import Deployed, deploy
from pages_deploy.errors import PagesDeployError, SettingsError
from pages_deploy.manifest import build_manifest, refuse_functions_beside
from pages_deploy.options import OPTIONS
from pages_deploy.purge import Purge
from pages_deploy.report import (
    OUTPUTS,
    Value,
    append_github_output,
    as_json,
    check_writable,
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
def command(runtime: Runtime, /, as_json_text: bool, field: str | None, given: Given) -> None:
    settings = runtime.settings(given)
    sinks: list[tuple[Path, Callable[[Path, Mapping[str, Value]], None]]] = []
    if path := runtime.environ.get("GITHUB_OUTPUT"):
        sinks.append((Path(path), append_github_output))
    if path := settings.text(options.JSON_FILE):
        sinks.append((runtime.current_directory / path, write_json_file))
    for file, _ in sinks:
        check_writable(file)
    outputs = outputs_of(deploy_with(settings, runtime))
    # Printed first: whatever happens to the files, this is not lost.
    if field is not None:
        runtime.print_line(str(outputs[field]))
    elif as_json_text:
        runtime.print_text(as_json(outputs))
    else:
        for line in summary_lines(outputs):
            runtime.print_line(line)
    hand_over(outputs, sinks)


def hand_over(
    outputs: Mapping[str, Value],
    sinks: list[tuple[Path, Callable[[Path, Mapping[str, Value]], None]]],
) -> None:
    """Write the outputs to every file; raises PagesDeployError for those that failed."""
    failed = []
    for file, write in sinks:
        try:
            write(file, outputs)
        except SettingsError as error:
            failed.append(error.message)
    if failed:
        raise PagesDeployError(
            f"The deployment is done, but its outputs are lost to later steps. {' '.join(failed)}",
            f"Its address is {outputs['url']}",
        )


def deploy_with(settings: Settings, runtime: Runtime) -> Deployed:
    """Deploy as the settings say; what can be wrong without a network is found out first."""
    settings.check_credentials()
    project_name = settings.required(options.PROJECT_NAME)
    directory, branch = settings.build_directory, settings.branch
    purges = settings.purge != "off"
    if not settings.switch(options.NO_FUNCTIONS):
        refuse_functions_beside(settings.working_directory, directory)
    manifest = build_manifest(directory, on_file=runtime.console.hashing)
    for name in manifest.left_out:
        runtime.console.warn(f"{name} is not deployed: Pages reserves this name.")
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(connected(settings, runtime))
        purge = None
        if purges:
            purging = open_client(settings, runtime, settings.purge_credentials)
            zones = stack.enter_context(purging).zones
            purge = Purge(zones, settings.text(options.ZONE_ID), settings.purge)
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
            purge=purge,
        )
