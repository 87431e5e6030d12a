"""The environment of a command that lacks nothing, and a terminal where somebody answers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from pages_deploy.cli.main import main
from pages_deploy.cli.runtime import Runtime
from tests.world import PROJECT, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.cli.reading import AtTerminal
    from tests.world import FakeTime


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def environ(emulator: Emulator) -> dict[str, str]:
    return {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": PROJECT}


@pytest.fixture
def at_terminal(tmp_path: Path, fake_time: FakeTime) -> AtTerminal:
    """Run a command line for somebody who types an answer."""

    def run(*arguments: str, environ: Mapping[str, str], answer: str) -> Outcome:
        stdout, stderr = Terminal(), Terminal()
        runtime = Runtime(
            environ=environ,
            stdin=Terminal(answer),
            stdout=stdout,
            stderr=stderr,
            current_directory=tmp_path,
            timer=fake_time.timer,
        )
        code = main(arguments, runtime)
        return Outcome(code, stdout.getvalue(), stderr.getvalue())

    return run
