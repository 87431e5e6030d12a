"""The newest commit wins: what is not deployed, and runs that cross at every pair of moments."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.deployments import DEPLOYMENTS_PER_PAGE, Commit
from pages_deploy.api.zones import Zones
from pages_deploy.deploy.commit_order import CommitOrder
from pages_deploy.deploy.crossing import LAG_SECONDS, MOST_LISTED, MOST_MOVES
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import (
    Deployed,
    FailedDeploymentError,
    SupersededDeploymentError,
    UnservedDeploymentError,
)
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.purge import Purge
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.deploy.crossing_runs import (
    BESIDE,
    SKIP,
    LastEndedWins,
    Run,
    Turns,
    commit,
    cross,
    number_of,
    within,
)
from tests.making import ids, made, put
from tests.world import DEPLOYMENTS as LISTED
from tests.world import PROJECT, UPLOAD, Notes, asked, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment
    from pages_deploy.emulator.http.request_log import RecordedRequest
    from pages_deploy.emulator.state.stages import EndStatus
    from pages_deploy.upload.upload import Progress
    from tests.world import BuildSite, FakeTime

# Before these of its requests a run stands still: after its first look, within and after the second
# one, after the creation, before and within the last look. With ENDS it does not stand still.
MOMENTS = (2, 5, 7, 8, 10, 11)
ENDS = 99
FAIL = replace(SKIP, if_older="fail")
NOBODY_KNOWS = CommitOrder("skip", lambda _one, _other: None)
PROJECT_PATH = "*/pages/projects/demo"


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(site({"index.html": "home"}))


def run(
    client: PagesClient,
    manifest: Manifest,
    notes: Notes,
    number: int,
    order: CommitOrder | None = SKIP,
    **changes: Any,
) -> Deployed:
    plan = Plan(PROJECT, "main", Commit(commit(number)), commit_order=order)
    return deploy(client, manifest, replace(plan, **changes), notes)


def live(client: PagesClient) -> Deployment:
    """Return what production serves."""
    found = client.projects.get(PROJECT).canonical_deployment
    assert found is not None
    return found


def made_of(client: PagesClient, number: int) -> Deployment:
    """Make a production deployment of a commit, as another run does."""
    return made(client, commit=commit(number))


@pytest.mark.slow
@pytest.mark.parametrize("last_counts", ["last made", "last ended"])
@pytest.mark.parametrize("numbers", [(2, 3), (3, 2)], ids=["older first", "newer first"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_of_two_runs_that_cross_anywhere_the_newer_commit_is_live(
    manifest: Manifest, fake_time: FakeTime, moment: int, numbers: tuple[int, int], last_counts: str
) -> None:
    turns = Turns()
    settings = EmulatorSettings(stage_policy=StagePolicy(polls=2))
    with Emulator(on_request=turns.before_request, settings=settings) as emulator:
        if last_counts == "last ended":
            turns.meanwhile = LastEndedWins(emulator)
        with connected(emulator, fake_time) as client:
            for other_moment in (*MOMENTS, ENDS):
                deploy(client, manifest, Plan(PROJECT, "main", Commit(commit(1))))
                first, second = Run(numbers[0], moment), Run(numbers[1], other_moment)
                cross(turns, client, manifest, first, second)
                newer, older = (second, first) if second.number > first.number else (first, second)
                assert number_of(live(client).commit_hash) == 3
                assert newer.result is not None
                assert older.result is not None
                assert newer.result.status == "success"
                if older.result.status == "superseded":
                    assert older.result.deployment.id == newer.result.deployment.id
                assert not first.notes.warnings + second.notes.warnings
                client.projects.delete(PROJECT)
                client.projects.create(PROJECT, production_branch="main")


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_two_runs_that_know_nothing_newer_than_themselves_say_what_they_cannot_tell(
    manifest: Manifest, fake_time: FakeTime, moment: int
) -> None:
    """As with git alone: the checkout of the older one was made before the newer commit was."""
    turns = Turns()
    with Emulator(on_request=turns.before_request) as emulator:
        turns.meanwhile = LastEndedWins(emulator)
        with connected(emulator, fake_time) as client:
            for other_moment in (*MOMENTS, ENDS):
                deploy(client, manifest, Plan(PROJECT, "main", Commit(commit(1))))
                older, newer = Run(2, moment, within(2)), Run(3, other_moment, within(3))
                cross(turns, client, manifest, older, newer)
                said = older.notes.warnings + older.notes.details + newer.notes.warnings
                is_told = any("cannot be told" in text or "Cannot tell" in text for text in said)
                assert number_of(live(client).commit_hash) == 3 or is_told
                client.projects.delete(PROJECT)
                client.projects.create(PROJECT, production_branch="main")


def test_the_moments_of_crossing_are_those_that_matter(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    run(client, manifest, notes, 1)
    emulator.outcome_next(policy=StagePolicy(polls=2))
    before = len(emulator.requests)
    deployed = run(client, manifest, notes, 2)
    made = [one for one in emulator.requests[before:] if not one.path.endswith(BESIDE)]
    paths = [f"{one.method} {one.path.rpartition('/')[2]}" for one in made]
    assert [paths[moment - 1] for moment in MOMENTS] == [
        "GET upload-token",
        "GET demo",
        "POST deployments",
        f"GET {deployed.deployment.id}",
        "GET deployments",
        "GET demo",
    ]


def test_where_production_is_newer_nothing_is_sent_and_nobody_is_told_of_a_start(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    newer = made_of(client, 3)
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "superseded"
    assert deployed.deployment.id == newer.id
    assert deployed.alias == deployed.production_url
    assert deployed.files == 1
    assert not deployed.proof.is_proved
    assert not notes.targets
    assert not asked(emulator, "GET", "*/upload-token")
    assert len(ids(emulator)) == 1
    [sentence] = notes.notices
    assert f"{newer.id} of commit 00000000" in sentence
    assert sentence.endswith(": nothing is deployed.")
    assert not notes.warnings


def test_an_older_commit_may_be_a_failure_that_says_what_is_live(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    newer = made_of(client, 3)
    with pytest.raises(SupersededDeploymentError, match="nothing is deployed") as info:
        run(client, manifest, notes, 2, FAIL)
    assert info.value.exit_code == 1
    assert "--if-older deploy" in info.value.hint
    assert info.value.deployed.deployment.id == newer.id
    assert info.value.deployed.status == "superseded"
    assert len(ids(emulator)) == 1


def test_without_an_order_an_older_commit_is_deployed_without_a_further_look(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 3)
    before = len(asked(emulator, "GET", PROJECT_PATH))
    assert run(client, manifest, notes, 2, None).status == "success"
    assert len(asked(emulator, "GET", PROJECT_PATH)) == before + 1
    assert number_of(live(client).commit_hash) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_the_same_commit_and_a_newer_one_are_deployed(
    client: PagesClient, manifest: Manifest, notes: Notes, number: int
) -> None:
    made_of(client, 1)
    assert run(client, manifest, notes, number).status == "success"
    assert not notes.warnings + notes.details


def test_a_preview_is_never_held_back(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 3)
    made(client, "topic", commit=commit(3))
    deployed = run(client, manifest, notes, 2, branch="topic")
    assert deployed.status == "success"
    assert len(asked(emulator, "GET", LISTED)) == 1


def test_a_commit_beside_productions_is_deployed(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 3)
    neither = CommitOrder("skip", lambda _one, _other: False)
    assert run(client, manifest, notes, 2, neither).status == "success"
    assert not notes.warnings + notes.details


def test_what_cannot_be_told_is_deployed_and_a_detail(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    before = made_of(client, 3)
    assert run(client, manifest, notes, 2, NOBODY_KNOWS).status == "success"
    [detail] = notes.details
    assert before.id in detail
    assert "Cannot tell whether" in detail
    assert not notes.warnings


def test_a_deployment_of_no_commit_cannot_be_compared(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    before = made(client)
    assert run(client, manifest, notes, 2).status == "success"
    assert f"production's deployment {before.id} is newer" in notes.details[0]


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (Commit(), "it has no commit."),
        (Commit(commit(2), dirty=True), "its files differ from their commit."),
    ],
)
def test_a_run_without_a_commit_of_its_own_is_not_compared(
    client: PagesClient, manifest: Manifest, notes: Notes, own: Commit, reason: str
) -> None:
    made_of(client, 3)
    assert run(client, manifest, notes, 2, commit=own).status == "success"
    assert notes.details == [f"This run is not compared with production: {reason}"]


def test_the_project_says_what_its_production_is(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 3)
    deployed = run(client, manifest, notes, 2, production_branch="trunk")
    assert deployed.status == "superseded"


def test_what_is_overtaken_during_the_upload_is_not_created(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    while_uploading(notes, lambda: made_of(client, 3))
    deployed = run(client, manifest, notes, 2)
    assert asked(emulator, "POST", UPLOAD)
    assert deployed.status == "superseded"
    assert len(ids(emulator)) == 2
    assert notes.targets
    assert not notes.created


def at_step(notes: Notes, beginning: str, act: Callable[[], object]) -> None:
    """Do something, once, when a run says that it has come so far."""
    left = [act]

    def look(text: str) -> None:
        if left and text.startswith(beginning):
            left.pop()()

    notes.on_step = look


def while_uploading(notes: Notes, act: Callable[[], object]) -> None:
    """Do something, once, while a run uploads."""
    left = [act]

    def look(_progress: Progress) -> None:
        if left:
            left.pop()()

    notes.on_progress = look


def overtaking(emulator: Emulator, client: PagesClient, number: int) -> str:
    """Let another run's deployment end, though made later, before the one that is waited for."""
    emulator.outcome_next(policy=StagePolicy(polls=0))
    return made_of(client, number).id


