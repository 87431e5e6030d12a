"""The story of one deployment, from the project to the address."""

from __future__ import annotations

import contextlib
import importlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit
from pages_deploy.clock import Timer
from pages_deploy.deploy.commit_order import CommitOrder
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import UnaddressedDeploymentError
from pages_deploy.deploy.plan import Plan
from pages_deploy.emulator.http.faults import Answer, LostAnswer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    DirectoryError,
    NotFoundError,
    SettingsError,
    UploadError,
)
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import NO_PROOF, prove
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.upload.token import UploadTokens
from tests.raw_server import Received, json_answer, passed_on, serving
from tests.world import COMMIT, DEPLOYMENTS, PROJECT, UPLOAD, FakeTime, Notes, asked, connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.api.models import Project
    from pages_deploy.deploy.deployed import Deployed
    from tests.world import BuildSite

FILES: dict[str, bytes | str] = {
    "index.html": "home",
    "docs/a b+é.txt": "text",
    "empty.css": b"",
    "x/y/z.bin": b"\0\1",
}
PROJECTS = "*/pages/projects"


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(site(FILES))


def served(url: str, manifest: Manifest) -> int:
    """Return how many files of a manifest an address serves, which must be all."""
    with contextlib.closing(new_session()) as session:
        return prove(Probe(session, url, manifest), timer=Timer(), everything=True).checked


def run(client: PagesClient, manifest: Manifest, notes: Notes, *, branch: str = "main") -> Deployed:
    plan = Plan(PROJECT, branch, Commit(COMMIT, "One", dirty=False))
    return deploy(client, manifest, plan, notes)


def test_what_was_deployed_is_served(client: PagesClient, manifest: Manifest, notes: Notes) -> None:
    deployed = run(client, manifest, notes)
    assert served(deployed.deployment.url, manifest) == len(FILES)
    assert served(f"http://{deployed.project.subdomain}", manifest) == len(FILES)
    assert deployed.files == len(FILES)
    assert deployed.deployment.environment == "production"
    assert deployed.alias == f"http://{deployed.project.subdomain}"
    assert notes.warnings == []


