"""The runtime and the bundler that tests of Worker code are run with: named, or by npm."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pages_deploy.worker.programs import Program, system_name
from tests.acceptance.npm import NpmError, install

# `Dockerfile` has the same.
ESBUILD_VERSION = "0.28.2"
WORKERD_VERSION = "1.20261117.1"


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
