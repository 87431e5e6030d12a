"""`pages-deploy [deploy] [DIRECTORY]`: the main job."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from pages_deploy.api.deployments import Commit
from pages_deploy.api.models import Deployment, Project
from pages_deploy.ci import github
from pages_deploy.ci.base import HandBack
from pages_deploy.ci.detection import hand_back_of, show_summary_of
from pages_deploy.cli.announcing import announcer_of
from pages_deploy.cli.build_directory import read_build_directory
from pages_deploy.cli.connection import ca_bundle_of, connected, open_client
from pages_deploy.cli.parameters import help_without_flags, with_options, with_verbosity
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.deploy.deploy import Deployed, deploy
from pages_deploy.deploy.purge import Purge
from pages_deploy.errors import Interrupted, PagesDeployError, SettingsError
from pages_deploy.forge.announcer import Announcer
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.probe import TIMEOUT_SECONDS
from pages_deploy.proof.proof import Verification
from pages_deploy.reporting.output_files import (
    OutputFile,
    as_dotenv,
    as_gitlab_annotations,
    as_json,
    as_properties,
    wrangler_output_file,
)
from pages_deploy.reporting.outputs import OUTPUTS, Value, outputs_of, summary_lines
from pages_deploy.reporting.summary import summary_of, summary_of_failure
from pages_deploy.settings import options
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.settings import Settings


@click.command(
    help="Deploy DIRECTORY, wait until the deployment has ended well, and look whether it serves.",
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
    runtime.interrupt_notice = "No deployment was created; what was uploaded is not sent again."
    settings = runtime.settings(given)
    if settings.skips_for_want_of_a_token:
        runtime.console.notice(
            "Nothing is deployed: pull requests from forks and of Dependabot get no secrets, so "
            "there is no API token. REQUIRE_TOKEN makes this an error."
        )
        return
    files = output_files(settings, runtime)
    for file in files:
        file.check()
    if path := runtime.environ.get("GITHUB_OUTPUT"):
        OutputFile(Path(path), as_json).check()
    summarizes = settings.switch(options.SUMMARY)
    announcer = announcer_of(settings, runtime)
    try:
        with runtime.console.section("Deploying to Cloudflare Pages"):
            deployed = deploy_with(settings, runtime, announcer)
    except PagesDeployError as error:
        if summarizes:
            text = summary_of_failure(settings.text(options.PROJECT_NAME), error, runtime.mask)
            show_summary(runtime, text, runtime.console.command)
        announcer.failed(runtime.mask(error.message))
        if isinstance(error.deployed, Deployed):
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
        print_result(runtime, outputs, field=field, as_json=as_json_text)
    finally:
        if summarizes:
            show_summary(runtime, summary_of(deployed, outputs), write)
        try:
            hand_over(runtime, deployed, outputs, files, write)
        finally:
            announcer.succeeded(deployed)


def print_result(
    runtime: Runtime, outputs: Mapping[str, Value], *, field: str | None, as_json: bool
) -> None:
    """Print one output, all as JSON, or the facts for people."""
    if field is not None:
        runtime.print_line(str(outputs[field]))
    elif as_json:
        runtime.print_text(json.dumps(outputs, indent=2))
    else:
        for line in summary_lines(outputs):
            runtime.print_line(line)


def output_files(settings: Settings, runtime: Runtime) -> list[OutputFile]:
    """Return the files that the settings, or wrangler's own variables, ask for."""
    wanted = {
        options.JSON_FILE: as_json,
        options.DOTENV_FILE: as_dotenv,
        options.PROPERTIES_FILE: as_properties,
        options.GITLAB_ANNOTATIONS_FILE: as_gitlab_annotations,
    }
    files = [
        OutputFile(runtime.current_directory / path, content)
        for option, content in wanted.items()
        if (path := settings.text(option))
    ]
    as_wrangler = wrangler_output_file(runtime.environ, runtime.current_directory, runtime.now())
    return files if as_wrangler is None else [*files, as_wrangler]


