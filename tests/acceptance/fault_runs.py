"""Runs of the whole command line in which one request meets one fault, once or each time.

They run inside this process and in time that passes only by sleeping. Silence alone costs real
time, so the runs that meet it wait beside the others.
"""

from __future__ import annotations

import io
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.cli.main import main
from pages_deploy.cli.runtime import Runtime
from pages_deploy.emulator.http.faults import EndlessAnswer, Stall
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from tests.acceptance.fault_matrix import CREATION, ECHO, FAULTS, TOKEN, Request
from tests.acceptance.truth import deployments, wrong_in
from tests.world import COMMIT, DEPLOYMENTS, PROJECT, FakeTime, asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pages_deploy.emulator.state.records import Deployment

FILES = {f"{number}.txt": f"file {number}" for number in range(6)} | {"_headers": "/*\n  A: b\n"}
# Long enough for a busy machine to answer what is not meant to be silent.
REQUEST_TIMEOUT_SECONDS = 1.5
# Of the waiting for the deployment's end; in fake time.
TIMEOUT_SECONDS = 8
# Whatever is wrong, a run has given up by then; in fake time.
ENDLESS_SECONDS = 3600
# Of each process.
SILENT_RUNS_AT_ONCE = 12
PROCESSES = 2


@dataclass(frozen=True)
class Cell:
    """What one run did, said and left behind."""

    request: Request
    exit_code: int
    stdout: str
    stderr: str
    # What was written into files, by their names.
    written: Mapping[str, str]
    # How often the fault happened.
    hits: int
    # Creating requests that arrived.
    creations: int
    deployments: tuple[Deployment, ...]
    # What is wrong with the newest of them.
    wrong: Sequence[str]

    @property
    def text(self) -> str:
        """The cell of the table."""
        if self.exit_code:
            return f"exit {self.exit_code}{['', ', exists', ', twice'][len(self.deployments)]}"
        if self.warnings:
            return "ok, warned"
        was_lost = self.request.after_lost_creation or self.request == CREATION
        return "ok, adopted" if was_lost and self.creations == 1 else "ok"

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.stderr.splitlines() if line.startswith("::warning")]

    @property
    def errors(self) -> list[str]:
        return [line for line in self.stderr.splitlines() if line.startswith("::error")]

    @property
    def everything(self) -> str:
        """All that anybody could read."""
        return "\n".join([self.stdout, self.stderr, *self.written.values()])


Key = tuple[Request, str, bool]


def run_all(keys: Sequence[Key]) -> dict[Key, Cell]:
    """Run cells by request, name of the fault, and whether it happens each time."""
    parts = [keys[number::PROCESSES] for number in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as processes:
        cells = {key: cell for part in processes.map(_run_some, parts) for key, cell in part}
    return {key: cells[key] for key in keys}


def _run_some(keys: Sequence[Key]) -> list[tuple[Key, Cell]]:
    silent = [key for key in keys if isinstance(FAULTS[key[1]], (Stall, EndlessAnswer))]
    others = [key for key in keys if key not in silent]
    with ThreadPoolExecutor(SILENT_RUNS_AT_ONCE) as pool:
        # Asked for at once, taken at the end.
        waiting = pool.map(lambda key: run_cell(*key), silent)
        return [*((key, run_cell(*key)) for key in others), *zip(silent, waiting, strict=True)]


def run_cell(request: Request, fault_name: str, is_always: bool) -> Cell:
    """Deploy to a fresh emulator, whose request of one kind meets a fault."""
    fault, times = FAULTS[fault_name], None if is_always else 1
    time = FakeTime()

    def watch(_seconds: float) -> None:
        assert sum(time.slept) < ENDLESS_SECONDS, "the run does not end"

    def after_creation(line: str) -> None:
        if line.startswith("POST") and "/deployments " in line:
            emulator.fail_next(request.method, request.pattern, fault, times=times)

    time.on_sleep = watch
    settings = EmulatorSettings(api_tokens={TOKEN: ALL_PERMISSIONS})
    log = after_creation if request.after_lost_creation else lambda _line: None
    with tempfile.TemporaryDirectory() as name, Emulator(settings=settings, log=log) as emulator:
        if request.after_lost_creation:
            emulator.fail_next("POST", DEPLOYMENTS, FAULTS["502 page after"])
        else:
            emulator.fail_next(request.method, request.pattern, fault, times=times)
        if request.after_failure:
            emulator.outcome_next(status="failure", error=f"No space: {ECHO}")
        is_silent = isinstance(fault, (Stall, EndlessAnswer))
        return _deploy(emulator, Path(name), time, request, is_silent=is_silent)


def _deploy(
    emulator: Emulator, directory: Path, time: FakeTime, request: Request, *, is_silent: bool
) -> Cell:
    site, results = directory / "site", directory / "results"
    site.mkdir()
    results.mkdir()
    for path, content in FILES.items():
        (site / path).write_text(content)
    stdout, stderr = io.StringIO(), io.StringIO()
    runtime = Runtime(
        environ={
            "CLOUDFLARE_API_BASE_URL": emulator.api_base_url,
            "CLOUDFLARE_API_TOKEN": TOKEN,
            "CLOUDFLARE_PROJECT_NAME": PROJECT,
            "CLOUDFLARE_ZONE_ID": emulator.zone_id,
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(results / "outputs"),
            "GITHUB_STEP_SUMMARY": str(results / "summary"),
            "PAGES_DEPLOY_BRANCH": "main",
            "PAGES_DEPLOY_COMMIT_HASH": COMMIT,
            "PAGES_DEPLOY_JSON_FILE": str(results / "json"),
            # Its warnings are about the files, which are the same in every run.
            "PAGES_DEPLOY_PREFLIGHT": "off",
        },
        stdout=stdout,
        stderr=stderr,
        current_directory=directory,
        timer=time.timer,
    )
    patience = [f"--request-timeout={REQUEST_TIMEOUT_SECONDS}"] if is_silent else []
    arguments = ["site", "--create-project", f"--timeout={TIMEOUT_SECONDS}", "-v", *patience]
    exit_code = main(arguments, runtime)
    found = deployments(emulator)
    return Cell(
        request=request,
        exit_code=exit_code,
        stdout=stdout.getvalue(),
        stderr=stderr.getvalue(),
        written={file.name: file.read_text() for file in results.iterdir()},
        hits=sum(
            request.method in {"*", one.method} and fnmatchcase(one.path, request.pattern)
            for one in emulator.requests
        ),
        creations=len(asked(emulator, "POST", DEPLOYMENTS)),
        deployments=found,
        wrong=wrong_in(emulator, found[0], site) if found else (),
    )
