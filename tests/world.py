"""What the tests bring along for the code under test: time that passes only by sleeping, a build
directory, and a look at what the emulator was asked.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from pages_deploy.api.client import PagesClient
from pages_deploy.clock import Timer
from pages_deploy.deploy.watcher import Watcher
from pages_deploy.retry import OnRetry, ignore_retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pages_deploy.api.models import Deployment, Project, Stage
    from pages_deploy.emulator.http.request_log import RecordedRequest
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.upload.upload import Progress

PROJECT = "demo"
UPLOAD = "/pages/assets/upload"
CHECK_MISSING = "/pages/assets/check-missing"
UPSERT = "/pages/assets/upsert-hashes"
DEPLOYMENTS = "*/pages/projects/demo/deployments"
DEPLOYMENT = "*/pages/projects/demo/deployments/*"
UPLOAD_TOKEN = "*/upload-token"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NOBODY = 65534


@dataclass
class FakeTime:
    """A clock that only sleeping moves; `timer` shows it to the code under test."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)
    # Called with the seconds of each sleep, for what happens meanwhile.
    on_sleep: Callable[[float], None] = lambda _seconds: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds
        self.on_sleep(seconds)

    def read(self) -> float:
        return self.now

    @property
    def timer(self) -> Timer:
        # The half in the middle of the jitter: three quarters of each formula's wait.
        return Timer(sleep=self.sleep, monotonic=self.read, wall=self.read, random=lambda: 0.5)


@dataclass(frozen=True)
class Outcome:
    """How a command line ended."""

    exit_code: int
    stdout: str
    stderr: str


class BuildSite(Protocol):
    def __call__(self, files: Mapping[str, bytes | str], /, name: str = "site") -> Path:
        """Write files into a new directory and return it."""


class RunCli(Protocol):
    def __call__(
        self, *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Outcome:
        """Run a command line inside this process."""


def asked(emulator: Emulator, method: str, pattern: str) -> list[RecordedRequest]:
    """Return what the emulator was asked with this method, at paths that match."""
    return [
        request
        for request in emulator.requests
        if request.method == method and fnmatchcase(request.path, pattern)
    ]


@contextlib.contextmanager
def connected(
    emulator: Emulator,
    fake_time: FakeTime,
    *,
    on_retry: OnRetry = ignore_retry,
    read_timeout_seconds: float = 20.0,
) -> Iterator[PagesClient]:
    """Connect to an emulator as a client with the project `demo` (production branch `main`)."""
    with PagesClient(
        emulator.api_token,
        emulator.account_id,
        base_url=emulator.api_base_url,
        timer=fake_time.timer,
        on_retry=on_retry,
        read_timeout_seconds=read_timeout_seconds,
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
        yield client


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody who may not read everything, also where the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def inherited() -> dict[str, str]:
    """Return the environment that a process started by a test needs, whatever else it has none of.

    That is where programs are, and where coverage writes down what it has seen.
    """
    names = ("PATH", "COVERAGE_PROCESS_CONFIG")
    return {name: os.environ[name] for name in names if name in os.environ}


class Notes(Watcher):
    """A watcher that remembers what it was told, and does something at it."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.warnings: list[str] = []
        self.notices: list[str] = []
        self.details: list[str] = []
        self.progress: list[Progress] = []
        self.environments: list[str] = []
        self.targets: list[str] = []
        self.created: list[Deployment] = []
        self.stages: list[str] = []
        self.on_step: Callable[[str], None] = lambda _text: None
        self.on_warning: Callable[[], None] = lambda: None
        self.on_progress: Callable[[Progress], None] = lambda _progress: None

    def step(self, text: str) -> None:
        self.steps.append(text)
        self.on_step(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)
        self.on_warning()

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)

    def uploading(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.on_progress(progress)

    def environment_known(self, environment: str) -> None:
        self.environments.append(environment)

    def target_found(self, project: Project, environment: str) -> None:
        self.targets.append(f"{environment} of {project.name}")

    def deployment_created(self, deployment: Deployment) -> None:
        self.created.append(deployment)

    def stage_reached(self, stage: Stage) -> None:
        self.stages.append(f"{stage.name} {stage.status}")