def test_an_older_run_that_ends_last_gives_production_back(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    """On a server where the last to end becomes live."""
    made_of(client, 1)

    def overtake() -> None:
        overtaking(emulator, client, 3)
        client.deployments.rollback(PROJECT, notes.created[0].id)

    at_step(notes, "Stage deploy: success", overtake)
    zones = Zones(client.transport)
    plan = Plan(
        PROJECT,
        "main",
        Commit(commit(2)),
        commit_order=SKIP,
        proof="all",
        purge=Purge(emulator.zone_id, "everything"),
    )
    deployed = deploy(client, manifest, plan, notes, zones=zones)
    assert number_of(live(client).commit_hash) == 3
    assert deployed.status == "superseded"
    assert deployed.deployment.id == live(client).id
    assert notes.created[0].id in notes.notices[0]
    assert not asked(emulator, "HEAD", "*.demo.localhost*")
    assert not emulator.store.purges.all()


def test_an_older_run_that_ends_last_fails_where_that_is_wanted(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)

    def overtake() -> None:
        overtaking(emulator, client, 3)
        client.deployments.rollback(PROJECT, notes.created[0].id)

    at_step(notes, "Stage deploy: success", overtake)
    with pytest.raises(SupersededDeploymentError, match="is not live") as info:
        run(client, manifest, notes, 2, FAIL)
    assert info.value.deployed.deployment.id == live(client).id
    assert number_of(live(client).commit_hash) == 3


def test_a_newer_run_takes_production_back_from_an_older_one(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    made_of(client, 1)
    at_step(notes, "Stage deploy: success", lambda: overtaking(emulator, client, 2))
    deployed = run(client, manifest, notes, 3)
    assert deployed.status == "success"
    assert live(client).id == deployed.deployment.id
    assert any(step.startswith("Moving production") for step in notes.steps)
    assert not notes.warnings
    assert not fake_time.slept


def test_what_had_begun_before_and_ends_meanwhile_is_seen(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    emulator.outcome_next(policy=StagePolicy(polls=1))
    newer = made_of(client, 3)
    at_step(notes, "Stage deploy", lambda: client.deployments.get(PROJECT, newer.id))
    assert run(client, manifest, notes, 2).status == "superseded"
    assert live(client).id == newer.id


def test_what_is_still_under_way_takes_production_by_itself(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    emulator.outcome_next(status="active")
    made_of(client, 3)
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "success"
    assert live(client).id == deployed.deployment.id
    assert not notes.warnings


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_a_newer_deployment_that_failed_has_overtaken_nobody(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, status: EndStatus
) -> None:
    made_of(client, 1)

    def fail_beside() -> None:
        emulator.outcome_next(status=status)
        made_of(client, 3)

    at_step(notes, "Stage deploy: success", fail_beside)
    assert run(client, manifest, notes, 2).status == "success"
    assert not notes.warnings


def test_what_somebody_has_rolled_back_before_stays_rolled_back(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    old = made_of(client, 1)
    made_of(client, 3)
    client.deployments.rollback(PROJECT, old.id)
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "success"
    assert live(client).id == deployed.deployment.id


def test_many_previews_hide_no_production_deployment_that_was_there_before(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    old = made_of(client, 1)
    made_of(client, 3)
    client.deployments.rollback(PROJECT, old.id)
    put(emulator, ["topic"] * DEPLOYMENTS_PER_PAGE)
    assert run(client, manifest, notes, 2).status == "success"


def test_of_several_that_have_ended_meanwhile_the_newest_is_live(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)

    def overtake() -> None:
        for number in (3, 5, 4):
            overtaking(emulator, client, number)

    at_step(notes, "Stage deploy: success", overtake)
    deployed = run(client, manifest, notes, 2)
    assert number_of(deployed.deployment.commit_hash) == 5
    assert live(client).id == deployed.deployment.id


def test_where_two_runs_have_crossed_and_nobody_knows_the_order_it_is_a_warning(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    at_step(notes, "Stage deploy: success", lambda: overtaking(emulator, client, 3))
    deployed = run(client, manifest, notes, 2, NOBODY_KNOWS)
    assert deployed.status == "success"
    other = live(client)
    [warning] = notes.warnings
    assert warning == (
        f"Production serves deployment {other.id} of commit 00000000, and not "
        f"{deployed.deployment.id} of commit 00000000: which of the two commits is newer cannot be "
        "told."
    )
    assert not asked(emulator, "POST", "*/rollback")


def test_a_crossing_of_unknown_order_is_a_warning_for_the_one_that_is_live_too(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)

    def overtake() -> None:
        overtaking(emulator, client, 3)
        client.deployments.rollback(PROJECT, notes.created[0].id)

    at_step(notes, "Stage deploy: success", overtake)
    deployed = run(client, manifest, notes, 2, NOBODY_KNOWS)
    assert live(client).id == deployed.deployment.id
    [warning] = notes.warnings
    assert "cannot be told" in warning
    assert deployed.deployment.id in warning


@pytest.mark.parametrize("other", [2, 0])
def test_another_deployment_of_the_same_commit_is_as_good(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, other: int
) -> None:
    """An older one that ends first is none that has to be told of either."""
    made_of(client, 1)
    at_step(notes, "Created deployment", lambda: overtaking(emulator, client, other))
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "success"
    assert not notes.warnings


def test_production_that_cannot_be_moved_is_a_warning_that_names_both(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    at_step(notes, "Stage deploy: success", lambda: overtaking(emulator, client, 2))
    emulator.fail_next("POST", "*/rollback", Answer.error(403, 10000), times=9)
    deployed = run(client, manifest, notes, 3)
    assert deployed.status == "success"
    [warning] = notes.warnings
    assert live(client).id in warning
    assert deployed.deployment.id in warning
    assert "could not be moved" in warning
    assert "HTTP 403" in warning
    assert len(asked(emulator, "POST", "*/rollback")) == 1


def test_a_move_that_is_only_promised_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    older = made_of(client, 1)
    at_step(notes, "Stage deploy: success", lambda: overtaking(emulator, client, 2))
    result = {"id": older.id, "environment": "production", "url": "https://x.pages.dev"}
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    emulator.fail_next("POST", "*/rollback", Answer(status=200, body=body))
    run(client, manifest, notes, 3)
    assert "did not move" in notes.warnings[0]


def test_a_third_run_that_ends_within_a_move_is_no_reason_to_give_up(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)

    def move_in_vain() -> None:
        overtaking(emulator, client, 2)
        result = {"id": notes.created[0].id, "environment": "production", "url": "https://x.dev"}
        body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
        emulator.fail_next("POST", "*/rollback", Answer(status=200, body=body))
        at_step(notes, "Moving production", lambda: overtaking(emulator, client, 3))

    at_step(notes, "Stage deploy: success", move_in_vain)
    deployed = run(client, manifest, notes, 4)
    assert deployed.status == "success"
    assert live(client).id == deployed.deployment.id
    assert not notes.warnings
    assert len(asked(emulator, "POST", "*/rollback")) == 2


def test_runs_that_move_production_against_each_other_do_not_go_on_for_ever(
    manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    older: list[str] = []

    def undo(request: RecordedRequest) -> None:
        if older and fnmatchcase(request.path, LISTED):
            project = emulator.store.projects.get(emulator.account_id, PROJECT)
            emulator.store.deployments.rollback(project, older[0])

    with Emulator(on_request=undo) as emulator, connected(emulator, fake_time) as client:
        made_of(client, 1)
        at_step(notes, "Stage deploy", lambda: older.append(overtaking(emulator, client, 2)))
        deployed = run(client, manifest, notes, 3)
        assert len(asked(emulator, "POST", "*/rollback")) == MOST_MOVES
    [warning] = notes.warnings
    assert older[0] in warning
    assert deployed.deployment.id in warning
    assert warning.endswith("that commit is newer, but production could not be moved to it.")


def test_a_project_that_is_late_to_say_what_it_serves_gets_some_time(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    before = made_of(client, 1)

    def lag() -> None:
        client.deployments.rollback(PROJECT, before.id)

    def catch_up(_seconds: float) -> None:
        client.deployments.rollback(PROJECT, notes.created[0].id)

    at_step(notes, "Stage deploy: success", lag)
    fake_time.on_sleep = catch_up
    assert run(client, manifest, notes, 2).status == "success"
    assert not [step for step in notes.steps if step.startswith("Moving production")]
    assert not notes.warnings


def test_production_that_stays_at_the_older_deployment_is_moved_in_the_end(
    client: PagesClient, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    """A run that failed beside this one has rolled production back."""
    before = made_of(client, 1)
    at_step(
        notes,
        "Stage deploy: success",
        lambda: client.deployments.rollback(PROJECT, before.id),
    )
    began = fake_time.now
    deployed = run(client, manifest, notes, 2)
    assert live(client).id == deployed.deployment.id
    assert fake_time.now - began == pytest.approx(LAG_SECONDS)
    assert not notes.warnings


def test_where_the_list_cannot_be_read_before_it_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    emulator.fail_next("GET", LISTED, Answer.error(403, 10000))
    assert run(client, manifest, notes, 2).status == "success"
    assert "Could not check whether" in notes.warnings[0]


def test_where_production_cannot_be_asked_after_it_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    made_of(client, 1)
    at_step(
        notes,
        "Stage deploy: success",
        lambda: emulator.fail_next("GET", PROJECT_PATH, Answer(status=503), times=99),
    )
    began = fake_time.now
    assert run(client, manifest, notes, 2).status == "success"
    assert "Could not check whether" in notes.warnings[0]
    assert fake_time.now - began == pytest.approx(LAG_SECONDS)


def test_a_project_that_names_nothing_live_is_told(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    result = {"id": "p", "name": PROJECT, "canonical_deployment": None}
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    at_step(
        notes,
        "Stage deploy: success",
        lambda: emulator.fail_next("GET", PROJECT_PATH, Answer(status=200, body=body), times=99),
    )
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "success"
    assert notes.warnings[0].startswith(
        f"Production serves nothing, and not {deployed.deployment.id} of commit 00000000: "
    )


def test_what_somebody_moves_production_to_meanwhile_counts_too(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    """It had ended before, and was not live when this run created its own."""
    old = made_of(client, 1)
    newer = made_of(client, 3)
    client.deployments.rollback(PROJECT, old.id)
    at_step(notes, "Stage deploy: success", lambda: client.deployments.rollback(PROJECT, newer.id))
    deployed = run(client, manifest, notes, 2)
    assert deployed.status == "superseded"
    assert deployed.deployment.id == live(client).id == newer.id


def test_a_preview_of_a_newer_commit_has_overtaken_nobody(
    client: PagesClient, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    at_step(notes, "Stage deploy: success", lambda: made(client, "topic", commit=commit(3)))
    assert run(client, manifest, notes, 2).status == "success"
    assert not notes.warnings


@pytest.mark.parametrize(
    ("is_deleted", "pages"), [(False, 1), (True, MOST_LISTED // DEPLOYMENTS_PER_PAGE)]
)
def test_the_list_is_read_no_further_than_it_has_to_be(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    notes: Notes,
    is_deleted: bool,
    pages: int,
) -> None:
    put(emulator, ["main"] * (MOST_LISTED + 30))
    emulator.outcome_next(status="active")
    under_way = made_of(client, 1)
    put(emulator, ["main"])
    asked_before: list[int] = []

    def look(text: str) -> None:
        if text.startswith("Created deployment"):
            asked_before.append(len(asked(emulator, "GET", LISTED)))
            if is_deleted:
                client.deployments.delete(PROJECT, under_way.id)
        if text.startswith("Stage deploy"):
            asked_before.append(len(asked(emulator, "GET", LISTED)))

    notes.on_step = look
    assert run(client, manifest, notes, 2).status == "success"
    assert len(asked(emulator, "GET", LISTED)) - asked_before[1] == pages
    # One for the crossing, and one for the case that the answer to the creation is lost.
    assert asked_before[0] == 2


def test_a_failed_run_goes_back_to_the_newest_that_is_good(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    """Not to what was live when it began: another run has ended since."""
    made_of(client, 1)
    emulator.fail_next("HEAD", "*.demo.localhost/*", Answer(status=404), times=1000)
    others: list[str] = []

    def overtake() -> None:
        others.append(overtaking(emulator, client, 2))
        client.deployments.rollback(PROJECT, notes.created[0].id)

    at_step(notes, "Stage deploy: success", overtake)
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, manifest, notes, 3, proof="all", rolls_back=True)
    assert live(client).id == others[0]
    assert info.value.deployed.rolled_back_to == others[0]


def test_a_failed_run_goes_back_to_what_another_has_made_live_during_its_upload(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    others: list[str] = []
    while_uploading(notes, lambda: others.append(overtaking(emulator, client, 2)))
    emulator.fail_next("HEAD", "*.demo.localhost/*", Answer(status=404), times=1000)
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, manifest, notes, 3, proof="all", rolls_back=True)
    assert info.value.deployed.rolled_back_to == others[0]
    assert live(client).id == others[0]


def test_after_a_second_try_production_goes_back_to_what_was_live_before_the_first(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    before = made_of(client, 1)
    emulator.fail_next("HEAD", "*.demo.localhost/*", Answer(status=500), times=None)
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, manifest, notes, 2, proof="all", rolls_back=True)
    assert len(ids(emulator)) == 3
    assert info.value.deployed.rolled_back_to == live(client).id == before.id


def test_a_rollback_that_crosses_a_newer_end_does_not_undo_it(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    emulator.fail_next("HEAD", "*.demo.localhost/*", Answer(status=404), times=1000)
    # Between the question what is live and the move.
    at_step(notes, "Moving production", lambda: overtaking(emulator, client, 3))
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, manifest, notes, 2, proof="all", rolls_back=True)
    assert number_of(live(client).commit_hash) == 3
    assert info.value.deployed.rolled_back_to == live(client).id


def test_a_stage_that_fails_leaves_a_newer_deployment_alone(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    made_of(client, 1)
    emulator.outcome_next(status="failure")
    at_step(notes, "Created deployment", lambda: overtaking(emulator, client, 3))
    with pytest.raises(FailedDeploymentError):
        run(client, manifest, notes, 2, rolls_back=True)
    assert number_of(live(client).commit_hash) == 3


def test_a_stage_that_fails_leaves_production_without_waiting_for_another_one(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, fake_time: FakeTime
) -> None:
    before = made_of(client, 1)
    emulator.outcome_next(status="failure")
    with pytest.raises(FailedDeploymentError) as info:
        run(client, manifest, notes, 2, rolls_back=True)
    assert info.value.deployed.rolled_back_to == before.id
    assert not fake_time.slept
