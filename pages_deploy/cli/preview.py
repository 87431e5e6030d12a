"""`pages-deploy preview [DIRECTORY]`: deploy to the embedded emulator and see the result.

1. Run an emulator whose front door is the site.
2. Deploy, prove every file, and name each line of the rules that Pages leaves out.
3. With --once, leave with the result. Else show what is asked for until Ctrl-C, and with --watch
   deploy again whenever the files have changed.
"""

from __future__ import annotations

import ipaddress
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from pages_deploy.api.client import PagesClient
from pages_deploy.cli.build_directory import read_build_directory
from pages_deploy.cli.emulator import (
    CTRL_C_EXIT_CODE,
    DEFAULT_PORT,
    NO_WORKERD,
    Wanted,
    running_emulator,
    wait_for_interrupt,
)
from pages_deploy.cli.file_rules import FILE_OPTIONS
from pages_deploy.cli.findings import look_before
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_options, with_verbosity
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.cli.watching import Snapshot, snapshot, wait_for_changes
from pages_deploy.cli.worker_code import WORKER_OPTIONS, read_worker
from pages_deploy.cli.worker_presence import FUNCTIONS_NAME
from pages_deploy.cli.worker_programs import worker_runtime
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import Deployed
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.errors import Interrupted, PagesDeployError, VerificationError
from pages_deploy.proof.proof import ANSWERED_FOR
from pages_deploy.reporting.outputs import outputs_of, summary_lines
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.http.request_log import RecordedRequest

PROJECT_NAME = "preview"
PRODUCTION_BRANCH = "main"
# The kinds of bindings that the emulator has.
NEEDS_NO_CLOUDFLARE = frozenset({"plain_text", "secret_text", "json", "version_metadata"})