def hand_backs(runtime: Runtime) -> list[HandBack]:
    """Return the ways in which this platform takes outputs.

    A file named by GITHUB_OUTPUT is written wherever there is one: runners that keep GitHub's
    contract do not all say who they are.
    """
    own = hand_back_of(runtime.platform)
    ways = [own] if own is not None else []
    if runtime.environ.get("GITHUB_OUTPUT") and github.hand_back not in ways:
        ways.append(github.hand_back)
    return ways


def show_summary(runtime: Runtime, markdown: str, write: Callable[[str], None]) -> None:
    """Show a summary where the platform has a place for one; no failure of it matters."""
    show = show_summary_of(runtime.platform)
    if show is None:
        return
    try:
        show(runtime.mask(markdown), runtime.environ, write)
    except (OSError, ValueError, PagesDeployError) as error:
        runtime.console.warn(f"The summary could not be written: {error}")


def hand_over(
    runtime: Runtime,
    deployed: Deployed,
    outputs: Mapping[str, Value],
    files: Iterable[OutputFile],
    write: Callable[[str], None],
) -> None:
    """Give the outputs to the platform and to every file.

    Raises PagesDeployError for those that failed, after all have been tried.
    """
    failed = []
    # Some platforms take no empty value, and to a later step none is the same.
    texts = {name: str(value) for name, value in outputs.items() if value != ""}
    for hand_back in hand_backs(runtime):
        try:
            hand_back(texts, runtime.environ, write)
        except (OSError, ValueError, PagesDeployError) as error:
            failed.append(f"{runtime.platform.NAME}: {error}")
    for file in files:
        try:
            file.write(outputs, deployed)
        except SettingsError as error:
            failed.append(error.message)
    if failed:
        raise PagesDeployError(
            f"The deployment is done, but its outputs are lost to later steps. {' '.join(failed)}",
            f"Its address is {outputs['url']}",
        )


def hand_over_failure(runtime: Runtime, deployed: Deployed, files: Iterable[OutputFile]) -> None:
    """Give out what exists although the run fails; a failure here does not hide the first one."""
    try:
        hand_over(runtime, deployed, outputs_of(deployed), files, runtime.print_command)
    except PagesDeployError as error:
        runtime.console.warn(error.message)


def deploy_with(settings: Settings, runtime: Runtime, announcer: Announcer) -> Deployed:
    """Deploy as the settings say; what can be wrong without a network is found out first."""
    settings.check_credentials()
    project_name = settings.required(options.PROJECT_NAME)
    settings.required(options.DIRECTORY)
    branch = settings.branch
    purges = settings.purge != "off"

    def on_target(project: Project, environment: str) -> None:
        settings.check_expectation(environment)
        announcer.started(project, environment)

    def on_created(created: Deployment) -> None:
        runtime.interrupt_notice = f"Deployment {created.id} exists: {created.url}"

    manifest = read_build_directory(
        settings, runtime, allows_secrets=settings.switch(options.ALLOW_SECRETS)
    )
    for name in manifest.left_out:
        runtime.console.warn(f"{name} is not deployed: Pages reserves this name.")
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(connected(settings, runtime))
        purge = None
        if purges:
            purging = open_client(settings, runtime, settings.purge_credentials)
            zones = stack.enter_context(purging).zones
            purge = Purge(zones, settings.text(options.ZONE_ID), settings.purge)
        verification = None
        if settings.text(options.VERIFY) != "off":
            # Without any credentials: the site is anybody's to look at.
            session = stack.enter_context(new_session(ca_bundle=ca_bundle_of(runtime)))
            verification = Verification(
                session,
                settings.text(options.VERIFY) == "all",
                min(TIMEOUT_SECONDS, settings.number(options.REQUEST_TIMEOUT)),
            )
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
            verification=verification,
            rolls_back=settings.switch(options.ROLLBACK_ON_FAILURE),
            on_target=on_target,
            on_created=on_created,
        )
