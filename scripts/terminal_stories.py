"""The command lines that are looked at on a narrow and on a wide terminal."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from tests.emulator.direct_upload import HOME, DirectUpload

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "demo"
COMMIT = "3f9a61c04d2b7e8850f1a6c9d3e4b7a21c5f0e98"


@dataclass(frozen=True)
class Story:
    """A command line, and the variables that its environment lacks."""

    command: str
    without: frozenset[str] = frozenset()


STORIES = {
    "deploy": Story(f"examples/site --project-name {PROJECT} --branch main"),
    "error": Story(
        f"examples/site --project-name {PROJECT} --branch main",
        without=frozenset({"CLOUDFLARE_API_TOKEN"}),
    ),
    "list": Story(f"deployments list --project-name {PROJECT}"),
    "help": Story("--help"),
}


@contextlib.contextmanager
def emulator_with_deployments() -> Iterator[Emulator]:
    """An account with a project that has been deployed to three times, the last time in vain."""
    ages = {"now": 0.0}
    settings = EmulatorSettings(clock=lambda: time.time() - ages["now"])
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        ages["now"] = 3.5 * 86400
        client.create_project()
        client.deploy(HOME, branch="main", commit_hash=COMMIT)
        ages["now"] = 5.5 * 3600
        client.deploy(HOME, branch="new-prices", commit_hash=COMMIT[::-1])
        ages["now"] = 12.5 * 60
        emulator.outcome_next(status="failure", error="No space is left on this device")
        client.deploy(HOME, branch="new-prices", commit_hash=COMMIT[::-1])
        ages["now"] = 0.0
        yield emulator