@click.command(
    cls=HelpfulCommand,
    help="Deploy DIRECTORY to an emulator of Pages inside this process and serve it until Ctrl-C. "
    "Needs no account and sends nothing anywhere.",
)
@with_options(
    [
        options.DIRECTORY,
        options.WORKING_DIRECTORY,
        *FILE_OPTIONS,
        *WORKER_OPTIONS,
        options.PROBE,
    ]
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The port to serve at; 0 for any free one. By default {DEFAULT_PORT}, or another one "
    "where that is in use.",
)
@click.option(
    "--once", is_flag=True, help="Compare what is served with the files, and leave with the result."
)
@click.option("--watch", is_flag=True, help="Deploy again whenever the files change.")
@click.option("--open", "opens", is_flag=True, help="Open the site in the browser.")
@with_verbosity
@click.pass_obj
def command(
    runtime: Runtime,
    /,
    *,
    host: str,
    port: int | None,
    once: bool,
    watch: bool,
    opens: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    preview = _Preview(settings, runtime)
    with preview.running(host, 0 if once else port):
        # Before they are read: what changes meanwhile is a change too.
        seen = preview.look() if watch and not once else None
        deployed = preview.deploy(judges=once)
        if once:
            preview.judge(deployed)
            return
        preview.serve(opens=opens, watched=seen)


class _Preview:
    """A site on an emulator of its own."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._workerd = worker_runtime(settings, runtime)
        # The proof's own requests are no news.
        self._shows_requests = False

    @contextmanager
    def running(self, host: str, port: int | None) -> Iterator[None]:
        """Run the emulator; where no port is named, at another one than the usual if need be."""
        wanted = Wanted(
            host,
            DEFAULT_PORT if port is None else port,
            may_move=port is None,
            front_project=PROJECT_NAME,
            workerd=self._workerd,
        )
        with running_emulator(self._runtime, wanted, on_answer=self._show) as emulator:
            self._port = emulator.port
            self._host = host
            self._page_url = emulator.page_url
            with PagesClient(
                emulator.api_token,
                emulator.account_id,
                base_url=emulator.api_base_url,
                timer=self._runtime.timer,
            ) as self._client:
                yield

    def deploy(self, *, judges: bool = False) -> Deployed:
        """Deploy the files as they are now; raises the PagesDeployError of whatever is wrong.

        A Worker that fails is wrong only where the result `judges`: else people see what it says.
        """
        runtime = self._runtime
        manifest = read_build_directory(self._settings, runtime, allows_secrets=True)
        worker = self._worker(judges=judges)
        look_before(manifest, worker, self._settings, runtime)
        plan = Plan(
            PROJECT_NAME,
            branch=PRODUCTION_BRANCH,
            creates_project=True,
            production_branch=PRODUCTION_BRANCH,
            proof="all",
            worker=worker,
        )
        deployed = deploy(self._client, manifest, plan, runtime.console)
        for line in summary_lines(outputs_of(deployed)):
            runtime.print_line(line)
        return deployed

    def _worker(self, *, judges: bool) -> PlannedWorker | None:
        """Return the Worker, with what it has to answer on this machine."""
        worker = read_worker(self._settings, self._runtime)
        if worker is None:
            return None
        needed = [
            f"{binding['name']} ({binding['type']})"
            for binding in worker.metadata("production", None).get("bindings", ())
            if binding["type"] not in NEEDS_NO_CLOUDFLARE
        ]
        if self._workerd is None:
            self._runtime.console.step(NO_WORKERD)
        elif self._settings.text(options.PROBE) or (judges and not needed):
            return worker
        elif judges:
            self._runtime.console.step(
                "No route of the Worker is tried: Cloudflare alone has its bindings "
                f"{', '.join(needed)}. --probe names one that does without."
            )
        return replace(worker, routes=())

    def judge(self, deployed: Deployed) -> None:
        """Say what is served as it was sent; raises VerificationError where nothing is."""
        proof, directory = deployed.proof, self._settings.build_directory
        if proof.routes:
            self._runtime.print_line(f"Verified: {proof.words}")
            return
        if not proof.is_proved and proof.reason.startswith(ANSWERED_FOR):
            self._runtime.print_line("Nothing to check: the Worker answers for every file")
        elif not proof.is_proved:
            raise VerificationError(f"Nothing was checked: {proof.reason}.")
        else:
            # The others are paths that the site's own _redirects answer.
            count = f"{proof.checked} of {deployed.files}"
            if proof.checked == deployed.files:
                count = f"all {proof.checked}"
            self._runtime.print_line(
                f"Verified: {count} files are served as they are in {directory}"
            )

    def look(self) -> Snapshot:
        """Return the state of the files now."""
        return snapshot(self._places)

    def serve(self, *, opens: bool, watched: Snapshot | None) -> None:
        """Serve until Ctrl-C; deploy again where files are no longer as they were `watched`."""
        runtime = self._runtime
        address = f"http://{_site_host(self._host)}:{self._port}/"
        runtime.print_line(f"Serving at {address} until Ctrl-C")
        runtime.print_line(f"Deployments, files and rules: {self._page_url}")
        if opens and not webbrowser.open(address):
            runtime.console.warn(f"Could not open a browser. The site is at {address}")
        self._shows_requests = True
        if watched is not None:
            self._watch(watched)
        else:
            wait_for_interrupt()

    @property
    def _places(self) -> tuple[Path, ...]:
        return self._settings.build_directory, self._settings.working_directory / FUNCTIONS_NAME

    def _watch(self, seen: Snapshot) -> None:
        """Deploy again after each change; what is wrong with the files is told, and waited out."""
        self._runtime.console.step("Watching the files for changes")
        while True:
            try:
                seen = wait_for_changes(self._places, seen, self._runtime.timer)
            except Interrupted as interrupt:
                if interrupt.exit_code != CTRL_C_EXIT_CODE:
                    raise
                return
            self._shows_requests = False
            try:
                self.deploy()
            except PagesDeployError as error:
                self._runtime.console.fail(error)
            self._shows_requests = True

    def _show(self, request: RecordedRequest) -> None:
        if self._shows_requests and not request.path.startswith("/"):
            path = f"/{request.path.partition('/')[2]}"
            query = f"?{request.query}" if request.query else ""
            self._runtime.console.step(f"{request.status} {request.method} {path}{query}")


def _site_host(listens_at: str) -> str:
    """Return the host at which the site is in front, where the emulator listens at an address.

    A loopback address; at any other name, `localhost` first of all, there is the emulator's page.
    """
    if listens_at in {"localhost", "0.0.0.0"}:  # noqa: S104 - compared
        return "127.0.0.1"
    if listens_at == "::":
        return "[::1]"
    with suppress(ValueError):
        if ipaddress.ip_address(listens_at).is_loopback:
            return f"[{listens_at}]" if ":" in listens_at else listens_at
    return f"{PROJECT_NAME}.localhost"