def test_another_branch_is_a_preview_and_its_alias_is_the_address_to_give(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    deployed = run(client, manifest, notes, branch="feature/One")
    assert deployed.deployment.environment == "preview"
    assert deployed.alias.startswith("http://feature-one.demo.")
    assert served(deployed.alias, manifest) == len(FILES)


def test_without_a_branch_it_is_production(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    assert run(client, manifest, notes, branch="").deployment.environment == "production"
    assert notes.targets == ["production of demo"]


def test_the_steps_say_where_it_goes_before_anything_is_sent(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    run(client, manifest, notes, branch="feature")
    assert notes.steps[0] == (
        "Deploying branch 'feature' as a preview of 'demo' (production is 'main')"
    )
    notes.steps.clear()
    run(client, manifest, notes)
    assert notes.steps[0] == "Deploying branch 'main' to production of 'demo'"
    notes.steps.clear()
    run(client, manifest, notes, branch="")
    assert "no branch is known" in notes.steps[0]


def test_the_watcher_learns_the_target_the_deployment_and_each_stage(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    deployed = run(client, manifest, notes, branch="feature")
    assert notes.targets == ["preview of demo"]
    assert [created.id for created in notes.created] == [deployed.deployment.id]
    assert notes.stages[-1] == "deploy success"
    assert notes.progress[-1].files == len(FILES)


def test_a_watcher_that_objects_to_the_target_stops_it_before_anything_is_sent(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    class Objecting(Notes):
        def target_found(self, project: Project, environment: str) -> None:
            raise SettingsError(f"not to {environment} of {project.name}")

    with pytest.raises(SettingsError, match="not to production of demo"):
        run(client, manifest, Objecting())
    assert asked(emulator, "POST", UPLOAD) == []


def test_nobody_has_to_watch(client: PagesClient, manifest: Manifest) -> None:
    assert deploy(client, manifest, Plan(PROJECT)).deployment.succeeded


def test_the_second_deployment_of_the_same_files_uploads_nothing(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    assert len(run(client, manifest, notes).uploaded.hashes) == len(FILES)
    sent = len(asked(emulator, "POST", UPLOAD))
    assert not run(client, manifest, notes).uploaded.hashes
    assert len(asked(emulator, "POST", UPLOAD)) == sent
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2


def test_without_caching_everything_is_sent_again(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    run(client, manifest, notes)
    again = deploy(client, manifest, Plan(PROJECT, "main", skips_caching=True), notes)
    assert again.uploaded.hashes == {asset.hash for asset in manifest.assets}
    assert again.uploaded.bytes == manifest.total_bytes


def test_no_more_requests_carry_files_than_the_plan_allows_at_once(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, Plan(PROJECT, concurrency=1))
    assert len(asked(emulator, "POST", UPLOAD)) == 1


def test_the_duration_counts_the_waits(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=5))
    start = fake_time.now
    deployed = run(client, manifest, notes)
    assert deployed.duration_seconds == pytest.approx(fake_time.now - start)
    assert deployed.duration_seconds > 1


def test_an_unknown_project_is_named_with_its_account_and_the_remedy(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    with pytest.raises(NotFoundError, match="no project 'demos'") as info:
        deploy(client, manifest, Plan("demos"))
    assert emulator.account_id in info.value.message
    assert "--create-project" in info.value.hint
    assert "createProject" in info.value.hint
    error = info.value
    assert (error.method, error.status, error.codes) == ("GET", 404, (8000007,))
    assert error.path.endswith("/pages/projects/demos")
    assert asked(emulator, "POST", "*/demos/*") == []


def test_a_missing_project_is_created_only_when_that_is_asked_for(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    plan = Plan("fresh", "trunk", creates_project=True, production_branch="trunk")
    deployed = deploy(client, manifest, plan, notes)
    assert deployed.project.production_branch == "trunk"
    assert deployed.deployment.environment == "production"
    assert "Creating project 'fresh' with production branch 'trunk'" in notes.steps


def test_an_existing_project_is_not_created_and_keeps_its_production_branch(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    before = len(asked(emulator, "POST", PROJECTS))
    plan = Plan(PROJECT, "trunk", creates_project=True, production_branch="trunk")
    deployed = deploy(client, manifest, plan, notes)
    assert deployed.deployment.environment == "preview"
    assert notes.environments == ["preview"]
    assert notes.targets == ["preview of demo"]
    assert len(asked(emulator, "POST", PROJECTS)) == before


def test_a_project_whose_creation_was_not_answered_is_used(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.fail_next("POST", PROJECTS, LostAnswer())
    deployed = deploy(client, manifest, Plan("fresh", creates_project=True), notes)
    assert deployed.project.name == "fresh"
    assert len(emulator.store.projects.all(emulator.account_id)) == 2


def make_beside(client: PagesClient, notes: Notes) -> None:
    """Let another run be faster to create the project."""

    def create(text: str) -> None:
        if text.startswith("Creating project"):
            client.projects.create("fresh", production_branch="theirs")

    notes.on_step = create


def test_a_project_that_another_run_has_created_meanwhile_is_used(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    make_beside(client, notes)
    deployed = deploy(client, manifest, Plan("fresh", "theirs", creates_project=True), notes)
    assert deployed.project.production_branch == "theirs"
    assert deployed.deployment.environment == "production"


@pytest.fixture
def account_of_few_files(fake_time: FakeTime) -> Iterator[tuple[Emulator, PagesClient]]:
    settings = EmulatorSettings(max_file_count=len(FILES) - 1)
    with Emulator(settings=settings) as emulator, connected(emulator, fake_time) as client:
        yield emulator, client


def names_of_projects(emulator: Emulator) -> list[str]:
    return [project.name for project in emulator.store.projects.all(emulator.account_id)]


def test_a_site_of_too_many_files_leaves_no_project_that_it_has_made(
    account_of_few_files: tuple[Emulator, PagesClient], manifest: Manifest, notes: Notes
) -> None:
    emulator, client = account_of_few_files
    with pytest.raises(DirectoryError, match="this account may deploy"):
        deploy(client, manifest, Plan("fresh", creates_project=True), notes)
    assert names_of_projects(emulator) == [PROJECT]
    assert "Deleted project 'fresh', which this run had created" in notes.steps
    # One that was there before stays, whoever asks to create it.
    with pytest.raises(DirectoryError):
        deploy(client, manifest, Plan(PROJECT, creates_project=True), notes)
    assert names_of_projects(emulator) == [PROJECT]


def test_a_project_that_another_run_has_created_meanwhile_stays(
    account_of_few_files: tuple[Emulator, PagesClient], manifest: Manifest, notes: Notes
) -> None:
    emulator, client = account_of_few_files
    make_beside(client, notes)
    with pytest.raises(DirectoryError, match="this account may deploy"):
        deploy(client, manifest, Plan("fresh", creates_project=True), notes)
    assert "fresh" in names_of_projects(emulator)


def test_a_project_to_which_another_run_has_deployed_meanwhile_stays(
    account_of_few_files: tuple[Emulator, PagesClient], manifest: Manifest, notes: Notes
) -> None:
    emulator, client = account_of_few_files

    def deploy_something(text: str) -> None:
        if text.startswith("Deploying branch"):
            client.deployments.create(
                "fresh", manifest={}, branch="main", commit=Commit(), special_files={}
            )

    notes.on_step = deploy_something
    with pytest.raises(DirectoryError):
        deploy(client, manifest, Plan("fresh", "main", creates_project=True), notes)
    assert "fresh" in names_of_projects(emulator)


def test_a_project_that_cannot_be_removed_again_is_a_warning(
    account_of_few_files: tuple[Emulator, PagesClient], manifest: Manifest, notes: Notes
) -> None:
    emulator, client = account_of_few_files
    emulator.fail_next("DELETE", "*/projects/fresh", Answer.error(403, 10000), times=None)
    with pytest.raises(DirectoryError, match="this account may deploy"):
        deploy(client, manifest, Plan("fresh", creates_project=True), notes)
    (warning,) = notes.warnings
    assert warning.startswith("Project 'fresh', which this run created, is left empty.")


def test_a_watcher_that_objects_to_the_environment_stops_it_before_a_project_is_made(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    class Objecting(Notes):
        def environment_known(self, environment: str) -> None:
            raise SettingsError(f"not to {environment}")

    before = len(emulator.requests)
    plan = Plan("fresh", "topic", creates_project=True, production_branch="main")
    with pytest.raises(SettingsError, match="not to preview"):
        deploy(client, manifest, plan, Objecting())
    assert {request.method for request in emulator.requests[before:]} == {"GET"}


def test_other_reasons_for_not_finding_are_not_taken_for_a_missing_project(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.fail_next("GET", "*/pages/projects/demo", Answer.error(404, 7003))
    with pytest.raises(NotFoundError) as info:
        deploy(client, manifest, Plan(PROJECT, creates_project=True), notes)
    assert info.value.codes == (7003,)


def test_a_project_that_cannot_be_created_is_an_error(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    with pytest.raises(ApiResponseError, match="create project 'No Good'"):
        deploy(client, manifest, Plan("No Good", creates_project=True), notes)


def test_a_wrong_token_is_an_authentication_error_that_names_the_permission(
    emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    with (
        PagesClient(
            "wrong-token",
            emulator.account_id,
            base_url=emulator.api_base_url,
            timer=fake_time.timer,
        ) as client,
        pytest.raises(AuthenticationError) as info,
    ):
        run(client, manifest, notes)
    assert "Account > Cloudflare Pages > Edit" in info.value.hint
    assert "wrong-token" not in str(info.value) + info.value.hint
    assert fake_time.slept == []


def test_no_deployment_is_created_after_a_failed_upload(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(400, 1), times=None)
    with pytest.raises(UploadError):
        run(client, manifest, notes)
    assert asked(emulator, "POST", DEPLOYMENTS) == []


@contextlib.contextmanager
def before_the_emulator(emulator: Emulator, fake_time: FakeTime, url: str) -> Iterator[PagesClient]:
    """Connect through a gateway that gives deployments another address than their creation did."""

    def answer(received: Received) -> bytes:
        whole = passed_on(emulator, received)
        if received.method != "GET" or "/deployments/" not in received.target:
            return whole
        document = json.loads(whole.partition(b"\r\n\r\n")[2])
        document["result"]["url"] = url
        return json_answer(json.dumps(document).encode())

    with (
        serving(answer) as port,
        PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=f"http://127.0.0.1:{port}/client/v4",
            timer=fake_time.timer,
        ) as client,
    ):
        yield client


@pytest.mark.usefixtures("client")
def test_a_deployment_without_an_address_is_an_error_that_has_that_of_its_creation(
    emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    with (
        before_the_emulator(emulator, fake_time, "http://[") as client,
        pytest.raises(UnaddressedDeploymentError) as info,
    ):
        deploy(client, manifest, Plan(PROJECT, proof="sample"), notes)
    deployed = info.value.deployed
    (created,) = notes.created
    assert deployed.deployment.url == created.url != ""
    assert deployed.deployment.succeeded
    assert deployed.proof == NO_PROOF
    assert not deployed.is_wrong
    assert created.id in info.value.message


def test_a_manifest_of_special_files_alone_can_be_deployed(
    client: PagesClient, notes: Notes, site: BuildSite
) -> None:
    manifest = build_manifest(site({"_redirects": "/* https://example.test/ 301\n"}, name="only"))
    assert run(client, manifest, notes).files == 0


def test_a_run_does_not_end_before_its_files_are_marked(
    client: PagesClient, site: BuildSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = threading.Event()
    module = importlib.import_module("pages_deploy.deploy.run")

    def late(*_: object) -> None:
        # Longer than all that is left of the run.
        marked.wait(0.5)
        marked.set()

    monkeypatch.setattr(module, "mark_used", late)
    deploy(client, build_manifest(site({"index.html": "home"})), Plan(PROJECT, "main"))
    assert marked.is_set()


def test_files_that_cannot_be_marked_are_no_more_than_a_warning(
    client: PagesClient, emulator: Emulator, notes: Notes, manifest: Manifest
) -> None:
    emulator.fail_next("POST", "*/upsert-hashes", Answer.error(400, 8000000), times=None)
    assert run(client, manifest, notes).deployment.succeeded
    (warning,) = notes.warnings
    assert warning.endswith("The deployment goes on; a later one may upload more.")


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        ({}, True),
        ({"creates_project": True}, False),
        ({"commit_order": CommitOrder("skip", lambda _one, _other: None)}, False),
    ],
    ids=["usual", "creates", "ordered"],
)
def test_a_token_is_asked_for_ahead_where_it_is_sure_to_be_used(
    client: PagesClient,
    manifest: Manifest,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    is_asked: bool,
) -> None:
    asked_ahead: list[UploadTokens] = []

    def noted(tokens: UploadTokens) -> None:
        asked_ahead.append(tokens)

    monkeypatch.setattr(UploadTokens, "ask_ahead", noted)
    deploy(client, manifest, Plan(PROJECT, "main", **given))
    assert len(asked_ahead) == is_asked
