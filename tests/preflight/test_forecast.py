"""A forecast changes nothing, and what is deployed right after it is what it has said."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.commit_order import CommitOrder
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import DirectoryError, NotFoundError, SettingsError, WorkerError
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.forecast import NOTHING, Forecast, forecast
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.worker import Worker
from tests.deploy.crossing_runs import SKIP
from tests.making import deployed, made
from tests.world import (
    CHECK_MISSING,
    COMMIT,
    DEPLOYMENTS,
    PROJECT,
    UPLOAD,
    Notes,
    asked,
    connected,
)

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.http.request_log import RecordedRequest
    from tests.world import BuildSite, FakeTime

PLAN = Plan(PROJECT, "main", Commit(COMMIT, "One"))
PREVIEW = replace(PLAN, branch="Feature/One")
RULES = RoutesRules(("/api/*",), ("/api/static/*",))
WORKER = PlannedWorker(
    Worker("_worker.js", Script(Module("index.js", "esm", b"export default {};"), ()), RULES)
)
TOO_LARGE = Script(Module("index.js", "esm", b"x" * (26 * 1024 * 1024)), ())
CHANGING = ("/upload", "/upsert-hashes", "/deployments", "/projects")


def state(emulator: Emulator) -> dict[str, list[Any]]:
    """Return everything that the emulator keeps, table by table."""
    database = emulator.store.deployments._database
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        str(name): sorted(map(tuple, database.execute(f"SELECT * FROM {name}").fetchall()))
        for (name,) in tables
    }


def foretell(
    emulator: Emulator,
    client: PagesClient,
    manifest: Manifest,
    plan: Plan,
    notes: Notes | None = None,
) -> Forecast:
    """Make a forecast, and see that it only asks and that nothing has changed."""
    before, known = state(emulator), len(emulator.requests)
    try:
        return forecast(client, manifest, plan, notes or Notes())
    finally:
        assert state(emulator) == before
        assert [
            one for one in emulator.requests[known:] if one.method not in {"GET", "HEAD"}
        ] == asked_since(emulator, known, CHECK_MISSING)


def asked_since(emulator: Emulator, known: int, path: str) -> list[RecordedRequest]:
    return [one for one in emulator.requests[known:] if (one.method, one.path) == ("POST", path)]


def changing_since(emulator: Emulator, known: int) -> int:
    """Count the requests of the deployment itself that change something."""
    return sum(
        one.method == "POST" and one.path.endswith(CHANGING) for one in emulator.requests[known:]
    )


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(site({"index.html": "home", "a.css": "a", "b.css": "a"}))


def random_files(some: random.Random) -> dict[str, str]:
    return {
        f"{number}.{some.choice(('html', 'css', 'txt'))}": some.choice("abcdefghi")
        * some.randint(0, 12)
        for number in range(some.randint(1, 40))
    }


@pytest.mark.parametrize("seed", range(12))
def test_what_is_deployed_is_what_was_foretold(
    client: PagesClient, emulator: Emulator, site: BuildSite, seed: int
) -> None:
    some = random.Random(seed)
    if some.random() < 0.5:
        emulator.store.add_domain(PROJECT, "www.example.test")
    if some.random() < 0.8:
        deployed(client, site(random_files(some), name="before"), some.choice(("main", "b")))
    plan = Plan(
        PROJECT,
        some.choice(("main", "", "b", "Feature/One two", "x" * 40, "\u00e4/\u00f6-b")),
        concurrency=some.randint(1, 4),
        skips_caching=some.random() < 0.2,
        worker=WORKER if some.random() < 0.3 else None,
    )
    manifest = build_manifest(site(random_files(some), name="after"))
    foretold = foretell(emulator, client, manifest, plan)
    known = len(emulator.requests)
    done = deploy(client, manifest, plan)
    assert foretold.environment == done.deployment.environment
    assert foretold.branch == plan.branch
    assert foretold.alias == done.alias
    assert foretold.status == done.status == "success"
    assert foretold.total_files == done.files
    assert foretold.new_files == sum(
        asset.hash in done.uploaded.hashes for asset in manifest.assets
    )
    sending = foretold.sending
    assert (sending.files, sending.bytes) == (len(done.uploaded.hashes), done.uploaded.bytes)
    assert sending.upload_requests == len(asked_since(emulator, known, UPLOAD))
    assert sending.requests == changing_since(emulator, known)
    assert not foretold.creates_project
    assert foretold.routes == (RULES if plan.worker else None)
    again = foretell(emulator, client, manifest, replace(plan, skips_caching=False))
    assert (again.new_files, again.sending.bytes, again.sending.upload_requests) == (0, 0, 0)


@pytest.mark.parametrize("branch", ["main", "trunk", ""])
def test_of_a_project_to_be_created_the_most_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, branch: str
) -> None:
    plan = Plan("other", branch, creates_project=True, production_branch="trunk", worker=WORKER)
    foretold = foretell(emulator, client, manifest, plan)
    assert foretold.creates_project
    assert (foretold.alias, foretold.new_files) == ("", None)
    known = len(emulator.requests)
    done = deploy(client, manifest, plan)
    assert foretold.environment == done.deployment.environment
    assert foretold.sending.files == len(done.uploaded.hashes)
    assert foretold.sending.bytes == done.uploaded.bytes
    assert foretold.sending.upload_requests == len(asked_since(emulator, known, UPLOAD))
    assert foretold.sending.requests == changing_since(emulator, known)
    shown = foretold.as_json()
    unknown = ("alias", "files_to_send", "bytes_to_send", "upload_requests", "requests")
    assert {name: shown[name] for name in unknown} == dict.fromkeys(unknown)
    assert shown["files"] == {"total": 3, "new": None, "unchanged": None}
    assert shown["branch"] == (branch or None)


def test_a_site_without_files_sends_the_creation_alone(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site({"_redirects": "/a /b\n"}))
    foretold = foretell(emulator, client, manifest, PLAN)
    known = len(emulator.requests)
    deploy(client, manifest, PLAN)
    assert foretold.sending.requests == 1 == changing_since(emulator, known)
    assert foretold.sending.files == 0


def test_the_json_has_all_that_is_known(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    finding = Finding(severity="note", code="no-index", message="M.", remedy="R.")
    foretold = forecast(
        client, manifest, replace(PREVIEW, worker=WORKER), Notes(), findings=[finding]
    )
    assert foretold.as_json() == {
        "project_name": PROJECT,
        "creates_project": False,
        "environment": "preview",
        "branch": "Feature/One",
        "alias": emulator.site_url("feature-one.demo"),
        "status": "success",
        "files": {"total": 3, "new": 3, "unchanged": 0},
        "files_to_send": 2,
        "bytes_to_send": 5,
        "upload_requests": 2,
        "requests": 4,
        "routes": {"include": ["/api/*"], "exclude": ["/api/static/*"]},
        "findings": [finding.as_json()],
    }


def test_a_branch_without_a_letter_for_an_address_has_an_alias_that_nobody_knows(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    foretold = foretell(emulator, client, manifest, replace(PLAN, branch="\u65e5\u672c"))
    assert (foretold.alias, foretold.as_json()["alias"]) == ("", None)
    assert foretold.environment == "preview"
    assert asked(emulator, "GET", DEPLOYMENTS) == []


LONG = "feature/list-all-the-customers-by-"


@pytest.mark.parametrize(
    ("theirs", "ours", "is_taken"),
    [
        (f"{LONG}name", f"{LONG}city", True),
        ("a/b", "a_b", True),
        ("A", "a", True),
        ("a", "a", False),
        ("a", "b", False),
    ],
)
def test_an_alias_of_another_branch_is_a_warning(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    theirs: str,
    ours: str,
    *,
    is_taken: bool,
) -> None:
    made(client, theirs)
    foretold = foretell(emulator, client, manifest, replace(PLAN, branch=ours))
    found = [(one.severity, one.code, one.file, one.line) for one in foretold.findings]
    assert found == ([("warning", "alias-taken", "", None)] if is_taken else [])
    if is_taken:
        (finding,) = foretold.findings
        assert f"branch '{theirs}'" in finding.message
        assert foretold.alias in finding.message
        deploy(client, manifest, replace(PLAN, branch=ours))
        assert foretell(emulator, client, manifest, replace(PLAN, branch=ours)).findings == ()


def test_an_alias_that_cannot_be_looked_up_is_told_and_stops_nothing(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.fail_next("GET", DEPLOYMENTS, Answer(status=403, body="no"), times=None)
    notes = Notes()
    foretold = foretell(emulator, client, manifest, PREVIEW, notes)
    assert foretold.findings == ()
    (warning,) = notes.warnings
    assert warning.startswith(f"Could not check whether another branch has {foretold.alias}.")


def test_a_preview_of_no_known_branch_holds_no_alias_against_anybody(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    made(client, PREVIEW.branch)
    database = emulator.store.deployments._database
    database.execute("UPDATE deployments SET branch = ''")
    assert foretell(emulator, client, manifest, PREVIEW).findings == ()


def test_production_is_told_at_its_first_active_domain_and_takes_no_alias(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    assert foretell(emulator, client, manifest, PLAN).alias == emulator.site_url("demo")
    emulator.store.add_domain(PROJECT, "www.example.test")
    foretold = foretell(emulator, client, manifest, PLAN)
    assert (foretold.environment, foretold.alias) == ("production", "https://www.example.test")
    assert asked(emulator, "GET", DEPLOYMENTS) == []


def commit(number: int) -> Commit:
    return Commit(f"{number:040x}")


@pytest.mark.parametrize("if_older", ["skip", "fail"])
def test_a_newer_commit_that_is_live_is_told_and_nothing_would_be_sent(
    client: PagesClient, emulator: Emulator, manifest: Manifest, if_older: Any
) -> None:
    newer = deploy(client, manifest, replace(PLAN, commit=commit(2)))
    order = CommitOrder(if_older, SKIP.is_ancestor)
    plan = replace(PLAN, commit=commit(1), commit_order=order)
    notes = Notes()
    foretold = foretell(emulator, client, manifest, plan, notes)
    assert (foretold.status, foretold.alias) == ("superseded", newer.alias)
    assert foretold.sending == NOTHING
    (told,) = notes.warnings if if_older == "fail" else notes.notices
    assert newer.deployment.id in told
    assert told.endswith("The deployment would fail for that.") == (if_older == "fail")
    if if_older == "skip":
        done = deploy(client, manifest, plan)
        assert (done.status, done.alias) == (foretold.status, foretold.alias)


@pytest.mark.parametrize("branch", ["main", "feature"])
def test_what_is_live_already_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, branch: str
) -> None:
    plan = replace(PLAN, branch=branch, skips_unchanged=True)
    assert foretell(emulator, client, manifest, plan).status == "success"
    done = deploy(client, manifest, plan)
    foretold = foretell(emulator, client, manifest, plan)
    assert (foretold.status, foretold.alias) == ("unchanged", done.alias)
    assert (foretold.new_files, foretold.sending) == (0, NOTHING)
    assert deploy(client, manifest, plan).status == "unchanged"


class Objecting(Notes):
    def environment_known(self, environment: str) -> None:
        raise SettingsError(f"not {environment}")


@pytest.mark.parametrize("name", [PROJECT, "other"])
def test_whoever_objects_to_the_environment_is_heard_before_anything_else(
    client: PagesClient, emulator: Emulator, manifest: Manifest, name: str
) -> None:
    plan = Plan(name, "feature", creates_project=True)
    known = len(emulator.requests)
    with pytest.raises(SettingsError, match="not preview"):
        foretell(emulator, client, manifest, plan, Objecting())
    assert len(emulator.requests) == known + 1


def test_a_missing_project_is_the_same_error_as_a_deployments(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    plan = Plan("other", "main")
    with pytest.raises(NotFoundError) as foretold:
        foretell(emulator, client, manifest, plan)
    with pytest.raises(NotFoundError) as met:
        deploy(client, manifest, plan)
    assert foretold.value.message == met.value.message
    assert foretold.value.hint == met.value.hint


def test_a_worker_that_is_too_large_fails_as_it_does_in_a_deployment(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    planned = replace(WORKER, worker=replace(WORKER.worker, script=TOO_LARGE))
    with pytest.raises(WorkerError):
        foretell(emulator, client, manifest, replace(PLAN, worker=planned))


def test_too_many_files_fail_as_they_do_in_a_deployment(
    fake_time: FakeTime, manifest: Manifest
) -> None:
    settings = EmulatorSettings(max_file_count=2)
    with (
        Emulator(settings=settings) as emulator,
        connected(emulator, fake_time) as client,
        pytest.raises(DirectoryError, match="this account may deploy 2"),
    ):
        foretell(emulator, client, manifest, PLAN)
