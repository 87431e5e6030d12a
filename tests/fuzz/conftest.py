"""One emulator and one client for all examples of a module: starting them costs more than each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator
from tests.world import FakeTime, connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.api.client import PagesClient


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Iterator[PagesClient]:
    with connected(emulator, FakeTime()) as client_of_demo:
        yield client_of_demo
