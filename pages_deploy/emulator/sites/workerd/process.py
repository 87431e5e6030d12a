"""One workerd with one Worker, from its start to its end.

1. The configuration is written into a directory of its own, which others cannot read.
2. workerd is started in there, with next to no environment, and tells where it listens.
3. A compatibility date that is newer than this workerd is replaced by the newest that it knows.
4. It is killed, and the directory removed: there is nothing that it could still have to do.
"""

from __future__ import annotations

import contextlib
import hmac
import re
import secrets
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from pages_deploy.emulator.sites.workerd.config import CONFIG_FILE, WorkerSetup, write_config
from pages_deploy.emulator.sites.workerd.failures import WorkerFailedError
from pages_deploy.emulator.sites.workerd.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NEWEST_DATE: Final = re.compile(r'newest date supported by this server binary is "([0-9-]{10})"')


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How every workerd of an emulator is started."""

    program: Path
    """workerd itself."""

    environ: Mapping[str, str] = field(default_factory=dict)
    """All of its environment."""

    assets_port: int
    """Where this machine answers for `env.ASSETS`."""

    start_seconds: float
    """How long a start may take."""

    on_line: Callable[[str], None] = lambda _line: None
    """Gets each line that a Worker says, from any thread."""


class WorkerProcess:
    """A process that may be started once, and stopped at any time, from any thread."""

    def __init__(self, launch: Launch, setup: WorkerSetup) -> None:
        self.secret: Final = secrets.token_hex(32)
        """What nobody knows but the emulator and this process, and in there not the Worker."""
        self.port = 0
        """Where the Worker is asked, once it has started."""
        self._launch = launch
        self._setup = setup
        self._lock = threading.Lock()
        # What there is to be ended, the last one first.
        self._resources = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: Output | None = None
        self._is_stopped = False

    @property
    def is_running(self) -> bool:
        """Whether there is still somebody to answer."""
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> Output:
        """What it says. Raises WorkerFailedError where it has never been started."""
        if self._output is None:
            raise WorkerFailedError("end", "It was not started.")
        return self._output

    def knows(self, secret: str) -> bool:
        """Whether this is its secret."""
        return hmac.compare_digest(secret.encode(errors="replace"), self.secret.encode())

    def start(self) -> None:
        """Return once the Worker can be asked. Raises WorkerFailedError; then it is stopped."""
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise WorkerFailedError("start", f"workerd cannot be run: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, whatever it does, and remove its files."""
        with self._lock:
            self._is_stopped = True
            resources = self._resources.pop_all()
        resources.close()

    def _start(self) -> None:
        made = tempfile.TemporaryDirectory(prefix="pages-emulator-", ignore_cleanup_errors=True)
        with self._lock:
            self._resources.enter_context(made)
        port = self._attempt(Path(made.name), self._setup)
        newest = _NEWEST_DATE.search(self.output.said()) if port is None else None
        if newest is not None:
            wanted = self._setup.compatibility
            known = replace(self._setup, compatibility=replace(wanted, date=newest[1]))
            port = self._attempt(Path(made.name), known)
            self.output.add(
                f"This workerd does not know the compatibility date {wanted.date} yet: "
                f"{newest[1]} counts instead."
            )
        if port is None:
            raise WorkerFailedError("start", self.output.said())
        self.port = port

    def _attempt(self, directory: Path, setup: WorkerSetup) -> int | None:
        """Start workerd; return where it listens, or None where it does not come to that."""
        write_config(directory, setup, assets_port=self._launch.assets_port, secret=self.secret)
        # `verbose` tells what is thrown, with its place in the code.
        arguments = ("serve", "--verbose", "--control-fd=1", CONFIG_FILE)
        with self._lock:
            if self._is_stopped:
                raise WorkerFailedError("end", "The emulator has stopped it.")
            process = subprocess.Popen(  # noqa: S603 - named by whoever runs the emulator
                [str(self._launch.program.absolute()), *arguments],
                cwd=directory,
                env=dict(self._launch.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            said = cast("IO[bytes]", process.stdout)
            output = Output(said, secret=self.secret, on_line=self._launch.on_line)
            self._resources.callback(output.close)
            self._resources.callback(_end, process)
            self._process, self._output = process, output
        port = output.wait_for_port(self._launch.start_seconds)
        if port is None and self.is_running:
            output.add(f"It has not started within {self._launch.start_seconds:g} seconds.")
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    # workerd would first let its Workers finish, and one that never does never ends.
    process.kill()
    process.wait()
