"""Deployments as real processes, and moments of a run at which something can be done to them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.emulator.server import Emulator
from pages_deploy.site.manifest import build_manifest
from tests.acceptance.truth import deployments, files_served, wrong_in
from tests.world import PROJECT, inherited

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.emulator.state.settings import EmulatorSettings

ROOT = Path(__file__).resolve().parents[2]
# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
MODULE = ("-m", "pages_deploy", "deploy")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What a run with `--json` reports; it must have ended well."""
        assert self.exit_code == 0, self.stderr
        outputs: Mapping[str, Any] = json.loads(self.stdout)
        return outputs


class Run:
    """`pages-deploy deploy DIRECTORY --json` as a process of its own, in the directory's parent."""

    def __init__(
        self,
        emulator: Emulator,
        directory: Path,
        *arguments: str,
        program: tuple[str, ...] = MODULE,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *program, str(directory), "--json", *arguments],
            cwd=directory.parent,
            env={
                **inherited(),
                "PYTHONPATH": str(ROOT),
                **emulator.environ(),
                "CLOUDFLARE_PROJECT_NAME": PROJECT,
                "PAGES_DEPLOY_BRANCH": "main",
                **(environ or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> Ended:
        """Wait for the end."""
        stdout, stderr = self.process.communicate(timeout=PATIENCE_SECONDS)
        return Ended(self.process.returncode, stdout, stderr)

    def runs_for(self, seconds: float) -> bool:
        """Let time pass; return whether the process still runs then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is None


@contextlib.contextmanager
def started(emulator: Emulator, directory: Path, *arguments: str, **how: Any) -> Iterator[Run]:
    """Start a run; whatever still runs at the end of the block is killed."""
    run = Run(emulator, directory, *arguments, **how)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
        run.process.communicate()


def check_next_run(emulator: Emulator, directory: Path, *arguments: str, **how: Any) -> None:
    """Deploy again after a run that was stopped.

    Fails unless this ends with one deployment that is right, and only what was missing was sent.
    """
    assets = build_manifest(directory).assets
    missing = emulator.store.assets.missing([asset.hash for asset in assets])
    with started(emulator, directory, *arguments, **how) as run:
        outputs = run.end().outputs
    # As all of them are served, these were the missing ones and no others. There may be less of
    # them: a request of the stopped run may have been on its way in the system.
    assert outputs["uploaded-files"] <= len(missing)
    newest, *older = deployments(emulator)
    assert newest.id == outputs["id"]
    assert wrong_in(emulator, newest, directory) == []
    assert files_served(outputs["url"], directory) == len(assets)
    assert len(older) <= 1


class Tripwire:
    """Counts what happens in an emulator, and sends a signal to a run at one of these events.

    A request is two events: it arrives, before it has any effect; and it has taken effect, before
    its answer leaves.
    """

    def __init__(self, at_event: int | None = None, *, is_final: bool = False) -> None:
        self._change = threading.Condition()
        self._at_event = at_event
        # Whether nothing more is heard of that event's request until the run has ended.
        self._is_final = is_final
        self._strike: Callable[[], object] | None = None
        self._under_way = 0
        self.events = 0

    def watched(self, settings: EmulatorSettings) -> Emulator:
        """Return an emulator, not yet started, whose events count."""
        return Emulator(
            settings=settings,
            on_request=lambda _request: self._count(+1),
            log=lambda _line: self._count(-1),
        )

    def arm(self, run: Run, number: signal.Signals) -> None:
        """Name the run and its signal; an event that comes before waits for this."""
        with self._change:
            self._strike = partial(self._send, run, number)
            self._change.notify_all()

    def _send(self, run: Run, number: signal.Signals) -> None:
        run.process.send_signal(number)
        if self._is_final:
            run.process.wait(PATIENCE_SECONDS)

    def wait_until_quiet(self) -> None:
        """Wait until every request that has arrived has had its effect."""
        with self._change:
            assert self._change.wait_for(lambda: self._under_way == 0, PATIENCE_SECONDS)

    def _count(self, requests: int) -> None:
        with self._change:
            is_the_one = self.events == self._at_event
            self.events += 1
            self._under_way += requests
            self._change.notify_all()
            if is_the_one:
                assert self._change.wait_for(lambda: self._strike is not None, PATIENCE_SECONDS)
        if is_the_one and self._strike is not None:
            self._strike()
