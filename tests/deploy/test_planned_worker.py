"""What is sent of a Worker once the project is known, and what is told when it does not start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import FailedDeploymentError, UnservedDeploymentError
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.state.project_configs import ProjectConfigs
from pages_deploy.errors import DeploymentError
from pages_deploy.proof.proof import Proof
from pages_deploy.proof.worker_route import WorkerRoute
from pages_deploy.rules.routes_json import EVERYTHING, RoutesRules
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.worker.configuration import Environment, read_configuration
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.worker import Worker
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Project
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime

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


ENVIRONMENTS = [("production", "2025-01-01", ["a"]), ("preview", "2026-02-02", ["b", "c"])]


@pytest.mark.parametrize(("environment", "date", "flags"), ENVIRONMENTS)
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


def test_as_many_modules_as_are_shown_are_named_all() -> None:
    error = DeploymentError("It failed.", "Look.", log_lines=['No such module "x".'])
    script = replace(WORKER.script, others=OTHERS[:99])
    hint = PlannedWorker(replace(WORKER, script=script)).explained(error).hint
    assert hint.endswith(", m97.js, m98.js.")


def test_of_another_failure_nothing_more_is_told() -> None:
    error = DeploymentError("It failed.", "Look.", log_lines=["Error: CPU limit"])
    assert PlannedWorker(WORKER).explained(error) is error


API = RoutesRules(("/api/*",))
BEHIND_API = Worker(
    "functions",
    Script(Module("index.js", "esm", b"export default {};"), (Module("a.js", "esm", b""),)),
    API,
    routes_json=b'{"version":1,"include":["/api/*"],"exclude":[]}',
    routing_config=b'{"routes":[],"baseURL":"/"}',
)


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    """A page, an asset that the Worker hides, and headers."""
    files = {"index.html": "home", "api/hidden.txt": "x", "_headers": "/*\n  X-One: 1\n"}
    return build_manifest(site(files))


def with_worker(branch: str = "main", *routes: WorkerRoute, **changes: Any) -> Plan:
    configuration = read_configuration(FILE, "wrangler.json")
    planned = PlannedWorker(BEHIND_API, configuration, routes)
    # What the project says of its production branch counts, not what a new one would get.
    return Plan(PROJECT, branch, worker=planned, production_branch="trunk", **changes)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("environment", "date", "flags"), ENVIRONMENTS)
def test_a_worker_is_sent_for_the_environment_in_which_it_will_run(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    environment: str,
    date: str,
    flags: list[str],
) -> None:
    branch = "main" if environment == "production" else "trunk"
    deployed = deploy(client, manifest, with_worker(branch))
    assert deployed.deployment.environment == environment
    sent = emulator.worker_of(deployed.deployment.id)
    assert sent is not None
    assert [module.name for module in sent.modules] == ["index.js", "a.js"]
    assert sent.metadata["compatibility_date"] == date
    assert sent.metadata["compatibility_flags"] == flags
    assert sent.rules == API
    assert sent.routing == {"routes": [], "baseURL": "/"}
    stored = emulator.store.deployments.find(deployed.deployment.id)
    assert stored is not None
    files = emulator.store.deployments.special_files(stored)
    assert files["_headers"] == manifest.special_files["_headers"]


@pytest.mark.usefixtures("project")
def test_the_proof_asks_the_worker_and_not_for_the_assets_that_it_hides(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deployed = deploy(client, manifest, with_worker("main", WorkerRoute("/api/a"), proof="all"))
    assert deployed.proof == Proof(is_proved=True, checked=1, routes=1)
    assert asked(emulator, "GET", "*/api/a")
    assert not asked(emulator, "HEAD", "*/api/hidden.txt")


@pytest.mark.usefixtures("project")
def test_a_worker_that_fails_is_found_within_the_time_that_the_plan_allows(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    emulator.fail_next("GET", "*.demo.localhost/api/a", Answer(status=500), times=None)
    plan = with_worker("main", WorkerRoute("/api/a"), proof="all", timeout_seconds=5)
    start = fake_time.now
    with pytest.raises(UnservedDeploymentError, match="/api/a: expected any answer"):
        deploy(client, manifest, plan)
    assert fake_time.now - start < 10


@pytest.mark.usefixtures("project")
def test_a_deployment_that_fails_for_want_of_a_module_names_those_that_were_sent(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.outcome_next(status="failure", error='No such module "x".')
    with pytest.raises(FailedDeploymentError) as info:
        deploy(client, manifest, with_worker())
    assert info.value.hint.endswith("The modules that were sent: index.js, a.js.")
