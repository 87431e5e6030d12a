"""The runtime and the bundler that tests of Worker code are run with: named, or by npm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.worker.esbuild import ESBUILD
from pages_deploy.worker.programs import Tool
from pages_deploy.worker.workerd import WORKERD
from tests.worker.programs_of_npm import ESBUILD_VERSION, WORKERD_VERSION, installed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def esbuild_program() -> Path:
    return installed(ESBUILD, ESBUILD_VERSION)


@pytest.fixture
def esbuild(esbuild_program: Path, tmp_path: Path) -> Tool:
    """esbuild as it is found by whoever works in the test's directory."""
    return Tool("esbuild", esbuild_program, tmp_path, {})


@pytest.fixture(scope="session")
def workerd_program() -> Path:
    return installed(WORKERD, WORKERD_VERSION)


@pytest.fixture
def workerd(workerd_program: Path, tmp_path: Path) -> Tool:
    return Tool("workerd", workerd_program, tmp_path, {})
