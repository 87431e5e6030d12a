"""An emulator and a client for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator
from tests.acceptance.conftest import wrangler
from tests.emulator.direct_upload import DirectUpload
from tests.emulator.sdk import SdkError, cached_sdk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["client", "emulator", "wrangler"]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def sdk_python() -> Path:
    """The Python of a venv that has Cloudflare's own SDK."""
    try:
        return cached_sdk()
    except SdkError as error:
        pytest.skip(f"SKIPPED FOR WANT OF THE PACKAGE INDEX: Cloudflare's SDK: {error}")


@pytest.fixture
def client(emulator: Emulator) -> Iterator[DirectUpload]:
    """A client of an account with the project `demo`, whose production branch is `main`."""
    with DirectUpload(emulator) as connected:
        connected.create_project()
        yield connected
