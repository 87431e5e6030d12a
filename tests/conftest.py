"""An emulator, a client of it that never really sleeps, a build directory, the command line."""

from __future__ import annotations

import importlib
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from pages_deploy.cli.main import main
from pages_deploy.cli.runtime import Runtime
from pages_deploy.emulator.server import Emulator
from tests.world import FakeTime, Outcome, connected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.api.client import PagesClient
    from tests.world import BuildSite, RunCli

# A busy machine may take its time for an example too.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


# Their tests share what takes long to make, so that one worker runs them all, and first.
ONE_WORKER_EACH = (
    *("acceptance/test_faults.py", "emulator/test_sdk.py", "emulator/test_wrangler.py"),
    "test_layers.py",
    # Two of `wrangler pages dev` at once want one port for their inspectors.
    "emulator/test_pages_dev.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half of the time a test waits for the other end: two workers for each core."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hand out one test after the other, but some files whole.

    `--dist loadgroup` would be for this; with pytest 9.2 it knows no groups
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """

    def unit_of(nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.endswith(ONE_WORKER_EACH) else nodeid

    # Without types, and there only with workers.
    scheduler = importlib.import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    scheduler._split_scope = unit_of
    return scheduler


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def client(emulator: Emulator, fake_time: FakeTime) -> Iterator[PagesClient]:
    """A client of an account that has the project `demo` with the production branch `main`."""
    with connected(emulator, fake_time) as client_of_demo:
        yield client_of_demo


@pytest.fixture
def site(tmp_path: Path) -> BuildSite:
    def build(files: Mapping[str, bytes | str], /, name: str = "site") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return build


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A directory outside of pytest's own, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "index.html").write_text("home")
        yield root


@pytest.fixture
def run_cli(tmp_path: Path, fake_time: FakeTime) -> RunCli:
    def run(
        *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Outcome:
        stdout, stderr = io.StringIO(), io.StringIO()
        runtime = Runtime(
            environ=environ or {},
            stdout=stdout,
            stderr=stderr,
            current_directory=cwd or tmp_path,
            timer=fake_time.timer,
        )
        code = main(arguments, runtime)
        return Outcome(code, stdout.getvalue(), stderr.getvalue())

    return run
