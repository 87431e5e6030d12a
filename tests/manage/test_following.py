"""Finding a deployment by what people have of its id, following its log, moving production."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault
from pages_deploy.emulator.state.stages import StagePolicy
from pages_deploy.errors import (
    AuthenticationError,
    DeploymentTimeout,
    NotFoundError,
    PagesDeployError,
    SettingsError,
)
from pages_deploy.manage.following import (
    deployment_at,
    deployment_of,
    follow_log,
    roll_back,
)
from tests.making import NO_DEPLOYMENT, deployed, made, put, served
from tests.world import COMMIT, DEPLOYMENT, DEPLOYMENTS, PROJECT, FakeTime, asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment, LogLine
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

DEMO = "*/pages/projects/demo"
LOGS = f"{DEPLOYMENT}/history/logs"
HICCUPS = [Answer.error(503, 8000000), ConnectionReset(), Answer(status=200, body="{")]


def follow(
    client: PagesClient, deployment: Deployment, timeout_seconds: float | None
) -> list[LogLine]:
    lines: list[LogLine] = []
    follow_log(
        client,
        deployment,
        project_name=PROJECT,
        timeout_seconds=timeout_seconds,
        on_line=lines.append,
    )
    return lines


def go_back(
    client: PagesClient,
    target: Deployment | None = None,
    *,
    timeout_seconds: float = 30,
    on_step: Callable[[str], None] = lambda _text: None,
) -> Deployment:
    return roll_back(
        client, PROJECT, target=target, timeout_seconds=timeout_seconds, on_step=on_step
    )


def test_a_whole_id_is_looked_up_and_nothing_listed(
    client: PagesClient, emulator: Emulator
) -> None:
    old, _new = made(client), made(client)
    assert deployment_of(client, PROJECT, old.id).id == old.id
    assert asked(emulator, "GET", DEPLOYMENTS) == []


def test_the_beginning_of_an_id_is_enough(client: PagesClient, emulator: Emulator) -> None:
    for deployment_id in put(emulator, ["main", "x", "x"]):
        assert deployment_of(client, PROJECT, deployment_id[:8]).id == deployment_id
        assert deployment_of(client, PROJECT, deployment_id[:-1]).id == deployment_id


@pytest.mark.parametrize("short", ["a", "1234567"])
def test_the_beginning_of_an_id_that_others_may_share_is_refused(
    client: PagesClient, short: str
) -> None:
    made(client)
    with pytest.raises(SettingsError, match="too short"):
        deployment_of(client, PROJECT, short)


@pytest.mark.parametrize("environment", ["", "production"])
@pytest.mark.parametrize("vague", ["", " \t", "a", "1234567", "......."])
def test_an_id_that_says_too_little_is_refused_before_anything_is_asked(
    client: PagesClient, emulator: Emulator, vague: str, environment: str
) -> None:
    made(client)
    before = len(emulator.requests)
    with pytest.raises(SettingsError) as info:
        deployment_of(client, PROJECT, vague, environment=environment)
    assert info.value.exit_code == 2
    assert len(emulator.requests) == before


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_id_does_not_mean_the_newest(client: PagesClient, empty: str) -> None:
    made(client)
    with pytest.raises(SettingsError, match="is empty"):
        deployment_of(client, PROJECT, empty)


def test_an_id_that_does_not_exist_is_named(client: PagesClient) -> None:
    made(client)
    with pytest.raises(NotFoundError, match=NO_DEPLOYMENT):
        deployment_of(client, PROJECT, NO_DEPLOYMENT)
    with pytest.raises(PagesDeployError, match="no deployment whose id starts with 'xyzxyzxy'"):
        deployment_of(client, PROJECT, "xyzxyzxy")


def test_a_branch_that_looks_like_an_id_is_found_where_no_id_begins_so(
    client: PagesClient, emulator: Emulator
) -> None:
    first, named = put(emulator, ["main", "deadbeef"])
    found, address = deployment_at(client, PROJECT, "deadbeef")
    assert (found.id, address) == (named, emulator.site_url("deadbeef.demo"))
    put(emulator, [first[:8]])
    found, address = deployment_at(client, PROJECT, first[:8])
    assert (found.id, address) == (first, emulator.site_url(f"{first[:8]}.demo"))


def test_a_branch_is_asked_for_no_further_than_to_its_newest(
    client: PagesClient, emulator: Emulator
) -> None:
    put(emulator, ["topic", *["main"] * 60, "topic"])
    assert deployment_at(client, PROJECT, "topic")[0].branch == "topic"
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 1


def test_a_place_that_could_be_several_deployments_is_refused(
    client: PagesClient, emulator: Emulator
) -> None:
    made(client)
    tails = ("1111-4111-8111-111111111111", "2222-4222-8222-222222222222")
    listed = [{"id": f"abcdef01-0000-{tail[5:]}", "environment": "preview"} for tail in tails]
    info = {"page": 1, "per_page": 25, "count": 2, "total_count": 2, "total_pages": 1}
    body = {"success": True, "errors": [], "messages": [], "result": listed, "result_info": info}
    emulator.fail_next("GET", DEPLOYMENTS, Answer(status=200, body=json.dumps(body)))
    with pytest.raises(SettingsError, match="2 deployments whose id starts with 'abcdef01'"):
        deployment_at(client, PROJECT, "abcdef01")


def test_without_an_id_it_is_the_newest_of_the_environment(
    client: PagesClient, emulator: Emulator
) -> None:
    _, production, preview = put(emulator, ["main", "main", "x"])
    assert deployment_of(client, PROJECT).id == preview
    assert deployment_of(client, PROJECT, environment="production").id == production
    assert deployment_of(client, PROJECT, environment="preview").id == preview


def test_a_project_without_a_deployment_says_so(client: PagesClient) -> None:
    with pytest.raises(PagesDeployError, match="'demo' has no deployment"):
        deployment_of(client, PROJECT)
    with pytest.raises(PagesDeployError, match="'demo' has no preview deployment"):
        deployment_of(client, PROJECT, environment="preview")


@pytest.mark.parametrize("fault", HICCUPS)
def test_a_hiccup_of_the_server_is_waited_out_when_an_id_is_looked_up(
    client: PagesClient, emulator: Emulator, fault: Fault
) -> None:
    deployment = made(client)
    emulator.fail_next("GET", DEPLOYMENT, fault)
    assert deployment_of(client, PROJECT, deployment.id).id == deployment.id


def test_without_a_timeout_there_is_one_poll(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=5))
    lines = follow(client, made(client), None)
    assert lines[0].text == "Received a manifest of 0 files"
    assert len(asked(emulator, "GET", LOGS)) == 1
    assert fake_time.slept == []


def test_each_line_of_a_growing_log_is_handed_out_once(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=10))
    deployment = made(client)
    lines = follow(client, deployment, 60)
    assert lines == list(client.deployments.logs(PROJECT, deployment.id))
    assert lines[-1].text == "Stage deploy ended: success"
    assert len(fake_time.slept) == 9


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_a_bad_end_is_an_end_as_well(client: PagesClient, emulator: Emulator, status: str) -> None:
    policy = StagePolicy(polls=4)
    if status == "failure":
        emulator.outcome_next(stage="build", status="failure", policy=policy)
    else:
        emulator.outcome_next(stage="build", status="canceled", policy=policy)
    texts = [line.text for line in follow(client, made(client), 60)]
    assert f"Stage build ended: {status}" in texts


def test_a_log_that_does_not_end_in_time_is_a_timeout(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.outcome_next(stage="build", status="active")
    deployment = made(client)
    began = fake_time.now
    with pytest.raises(DeploymentTimeout, match="within 20 seconds") as info:
        follow(client, deployment, 20)
    assert info.value.deployment_id == deployment.id
    assert fake_time.now - began == pytest.approx(20)


@pytest.mark.parametrize("fault", HICCUPS)
@pytest.mark.parametrize("path", [DEPLOYMENT, LOGS])
def test_a_hiccup_of_the_server_ends_no_log(
    client: PagesClient, emulator: Emulator, fault: Fault, path: str
) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=4))
    deployment = made(client)
    emulator.fail_next("GET", path, fault)
    lines = follow(client, deployment, 60)
    assert lines == list(client.deployments.logs(PROJECT, deployment.id))


def test_production_goes_back_to_the_one_before_the_live_one(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    old = deployed(client, site({"index.html": "old"}))
    new = deployed(client, site({"index.html": "new"}))
    assert served(emulator) == b"new"
    steps: list[str] = []
    assert go_back(client, on_step=steps.append).id == old.id
    assert served(emulator) == b"old"
    (step,) = steps
    assert step.startswith(f"Moving production of 'demo' from {new.id} (")
    assert f" to {old.id} (" in step


def test_a_deployment_with_neither_commit_nor_date_is_named_by_its_id_alone(
    client: PagesClient, emulator: Emulator
) -> None:
    old, new = made(client), made(client)
    bare = {"id": new.id, "environment": "production", "url": new.url}
    project = {"id": "1", "name": PROJECT, "canonical_deployment": bare}
    envelope = {"success": True, "errors": [], "messages": [], "result": project}
    emulator.fail_next("GET", DEMO, Answer(status=200, body=json.dumps(envelope)))
    steps: list[str] = []
    go_back(client, replace(old, commit_hash="", created_on=None), on_step=steps.append)
    assert steps == [f"Moving production of 'demo' from {new.id} to {old.id}"]


def test_going_back_twice_goes_further_back(client: PagesClient, emulator: Emulator) -> None:
    first, second, _third = made(client), made(client), made(client)
    assert go_back(client).id == second.id
    assert go_back(client).id == first.id
    with pytest.raises(PagesDeployError, match="no successful production deployment before"):
        go_back(client)


def test_going_back_passes_over_what_failed_and_over_previews(
    client: PagesClient, emulator: Emulator
) -> None:
    good = made(client)
    emulator.outcome_next(status="failure")
    made(client)
    made(client, "x")
    made(client)
    emulator.outcome_next(status="failure")
    made(client)
    assert go_back(client).id == good.id


def test_commits_are_named_where_they_are_known(client: PagesClient) -> None:
    made(client, commit=COMMIT)
    made(client, commit="f" * 40)
    steps: list[str] = []
    go_back(client, on_step=steps.append)
    assert "(ffffffff)" in steps[0]
    assert f"({COMMIT[:8]})" in steps[0]


def test_a_named_deployment_may_be_newer_than_the_live_one(client: PagesClient) -> None:
    old, new = made(client), made(client)
    go_back(client, old)
    assert go_back(client, new).id == new.id
    live = client.projects.get(PROJECT).canonical_deployment
    assert live is not None
    assert live.id == new.id


def test_there_is_nothing_to_go_back_to_without_a_deployment(client: PagesClient) -> None:
    with pytest.raises(PagesDeployError, match="no successful production deployment"):
        go_back(client)


def test_only_a_successful_production_deployment_can_be_gone_back_to(
    client: PagesClient, emulator: Emulator
) -> None:
    made(client)
    emulator.outcome_next(status="failure")
    failed = made(client)
    for target in (made(client, "x"), failed):
        with pytest.raises(PagesDeployError, match=f"{target.id} is not a successful production"):
            go_back(client, target)
    assert asked(emulator, "POST", f"{DEPLOYMENT}/rollback") == []


def test_waiting_ends_when_the_project_says_that_it_is_live(
    client: PagesClient, emulator: Emulator
) -> None:
    old, _new = made(client), made(client)
    assert go_back(client, old, timeout_seconds=30).id == old.id


def pretend(emulator: Emulator, deployment: Deployment) -> None:
    """Let the server accept the next rollback and do nothing."""
    result = {
        "id": deployment.id,
        "environment": "production",
        "url": deployment.url,
    }
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    emulator.fail_next("POST", f"{DEPLOYMENT}/rollback", Answer(status=200, body=body))


def test_a_project_that_follows_late_is_waited_for(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    old, new = made(client), made(client)
    pretend(emulator, old)
    project = emulator.store.projects.get(emulator.account_id, PROJECT)

    def move(_seconds: float) -> None:
        if len(fake_time.slept) == 3:
            emulator.store.deployments.rollback(project, old.id)

    fake_time.on_sleep = move
    assert go_back(client, old, timeout_seconds=30).id == old.id
    assert len(fake_time.slept) == 3
    assert new.id != old.id


def test_a_project_that_does_not_follow_is_a_timeout(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    old, _new = made(client), made(client)
    pretend(emulator, old)
    with pytest.raises(DeploymentTimeout, match=f"did not move to {old.id} within 10 seconds"):
        go_back(client, old, timeout_seconds=10)


def test_server_trouble_during_the_wait_is_waited_out(
    client: PagesClient, emulator: Emulator
) -> None:
    old, _new = made(client), made(client)
    trouble = Answer.error(503, 8000000)
    # More than one call of the client puts up with by itself.
    live = go_back(
        client,
        old,
        timeout_seconds=300,
        on_step=lambda _text: emulator.fail_next("GET", DEMO, trouble, times=7),
    )
    assert live.id == old.id


def test_trouble_does_not_make_the_wait_longer_than_it_may_be(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    old, _new = made(client), made(client)
    busy = Answer.error(429, 971, headers={"Retry-After": "300"})
    began = fake_time.now
    with pytest.raises(DeploymentTimeout):
        go_back(
            client,
            old,
            timeout_seconds=20,
            on_step=lambda _text: emulator.fail_next("GET", DEMO, busy, times=None),
        )
    assert fake_time.now - began <= 21


def test_trouble_does_not_make_following_a_log_longer_than_it_may_be(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    deployment = made(client)
    busy = Answer.error(429, 971, headers={"Retry-After": "300"})
    emulator.fail_next("GET", LOGS, busy, times=None)
    began = fake_time.now
    with pytest.raises(DeploymentTimeout):
        follow(client, deployment, 20)
    assert fake_time.now - began <= 21


@pytest.mark.parametrize("path", [DEPLOYMENT, LOGS])
def test_a_rate_limit_is_waited_out_before_the_log_is_polled_again(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime, path: str
) -> None:
    deployment = made(client)
    emulator.fail_next("GET", path, Answer.error(429, 971, headers={"Retry-After": "8"}))
    began = fake_time.now
    lines = follow(client, deployment, 60)
    assert lines == list(client.deployments.logs(PROJECT, deployment.id))
    assert fake_time.slept[0] == 8
    assert 8 <= fake_time.now - began <= 9


def test_a_rate_limit_is_waited_out_before_the_project_is_polled_again(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    old, _new = made(client), made(client)
    busy = Answer.error(429, 971, headers={"Retry-After": "8"})
    began = fake_time.now
    go_back(
        client,
        old,
        timeout_seconds=60,
        on_step=lambda _text: emulator.fail_next("GET", DEMO, busy),
    )
    assert fake_time.slept[0] == 8
    assert 8 <= fake_time.now - began <= 9


def test_a_refusal_during_the_wait_is_told_at_once(client: PagesClient, emulator: Emulator) -> None:
    old, _new = made(client), made(client)
    refusal = Answer.error(403, 10000)
    with pytest.raises(AuthenticationError):
        go_back(
            client,
            old,
            timeout_seconds=300,
            on_step=lambda _text: emulator.fail_next("GET", DEMO, refusal),
        )
