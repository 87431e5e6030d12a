"""`pages-deploy [deploy] [DIRECTORY]`: the main job."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pages_deploy.api.models import Deployment, Project
from pages_deploy.cli.announcing import announcer_of, forge_of_build, shows_changes
from pages_deploy.cli.build_directory import read_build_directory
from pages_deploy.cli.connection import connected, open_client
from pages_deploy.cli.deployment_plan import SKIPPED, PlanWatcher, plan_of, with_worker
from pages_deploy.cli.file_rules import tell_kept_types
from pages_deploy.cli.findings import look_before
from pages_deploy.cli.forge_facts import with_forge_facts
from pages_deploy.cli.parameters import SwitchingCommand, with_options, with_verbosity
from pages_deploy.cli.results import (
    hand_over,
    hand_over_failure,
    output_files,
    print_result,
    show_summary,
)
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import (
    Deployed,
    FailedDeploymentError,
    SupersededDeploymentError,
    UnaddressedDeploymentError,
    UnservedDeploymentError,
)
from pages_deploy.errors import Interrupted, PagesDeployError
from pages_deploy.forge.announcer import Announcer
from pages_deploy.reporting.output_files import OutputFile, as_json
from pages_deploy.reporting.outputs import OUTPUTS, outputs_of
from pages_deploy.reporting.summary import summary_of, summary_of_failure
from pages_deploy.settings import options
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.settings import Settings
from pages_deploy.text.remarks import public_words
from pages_deploy.upload.upload import Progress

if TYPE_CHECKING:
    from pages_deploy.forge.forge import Forge

# Failures with a deployment that later steps may want to know of.
WITH_OUTPUTS = (UnservedDeploymentError, UnaddressedDeploymentError, SupersededDeploymentError)


@click.command(
    cls=SwitchingCommand,
    help="Deploy DIRECTORY, wait until the deployment is finished, and check that the right "
    "files are served.",
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
    runtime.interrupt_notice = "No deployment was created; what was uploaded is not sent again."
    settings = runtime.settings(given)
    if settings.skips_for_want_of_a_token:
        runtime.console.notice(SKIPPED)
        return
    if settings.switch(options.DRY_RUN):
        _dry_run(settings, runtime, field=field, as_json=as_json_text)
        return
    files = output_files(settings, runtime)
    for file in files:
        file.check()
    if path := runtime.environ.get("GITHUB_OUTPUT"):
        OutputFile(Path(path), as_json).check()
    summarizes = settings.switch(options.SUMMARY)
    forge = forge_of_build(settings, runtime)
    settings = with_forge_facts(settings, runtime, forge)
    announcer = announcer_of(settings, runtime, forge)
    try:
        with runtime.console.section("Deploying to Cloudflare Pages"):
            deployed = deploy_with(settings, runtime, announcer, forge)
    except PagesDeployError as error:
        if summarizes:
            summary = summary_of_failure(settings.text(options.PROJECT_NAME), error, runtime.mask)
            show_summary(runtime, summary, runtime.console.command)
        words = public_words(f"{error.message} {error.hint}".strip())
        announcer.failed(runtime.mask(words))
        if isinstance(error, WITH_OUTPUTS) or (
            # Of a deployment that ended badly by itself there is nothing to hand on.
            isinstance(error, FailedDeploymentError) and error.deployed.rolled_back_to
        ):
            hand_over_failure(runtime, error.deployed, files)
        raise
    except Interrupted:
        announcer.failed("The run was interrupted.", canceled=True)
        raise
    except Exception as bug:
        # Its own words may hold anything.
        announcer.failed(f"pages-deploy has a bug ({type(bug).__name__}).")
        raise
    outputs = outputs_of(deployed)
    # A result that is asked for alone has standard output to itself.
    alone = field is not None or as_json_text
    write = runtime.console.command if alone else runtime.print_command
    try:
        # Printed first: whatever happens to the files, this is not lost; nor they with it.
        print_result(runtime, outputs, deployed, field=field, as_json=as_json_text)
    finally:
        if summarizes:
            show_summary(runtime, summary_of(deployed, outputs), write)
        try:
            hand_over(runtime, deployed, outputs, files, write)
        finally:
            announcer.succeeded(deployed)


def _dry_run(settings: Settings, runtime: Runtime, *, field: str | None, as_json: bool) -> None:
    if field is not None:
        raise click.UsageError("--print has nothing to print: a dry run has no outputs.")
    # Imported where it is needed: a deployment has no use for it.
    from pages_deploy.cli.plan import show_plan  # noqa: PLC0415

    show_plan(settings, runtime, as_json=as_json)


class DeployWatcher(PlanWatcher):
    """Tells the announcer, too, and whoever interrupts what is there."""

    def __init__(self, settings: Settings, runtime: Runtime, announcer: Announcer) -> None:
        super().__init__(settings, runtime)
        self._announcer = announcer

    def uploading(self, progress: Progress) -> None:
        """Show how far the upload is."""
        self._runtime.console.uploading(progress)

    def target_found(self, project: Project, environment: str) -> None:
        """Announce the deployment.

        Object once more: a run beside this one may have made the project, for another branch.
        """
        self._settings.check_expectation(environment)
        self._announcer.started(project, environment)

    def deployment_created(self, deployment: Deployment) -> None:
        """Have an interrupt say that it exists."""
        self._runtime.interrupt_notice = f"Deployment {deployment.id} exists: {deployment.url}"


def deploy_with(
    settings: Settings, runtime: Runtime, announcer: Announcer, forge: Forge | None
) -> Deployed:
    """Deploy as the settings say; what can be wrong without a network is found out first."""
    plan = replace(
        plan_of(settings, runtime, forge), compares_pages=shows_changes(settings, runtime, forge)
    )
    manifest = read_build_directory(
        settings, runtime, allows_secrets=settings.switch(options.ALLOW_SECRETS)
    )
    plan = with_worker(plan, settings, runtime)
    look_before(manifest, plan.worker, settings, runtime)
    watcher = DeployWatcher(settings, runtime, announcer)
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(connected(settings, runtime))
        zones = None
        if plan.purge is not None:
            purging = open_client(settings, runtime, settings.purge_credentials)
            zones = stack.enter_context(purging).zones
        deployed = deploy(client, manifest, plan, watcher, zones=zones)
    tell_kept_types(manifest, deployed, runtime.console)
    return deployed
