"""Waiting for a deployment's end: success, failure, and everything that is neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses

from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit
from pages_deploy.api.models import Stage
from pages_deploy.deploy.waiting import wait_for_deployment
from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault, Stall
from pages_deploy.emulator.http.faults import TruncatedAnswer as CutAnswer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from pages_deploy.errors import (
    AuthenticationError,
    DeploymentError,
    DeploymentTimeout,
    Interrupted,
)
from tests.world import DEPLOYMENT, PROJECT, FakeTime, Notes, asked, connected

if TYPE_CHECKING:
    from pages_deploy.api.models import Deployment

SLOW = StagePolicy(polls=4)


def created(client: PagesClient) -> Deployment:
    return client.deployments.create(
        PROJECT, manifest={}, branch="main", commit=Commit(), special_files={}
    )


def test_a_deployment_that_has_ended_already_is_polled_once_and_at_once(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    deployment = wait_for_deployment(client, created(client), project_name=PROJECT)
    assert deployment.succeeded
    assert len(asked(emulator, "GET", DEPLOYMENT)) == 1
    assert fake_time.slept == []


def test_it_is_polled_until_it_has_ended_well(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.outcome_next(policy=SLOW)
    deployment = wait_for_deployment(client, created(client), project_name=PROJECT)
    assert deployment.succeeded
    assert len(asked(emulator, "GET", DEPLOYMENT)) == 4
    assert fake_time.slept == [0.3, 0.5, 0.7]


def test_each_stage_is_told_once(client: PagesClient, emulator: Emulator) -> None:
    emulator.outcome_next(policy=StagePolicy(polls=10))
    notes = Notes()
    wait_for_deployment(client, created(client), project_name=PROJECT, watcher=notes)
    assert notes.stages == [
        "queued active",
        "initialize active",
        "clone_repo active",
        "build active",
        "deploy active",
        "deploy success",
    ]


@pytest.mark.parametrize("stage", ["build", "deploy"])
@pytest.mark.parametrize("polls", [0, 4])
def test_a_failure_carries_the_stage_the_url_and_the_log(
    client: PagesClient, emulator: Emulator, stage: Any, polls: int
) -> None:
    emulator.outcome_next(
        stage=stage, status="failure", error="No space", policy=StagePolicy(polls=polls)
    )
    deployment = created(client)
    with pytest.raises(DeploymentError, match=rf"failed in stage '{stage}'") as info:
        wait_for_deployment(client, deployment, project_name=PROJECT)
    error = info.value
    assert error.exit_code == 4
    assert error.stage == stage
    assert error.url == deployment.url
    assert error.deployment_id == deployment.id
    assert error.log_lines[-1] == "Error: No space"
    assert f"Stage {stage} started" in error.log_lines


def test_a_canceled_deployment_is_called_so(client: PagesClient, emulator: Emulator) -> None:
    emulator.outcome_next(stage="build", status="canceled", policy=SLOW)
    with pytest.raises(DeploymentError, match="was canceled in stage 'build'") as info:
        wait_for_deployment(client, created(client), project_name=PROJECT)
    assert info.value.exit_code == 4


def test_a_log_that_cannot_be_read_does_not_hide_the_failure(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(status="failure")
    emulator.fail_next("GET", "*/history/logs", Answer.error(404, 8000009), times=None)
    with pytest.raises(DeploymentError, match="failed in stage 'deploy'") as info:
        wait_for_deployment(client, created(client), project_name=PROJECT)
    (line,) = info.value.log_lines
    assert "cannot be read" in line


def test_only_the_end_of_a_long_log_is_kept(client: PagesClient, emulator: Emulator) -> None:
    lines = [{"ts": "2026-01-01T00:00:00Z", "line": f"line {number}"} for number in range(50)]
    body = f'{{"success":true,"result":{{"total":50,"data":{lines}}}}}'.replace("'", '"')
    emulator.fail_next("GET", "*/history/logs", Answer(status=200, body=body))
    emulator.outcome_next(status="failure")
    with pytest.raises(DeploymentError) as info:
        wait_for_deployment(client, created(client), project_name=PROJECT)
    assert info.value.log_lines == tuple(f"line {number}" for number in range(30, 50))


@pytest.mark.parametrize(
    "fault",
    [
        Answer.error(500, 8000000),
        Answer(status=502, body="<html>Bad gateway</html>"),
        Answer.error(404, 8000009),
        Answer.error(429, 971),
        ConnectionReset(),
        CutAnswer(),
    ],
    ids=["8000000", "502", "not yet known", "429", "reset", "cut"],
)
def test_trouble_on_the_way_is_waited_out(
    client: PagesClient, emulator: Emulator, fault: Fault
) -> None:
    emulator.outcome_next(policy=SLOW)
    emulator.fail_next("GET", DEPLOYMENT, fault, times=3)
    deployment = wait_for_deployment(client, created(client), project_name=PROJECT)
    assert deployment.succeeded


def test_a_rate_limit_is_waited_out_before_the_next_poll(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    busy = Answer.error(429, 971, headers={"Retry-After": "8"})
    emulator.fail_next("GET", DEPLOYMENT, busy, times=2)
    deployment = created(client)
    polls: list[tuple[float, int]] = []
    start = fake_time.now
    fake_time.on_sleep = lambda _seconds: polls.append(
        (fake_time.now - start, len(asked(emulator, "GET", DEPLOYMENT)))
    )
    assert wait_for_deployment(client, deployment, project_name=PROJECT).succeeded
    # The number of polls before each moment: the second no earlier than after 8 seconds.
    assert all(count <= 1 for moment, count in polls if moment <= 8)
    assert all(count <= 2 for moment, count in polls if moment <= 16)
    assert len(asked(emulator, "GET", DEPLOYMENT)) == 3
    assert 16 <= fake_time.now - start <= 18


@pytest.mark.parametrize("wish", ["8", "300", "86400"])
def test_a_rate_limit_makes_the_wait_no_longer_than_it_may_be(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime, wish: str
) -> None:
    busy = Answer.error(429, 971, headers={"Retry-After": wish})
    emulator.fail_next("GET", DEPLOYMENT, busy, times=None)
    deployment = created(client)
    start = fake_time.now
    with pytest.raises(DeploymentTimeout, match="The last poll failed"):
        wait_for_deployment(client, deployment, project_name=PROJECT, timeout_seconds=20)
    assert fake_time.now - start == pytest.approx(20)
    assert len(asked(emulator, "GET", DEPLOYMENT)) <= 4


def test_a_refusal_to_answer_ends_the_wait_and_names_the_deployment(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(policy=SLOW)
    emulator.fail_next("GET", DEPLOYMENT, Answer.error(403, 10000), times=None)
    deployment = created(client)
    with pytest.raises(AuthenticationError) as info:
        wait_for_deployment(client, deployment, project_name=PROJECT)
    assert f"Deployment {deployment.id} exists" in info.value.hint


def test_no_end_within_the_time_is_no_failure_and_no_success(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.outcome_next(stage="build", status="active")
    deployment = created(client)
    start = fake_time.now
    with pytest.raises(DeploymentTimeout, match="'build' is 'active'") as info:
        wait_for_deployment(client, deployment, project_name=PROJECT, timeout_seconds=42)
    assert fake_time.now - start == pytest.approx(42)
    assert info.value.exit_code == 5
    assert info.value.url == deployment.url
    assert info.value.deployment_id == deployment.id
    assert info.value.stage == "build"
    assert deployment.url in info.value.hint
    assert "--timeout" in info.value.hint


def test_a_deployment_that_ends_with_the_last_second_has_ended(
    client: PagesClient, emulator: Emulator
) -> None:
    # Polls at once, after 0.3 and 0.8 seconds, and one on the deadline itself.
    emulator.outcome_next(policy=StagePolicy(polls=4))
    deployment = wait_for_deployment(
        client, created(client), project_name=PROJECT, timeout_seconds=1.0
    )
    assert deployment.succeeded


def test_a_timeout_tells_what_the_last_poll_met(client: PagesClient, emulator: Emulator) -> None:
    emulator.outcome_next(policy=SLOW)
    emulator.fail_next("GET", DEPLOYMENT, Answer.error(500, 8000000), times=None)
    with pytest.raises(DeploymentTimeout, match=r"The last poll failed: .*8000000"):
        wait_for_deployment(client, created(client), project_name=PROJECT, timeout_seconds=9)


def test_a_timeout_without_a_poll_that_worked_claims_no_stage(
    client: PagesClient, emulator: Emulator
) -> None:
    deployment = created(client)
    assert deployment.succeeded
    emulator.fail_next("GET", DEPLOYMENT, Answer.error(500, 8000000), times=None)
    with pytest.raises(DeploymentTimeout) as info:
        wait_for_deployment(client, deployment, project_name=PROJECT, timeout_seconds=9)
    assert "did not finish within 9 seconds, as far as is known" in info.value.message
    assert "success" not in info.value.message


def test_an_interrupt_says_that_the_deployment_goes_on(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    def interrupt(_seconds: float) -> None:
        raise Interrupted

    emulator.outcome_next(policy=SLOW)
    deployment = created(client)
    fake_time.on_sleep = interrupt
    with pytest.raises(Interrupted) as info:
        wait_for_deployment(client, deployment, project_name=PROJECT)
    assert deployment.id in info.value.notice
    assert deployment.url in info.value.notice


def document(stage: str, status: str, **others: Any) -> dict[str, Any]:
    return {
        "success": True,
        "result": {
            "id": "f64788e9-fccd-4d4a-a28a-cb84f88f6",
            "environment": "production",
            "url": "https://f64788e9.demo.pages.dev",
            "latest_stage": {"name": stage, "status": status},
            **others,
        },
    }


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("queued", "success"),
        ("build", "success"),
        ("deploy", "active"),
        ("deploy", "idle"),
        ("queued", "idle"),
        ("deploy", "something new"),
    ],
)
@responses.activate
def test_only_success_of_the_last_stage_ends_the_wait(
    fake_time: FakeTime, stage: str, status: str
) -> None:
    base = "https://api.example.test/client/v4"
    address = f"{base}/accounts/a/pages/projects/demo/deployments"
    responses.post(address, json=document(stage, status))
    address_of_one = f"{address}/f64788e9-fccd-4d4a-a28a-cb84f88f6"
    responses.get(address_of_one, json=document(stage, status))
    responses.get(address_of_one, json=document("deploy", "success"))
    with PagesClient("token", "a", base_url=base, timer=fake_time.timer) as client:
        deployment = wait_for_deployment(client, created(client), project_name=PROJECT)
    assert deployment.succeeded
    assert len(responses.calls) == 3


@pytest.mark.parametrize(("stage", "status"), [("queued", "idle"), ("build", "skipped")])
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("superseded_queued_build", "a newer deployment took its place while it waited"),
        ("pages_to_workers_conversion", "the project is being made a Worker"),
        ("something_new", "something_new"),
        (None, "no reason was given"),
    ],
)
def test_a_skipped_deployment_is_final_and_says_why(
    client: PagesClient,
    emulator: Emulator,
    fake_time: FakeTime,
    stage: Any,
    status: Any,
    reason: str | None,
    words: str,
) -> None:
    emulator.outcome_next(stage=stage, status=status, error=reason)
    deployment = created(client)
    with pytest.raises(DeploymentError, match="was skipped by Pages") as info:
        wait_for_deployment(client, deployment, project_name=PROJECT)
    assert type(info.value) is DeploymentError
    assert info.value.exit_code == 4
    assert f"project '{PROJECT}' was skipped by Pages: {words}" in info.value.message
    assert f"'{stage}' is '{status}'" in info.value.message
    assert info.value.stage == stage
    assert info.value.deployment_id == deployment.id
    assert info.value.url == deployment.url
    assert fake_time.slept == []


@pytest.mark.parametrize("status", ["success", "failure"])
def test_stages_that_say_queued_for_ever_do_not_count(fake_time: FakeTime, status: Any) -> None:
    """Seen by users of finished deployments."""
    settings = EmulatorSettings(stages_stay_queued=True)
    with Emulator(settings=settings) as emulator, connected(emulator, fake_time) as client:
        emulator.outcome_next(status=status)
        deployment = created(client)
        assert deployment.stages[0] == Stage("queued", "active")
        if status == "success":
            ended = wait_for_deployment(client, deployment, project_name=PROJECT)
            assert ended.succeeded
        else:
            with pytest.raises(DeploymentError, match="failed in stage 'deploy'"):
                wait_for_deployment(client, deployment, project_name=PROJECT)
    assert fake_time.slept == []


def test_a_failure_among_the_stages_does_not_outweigh_the_latest_one(fake_time: FakeTime) -> None:
    base = "https://api.example.test/client/v4"
    address = f"{base}/accounts/a/pages/projects/demo/deployments"
    address_of_one = f"{address}/f64788e9-fccd-4d4a-a28a-cb84f88f6"
    stages = [{"name": "build", "status": "failure"}, {"name": "deploy", "status": "idle"}]
    with responses.RequestsMock() as server:
        server.post(address, json=document("deploy", "idle"))
        server.get(address_of_one, json=document("deploy", "success", stages=stages))
        with PagesClient("token", "a", base_url=base, timer=fake_time.timer) as client:
            assert wait_for_deployment(client, created(client), project_name=PROJECT).succeeded


def test_one_poll_that_hangs_leaves_time_for_the_next(emulator: Emulator) -> None:
    """In real time, as only that passes while a server hangs."""
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
        emulator.fail_next("GET", DEPLOYMENT, Stall())
        deployment = created(client)
        ended = wait_for_deployment(client, deployment, project_name=PROJECT, timeout_seconds=12)
    assert ended.succeeded
    assert len(asked(emulator, "GET", DEPLOYMENT)) == 2
