"""The types of the public names, as those see them who write programs with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.type_checkers import CHECKERS

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = """\
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import assert_type

from pages_deploy import (
    Credentials,
    Deployment,
    Manifest,
    PagesClient,
    PagesDeployError,
    Project,
    ServerError,
    Zone,
    __version__,
    build_manifest,
    wait_for_deployment,
)

client = PagesClient.from_environment(os.environ, read_timeout_seconds=5)
assert_type(client, PagesClient)
assert_type(PagesClient(Credentials.of_key("key", "a@example.test"), "id"), PagesClient)
assert_type(client.projects.list(), Iterator[Project])
project = client.projects.get("demo")
assert_type(project.created_on, datetime | None)
assert_type(project.canonical_deployment, Deployment | None)
deployment = client.deployments.newest("demo")[0]
assert_type(wait_for_deployment(client, deployment, project_name="demo"), Deployment)
assert_type(client.zones.list(), Iterator[Zone])
assert_type(build_manifest(Path("dist")), Manifest)
version: str = __version__
error: PagesDeployError = ServerError("message", method="GET", path="/", status=500)
"""
WRONG = """\
from pages_deploy import Typo, PagesClient, build_manifest
PagesClient("token", base_ur="https://example.test")
PagesClient("token", read_timeout_seconds="5")
PagesClient("token").project
build_manifest(5)
PagesClient("token").deployments.create("demo")
"""


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_type_is_known(checker: str, tmp_path: Path) -> None:
    file = tmp_path / "right.py"
    file.write_text(RIGHT, "utf-8")
    assert CHECKERS[checker]([file]) == ""


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_mistake_is_found(checker: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(WRONG, "utf-8")
    complaints = CHECKERS[checker]([file])
    for number in range(1, WRONG.count("\n") + 1):
        assert f"wrong.py:{number}:" in complaints, complaints
