"""`pages-deploy emulator`: Cloudflare Pages on this machine, for as long as it runs."""

from __future__ import annotations

import contextlib
import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import Command, with_options, with_verbosity
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.cli.worker_programs import worker_runtime
from pages_deploy.errors import Interrupted, SettingsError
from pages_deploy.settings import options
from pages_deploy.text.escaping import json_text
from pages_deploy.worker.programs import Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.emulator.http.request_log import RecordedRequest
    from pages_deploy.emulator.server import Emulator

DEFAULT_PORT = 8790
# How often the waiting main thread looks up, so that Ctrl-C works on Windows too.
LOOK_UP_SECONDS = 0.5
CTRL_C_EXIT_CODE = 130
# The extra `emulator` of pyproject.toml by its packages: these can be had however the program was
# installed.
EMULATOR_PACKAGES = ("MarkupSafe>=2.1.1", "Werkzeug>=3.0.6")
NEXT_COMMAND = "pages-deploy dist --project-name my-site --create-project --branch main"
NO_WORKERD = (
    "Workers are not run: there is no workerd. `npm install --save-dev workerd` brings it, or "
    "--workerd names one."
)


def with_port(words: str) -> Callable[[Command], Command]:
    """Add --port, with its words for `--help`."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=DEFAULT_PORT,
        show_default=True,
        help=words,
    )


@click.command(
    cls=HelpfulCommand,
    help="Run an emulator of Cloudflare Pages, and print the variables that point a client at it, "
    "as lines to paste into a shell. Sites are served at http://PROJECT.localhost:PORT/; "
    "http://localhost:PORT/ shows in a browser what is deployed.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@with_port("The port to listen on; 0 for any free one.")
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    help="A further name by which clients reach the emulator, such as that of a container; "
    "repeatable. At names that it does not know, its API and its page answer nobody.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Keep projects, deployments and files in this directory; without it they end with the "
    "emulator.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the variables as one JSON object.")
@with_options([options.WORKERD])
@with_verbosity
@click.pass_obj
def command(
    runtime: Runtime,
    /,
    *,
    host: str,
    port: int,
    names: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    given: Given,
) -> None:
    workerd = worker_runtime(runtime.settings(given), runtime)
    wanted = Wanted(host, port, data=data, names=names, workerd=workerd)
    with running_emulator(runtime, wanted) as emulator:
        variables = emulator.environ()
        # Not masked: these are the emulator's own, fixed and no secret.
        if as_json:
            runtime.stdout.write(json_text(variables) + "\n")
        else:
            runtime.stdout.writelines(
                f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()
            )
        runtime.stdout.flush()
        runtime.console.step(f"With these variables in another terminal: {NEXT_COMMAND}")
        runtime.console.step(f"What is deployed, in a browser: {emulator.page_url}")
        if workerd is None:
            runtime.console.step(NO_WORKERD)
        runtime.console.step("The emulator runs until Ctrl-C.")
        wait_for_interrupt()


@dataclass(frozen=True)
class Wanted:
    """The emulator that a command wants."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = 0
    """The port; 0 for any free one."""
    may_move: bool = False
    """Whether any free port will do where that one is in use."""
    data: Path | None = None
    """The directory that keeps its state; None for memory."""
    names: tuple[str, ...] = ()
    """Further names at which its API answers."""
    front_project: str = ""
    """The project that answers at loopback addresses, in place of the emulator's own page."""
    workerd: Tool | None = None
    """What runs the Workers; None for nothing."""


@contextlib.contextmanager
def running_emulator(
    runtime: Runtime, wanted: Wanted, *, on_answer: Callable[[RecordedRequest], None] | None = None
) -> Iterator[Emulator]:
    """Run an emulator; `on_answer` gets each request with its status, from any thread.

    Raises SettingsError when it is not installed or cannot start.
    """
    try:
        from pages_deploy.emulator.errors import EmulatorError  # noqa: PLC0415 - an extra
        from pages_deploy.emulator.server import Emulator  # noqa: PLC0415 - an extra
        from pages_deploy.emulator.state.settings import EmulatorSettings  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"The emulator needs {error.name}, which is not installed.",
            f"Install what it needs with: pip install {' '.join(map(repr, EMULATOR_PACKAGES))}",
        ) from error
    workerd = wanted.workerd
    settings = EmulatorSettings(
        api_hosts=frozenset(wanted.names),
        front_project=wanted.front_project,
        workerd=None if workerd is None else workerd.file,
        workerd_environ={} if workerd is None else workerd.environ,
    )

    def started(port: int) -> Emulator:
        emulator = Emulator(
            host=wanted.host,
            port=port,
            data=wanted.data,
            settings=settings,
            log=runtime.console.detail,
            on_answer=on_answer or (lambda _request: None),
            on_worker_line=lambda line: runtime.console.step(f"Worker: {line}"),
        )
        emulator.start()
        return emulator

    try:
        try:
            emulator = started(wanted.port)
        except EmulatorError:
            if not wanted.may_move:
                raise
            emulator = started(0)
            runtime.console.step(f"Port {wanted.port} is in use; this is port {emulator.port}")
    except EmulatorError as error:
        raise SettingsError(
            f"The emulator cannot start: {error}.", "Choose another --port or --data directory."
        ) from error
    with contextlib.closing(emulator):
        yield emulator


def wait_for_interrupt() -> None:
    """Wait for Ctrl-C, which is how a command that serves is meant to end; SIGTERM still raises."""
    never = threading.Event()
    try:
        while not never.wait(LOOK_UP_SECONDS):
            pass
    except Interrupted as interrupt:
        if interrupt.exit_code != CTRL_C_EXIT_CODE:
            raise
