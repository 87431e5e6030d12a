"""A deployment that says which pages differ from what production served before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy import comparing
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.errors import DeploymentError
from pages_deploy.proof.changes import Changes
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.site.manifest import build_manifest
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.worker import Worker
from tests.world import COMMIT, PROJECT, Notes

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

Files = dict[str, bytes | str]
SITEMAP = "<urlset><url><loc>https://x.test/</loc></url><url><loc>https://x.test/old/</loc></url></urlset>"
FIRST: Files = {"index.html": "home", "old/index.html": "old", "sitemap.xml": SITEMAP}
SECOND: Files = {"index.html": "new home", "about/index.html": "about", "sitemap.xml": SITEMAP}


@pytest.fixture
def notes() -> Notes:
    return Notes()


class Runs:
    """Deploys sites one after another."""

    def __init__(self, client: PagesClient, site: BuildSite, notes: Notes) -> None:
        self.client = client
        self._site = site
        self._notes = notes
        self._count = 0

    def deploy(
        self, files: Files, branch: str = "main", *, worker: Worker | None = None
    ) -> Deployed:
        self._count += 1
        manifest = build_manifest(self._site(files, name=f"site-{self._count}"))
        planned = None if worker is None else PlannedWorker(worker)
        plan = Plan(PROJECT, branch, Commit(COMMIT), compares_pages=True, worker=planned)
        return deploy(self.client, manifest, plan, self._notes)

    def changes(self, files: Files, branch: str = "main") -> Changes:
        found = self.deploy(files, branch).changes
        assert found is not None
        return found


@pytest.fixture
def runs(client: PagesClient, site: BuildSite, notes: Notes) -> Runs:
    return Runs(client, site, notes)


def test_the_first_deployment_has_new_pages_alone(runs: Runs, notes: Notes) -> None:
    assert runs.changes(FIRST) == Changes("", new=("/", "/old/"))
    assert not any("Which pages differ" in step for step in notes.steps)


def test_production_is_compared_with_what_was_live_before(runs: Runs) -> None:
    before = runs.deploy(FIRST).deployment
    assert runs.changes(SECOND) == Changes(
        before.id, new=("/about/",), changed=("/",), removed=("/old/",)
    )


def test_a_second_push_to_a_preview_still_lists_what_the_first_changed(runs: Runs) -> None:
    before = runs.deploy(FIRST).deployment
    for _ in range(2):
        deployed = runs.deploy(SECOND, "topic")
        assert deployed.changes == Changes(
            before.id, new=("/about/",), changed=("/",), removed=("/old/",)
        )
    # Of which the second has uploaded nothing.
    assert not deployed.uploaded.hashes


def test_nothing_is_asked_for_where_nobody_wants_to_know(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(FIRST))
    for _ in range(2):
        assert deploy(client, manifest, Plan(PROJECT, "main")).changes is None
    assert not [request for request in emulator.requests if request.method == "HEAD"]


def test_a_failed_deployment_compares_nothing(runs: Runs, emulator: Emulator, notes: Notes) -> None:
    runs.deploy(FIRST)
    emulator.outcome_next(status="failure")
    with pytest.raises(DeploymentError):
        runs.deploy(SECOND, "topic")
    assert not any("Which pages differ" in step for step in notes.steps)


def test_what_is_not_known_is_a_step_and_no_warning(runs: Runs, notes: Notes) -> None:
    bare: Files = {"index.html": "home"}
    runs.deploy(bare)
    assert not runs.changes(bare, "topic").is_complete
    assert notes.warnings == []
    assert notes.steps[-1] == (
        "Which pages differ is not fully known: of production not every page is known: it has no "
        "sitemap, and its home page links to no other page"
    )


def test_pages_of_the_worker_are_left_out(runs: Runs) -> None:
    runs.deploy(FIRST)
    script = Script(Module("index.js", "esm", b"export default {};"), ())
    worker = Worker("_worker.js", script, RoutesRules(("/about/*",)))
    deployed = runs.deploy(SECOND, "topic", worker=worker)
    assert deployed.changes is not None
    assert deployed.changes.new == ()
    assert deployed.changes.gap == "the Worker answers at 1 page"


def test_no_bug_of_the_comparison_fails_a_good_deployment(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("words that may hold anything")

    monkeypatch.setattr(comparing, "compare_pages", broken)
    gap = "comparing them failed because of a bug (ZeroDivisionError)"
    first = runs.deploy(FIRST)
    assert first.changes == Changes("", is_complete=False, gap=gap)
    assert runs.changes(SECOND) == Changes(first.deployment.id, is_complete=False, gap=gap)
