"""The runtime and the bundler that tests of Worker code are run with: named, or by npm."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pages_deploy.worker.esbuild import ESBUILD
from pages_deploy.worker.programs import Program, Tool, system_name
from pages_deploy.worker.workerd import WORKERD
from tests.acceptance.npm import NpmError, install

# `Dockerfile` has the same.
ESBUILD_VERSION = "0.28.2"
WORKERD_VERSION = "1.20261117.1"


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


def installed(program: Program, version: str) -> Path:
    """Return a program: PAGES_DEPLOY_ESBUILD or ..._WORKERD, else npm's package for this system."""
    if named := os.environ.get(f"PAGES_DEPLOY_{program.option}"):
        return Path(named)
    place = program.packages.get(system_name())
    npm = shutil.which("npm")
    if place is None or npm is None:
        pytest.skip(f"SKIPPED FOR WANT OF {program.name}: npm, which brings it along, is not there")
    package = "/".join(place.split("/")[:2])
    try:
        return install(npm, package, version) / place
    except NpmError as error:
        pytest.skip(f"SKIPPED FOR WANT OF AN npm THAT INSTALLS: {error}")
