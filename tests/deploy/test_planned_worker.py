"""What is sent of a Worker once the project is known, and what is told when it does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.emulator.state.project_configs import ProjectConfigs
from pages_deploy.errors import DeploymentError
from pages_deploy.rules.routes_json import EVERYTHING
from pages_deploy.worker.configuration import Environment, read_configuration
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.worker import Worker
from tests.world import PROJECT

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project
    from pages_deploy.emulator.server import Emulator

OTHERS = tuple(Module(f"m{number}.js", "esm", b"") for number in range(101))
WORKER = Worker(
    "_worker.js", Script(Module("index.js", "esm", b"export default {};"), OTHERS), EVERYTHING
)
FILE = {"name": PROJECT, "pages_build_output_dir": "public"}


@pytest.fixture
def project(client: PagesClient, emulator: Emulator) -> Project:
    """A project whose environments differ in date and flags."""
    stored = emulator.store.projects.get(emulator.account_id, PROJECT)
    configs: dict[str, object] = {
        "production": {"compatibility_date": "2025-01-01", "compatibility_flags": ["a"]},
        "preview": {"compatibility_date": "2026-02-02", "compatibility_flags": ["b", "c"]},
    }
    emulator.store.projects.update(stored, configs=ProjectConfigs(deployment_configs=configs))
    return client.projects.get(PROJECT)


@pytest.mark.parametrize(
    ("environment", "date", "flags"),
    [("production", "2025-01-01", ["a"]), ("preview", "2026-02-02", ["b", "c"])],
)
def test_date_and_flags_are_the_projects_where_the_file_has_none(
    project: Project, environment: Environment, date: str, flags: list[str]
) -> None:
    planned = PlannedWorker(WORKER, read_configuration(FILE, "wrangler.json"))
    metadata = planned.metadata(environment, project)
    assert metadata == {
        "bindings": [],
        "compatibility_date": date,
        "compatibility_flags": flags,
    }


def test_date_and_flags_of_the_file_come_first_each_for_itself(project: Project) -> None:
    dated = read_configuration({**FILE, "compatibility_date": "2024-09-23"}, "wrangler.json")
    metadata = PlannedWorker(WORKER, dated).metadata("production", project)
    assert metadata["compatibility_date"] == "2024-09-23"
    assert metadata["compatibility_flags"] == ["a"]
    bare = read_configuration({**FILE, "compatibility_flags": []}, "wrangler.json")
    metadata = PlannedWorker(WORKER, bare).metadata("production", project)
    assert metadata["compatibility_date"] == "2025-01-01"
    assert metadata["compatibility_flags"] == []


def test_bindings_are_those_of_the_environment(project: Project) -> None:
    data = {**FILE, "vars": {"A": "top"}, "env": {"preview": {"vars": {"A": "preview"}}}}
    planned = PlannedWorker(WORKER, read_configuration(data, "wrangler.json"))
    texts = {
        environment: planned.metadata(environment, project)["bindings"][0]["text"]
        for environment in ("production", "preview")
    }
    assert texts == {"production": "top", "preview": "preview"}


def test_without_a_file_everything_is_the_projects(project: Project) -> None:
    assert PlannedWorker(WORKER).metadata("production", project) == {}


def test_a_project_to_be_created_has_neither_date_nor_flags() -> None:
    planned = PlannedWorker(WORKER, read_configuration(FILE, "wrangler.json"))
    assert planned.metadata("production", None) == {"bindings": [], "compatibility_flags": []}


def test_the_modules_are_named_where_the_log_misses_one() -> None:
    error = DeploymentError("It failed.", "Look.", log_lines=["", 'Error: No such module "x".'])
    hint = PlannedWorker(WORKER).explained(error).hint
    assert hint.startswith("Look. The modules that were sent: index.js, m0.js, ")
    assert hint.endswith(", m98.js and 2 more.")


def test_of_another_failure_nothing_more_is_told() -> None:
    error = DeploymentError("It failed.", "Look.", log_lines=["Error: CPU limit"])
    assert PlannedWorker(WORKER).explained(error) is error
