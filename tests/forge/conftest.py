"""A GitHub, and the announcers that talk to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.forge.forges import FakeGitHub, running
from tests.forge.stories import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import FakeTime


@pytest.fixture
def hub() -> Iterator[FakeGitHub]:
    with running(FakeGitHub()) as forge:
        yield forge


@pytest.fixture
def scene(hub: FakeGitHub, fake_time: FakeTime) -> Scene:
    return Scene(hub, fake_time)
