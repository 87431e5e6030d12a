"""`pages-deploy preview [DIRECTORY]`: deploy to the embedded emulator and see the result."""

from __future__ import annotations

import click

from pages_deploy.api.client import PagesClient
from pages_deploy.cli.build_directory import read_build_directory
from pages_deploy.cli.emulator import running_emulator, wait_for_interrupt, with_port
from pages_deploy.cli.parameters import with_options, with_verbosity
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.cli.worker_code import WORKER_OPTIONS, read_worker
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.errors import VerificationError
from pages_deploy.proof.proof import ANSWERED_FOR
from pages_deploy.reporting.outputs import outputs_of, summary_lines
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

PROJECT_NAME = "preview"
PRODUCTION_BRANCH = "main"


@click.command(
    help="Deploy DIRECTORY to an emulator inside this process and serve it until Ctrl-C. Needs no "
    "account and sends nothing anywhere."
)
@with_options([options.DIRECTORY, options.WORKING_DIRECTORY, *WORKER_OPTIONS])
@with_port("The port to serve at; 0 for any free one.")
@click.option(
    "--once", is_flag=True, help="Compare what is served with the files, and leave with the result."
)
@with_verbosity
@click.pass_obj
def command(runtime: Runtime, /, *, port: int, once: bool, given: Given) -> None:
    settings = runtime.settings(given)
    with running_emulator(runtime, port=0 if once else port) as emulator:
        client = PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=emulator.api_base_url,
            timer=runtime.timer,
        )
        with client:
            _deploy(settings, runtime, client, once=once)


def _deploy(settings: Settings, runtime: Runtime, client: PagesClient, *, once: bool) -> None:
    manifest = read_build_directory(settings, runtime, allows_secrets=True)
    worker = read_worker(settings, runtime)
    plan = Plan(
        PROJECT_NAME,
        branch=PRODUCTION_BRANCH,
        creates_project=True,
        production_branch=PRODUCTION_BRANCH,
        proof="all",
        worker=worker,
    )
    deployed = deploy(client, manifest, plan, runtime.console)
    for line in summary_lines(outputs_of(deployed)):
        runtime.print_line(line)
    if once and worker is not None and deployed.proof.reason.startswith(ANSWERED_FOR):
        runtime.print_line("Verified nothing: the Worker answers for every file")
    elif once and not deployed.proof.is_proved:
        raise VerificationError(f"Nothing was proved: {deployed.proof.reason}.")
    elif once:
        checked = deployed.proof.checked
        # The others are paths that the site's own _redirects answer.
        count = f"all {checked}" if checked == deployed.files else f"{checked} of {deployed.files}"
        runtime.print_line(f"Verified: {count} files are served as they are in {manifest.root}")
    else:
        runtime.print_line(f"Serving at {deployed.project.production_url} until Ctrl-C")
        wait_for_interrupt()
