"""The deployment that GitHub shows: what is sent when, and what happens when GitHub will not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.github_deployment import environment_name
from tests.forge.forges import FakeGitHub, Reply, running
from tests.forge.stories import RUN_URL, Scene, build_of
from tests.making import ALIAS, URL, deployed_of, project_of
from tests.world import COMMIT

if TYPE_CHECKING:
    from pages_deploy.deploy.deployed import Deployed
    from tests.world import FakeTime

DEPLOYMENTS = "/repos/acme/site/deployments"
STATUSES = "/repos/acme/site/deployments/*/statuses"


def test_a_preview_is_created_on_the_head_commit_and_led_to_success(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [number] = scene.hub.deployments
    assert scene.hub.sequence == [
        f"POST {DEPLOYMENTS}",
        f"POST {DEPLOYMENTS}/{number}/statuses",
        f"POST {DEPLOYMENTS}/{number}/statuses",
    ]
    created, in_progress, success = (asked.body for asked in scene.hub.asked)
    assert created["ref"] == COMMIT
    assert created["environment"] == "demo (Preview)"
    assert created["transient_environment"] is True
    assert created["production_environment"] is False
    assert created["payload"]["project"] == "demo"
    assert in_progress["state"] == "in_progress"
    assert in_progress["log_url"] == RUN_URL
    assert success["state"] == "success"
    assert success["environment_url"] == ALIAS
    assert success["log_url"] == RUN_URL
    assert "environment" not in success


def test_production_has_the_address_of_the_deployment(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "production")
    announcer.succeeded(deployed_of(environment="production"))
    created, success = scene.hub.asked[0].body, scene.hub.asked[-1].body
    assert created["environment"] == "demo (Production)"
    assert created["transient_environment"] is False
    assert created["production_environment"] is True
    assert success["environment_url"] == URL


def test_pages_has_the_last_word_on_what_is_production(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "production")
    announcer.succeeded(deployed_of(environment="preview"))
    assert scene.hub.asked[-1].body["environment"] == "demo (Preview)"


def test_the_user_may_name_the_environment(scene: Scene) -> None:
    announcer = scene.deployment(named="staging")
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    assert scene.hub.asked[0].body["environment"] == "staging"


def test_a_failed_upload_leaves_no_deployment_pending(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.failed("Cannot upload: " + "x\n::error::" * 50)
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "failure"]
    assert len(scene.hub.asked[-1].body["description"]) == 140
    assert "\n" not in scene.hub.asked[-1].body["description"]


def test_a_canceled_run_leaves_an_inactive_deployment(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.failed("interrupted", canceled=True)
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "inactive"]


def superseded() -> Deployed:
    """Return what comes of a run that production is ahead of."""
    newer = deployed_of(environment="production", commit_hash="fedcba98" * 5)
    return dataclasses.replace(newer, passed_over="superseded")


def test_a_superseded_run_leaves_an_inactive_deployment_that_says_why(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "production")
    announcer.succeeded(superseded())
    announcer.failed("the outputs cannot be written")
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "inactive"]
    assert scene.hub.asked[-1].body["description"] == (
        "Superseded: production serves the newer commit fedcba98"
    )


def test_a_run_that_is_superseded_before_its_start_leaves_nothing(scene: Scene) -> None:
    scene.deployment().succeeded(superseded())
    assert scene.hub.asked == []


def test_a_canceled_run_is_an_error_where_inactive_is_not_known(scene: Scene) -> None:
    scene.hub.knows_inactive = False
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.failed("interrupted", canceled=True)
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "error"]


def test_a_canceled_run_waits_for_nothing(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    scene.hub.fail_next("POST", STATUSES, Reply(502), times=3)
    with pytest.raises(ForgeError):
        announcer.failed("interrupted", canceled=True)
    assert scene.time.slept == []


def test_a_run_that_ends_before_it_starts_leaves_nothing(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.failed("There is no such project.")
    announcer.succeeded(deployed_of())
    assert scene.hub.asked == []


def test_what_comes_after_success_takes_nothing_back(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    announcer.failed("the outputs cannot be written")
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "success"]


def test_a_build_without_a_run_has_no_log_to_link(scene: Scene) -> None:
    announcer = scene.deployment(build_of(run_url=""))
    announcer.started(project_of(), "preview")
    assert "log_url" not in scene.hub.asked[-1].body


def test_without_a_commit_it_says_so_and_asks_for_nothing(scene: Scene) -> None:
    announcer = scene.deployment(build_of(commit_hash=""))
    with pytest.raises(ForgeError, match="the commit of this build is not known"):
        announcer.started(project_of(), "preview")
    assert scene.hub.asked == []


def test_a_missing_permission_is_named_as_a_workflow_writes_it(scene: Scene) -> None:
    scene.hub.may_deploy = False
    announcer = scene.deployment()
    with pytest.raises(ForgeError, match="Cannot create a deployment on GitHub") as info:
        announcer.started(project_of(), "preview")
    assert "add `deployments: write` to the job's permissions" in info.value.message
    assert len(scene.hub.asked) == 1
    assert scene.time.slept == []


@pytest.mark.parametrize("reply", [None, Reply(502), Reply(500, {"message": "Server Error"})])
def test_a_deployment_whose_answer_is_lost_is_found_and_not_repeated(
    scene: Scene, reply: Reply | None
) -> None:
    scene.hub.fail_next("POST", DEPLOYMENTS, reply, after=True)
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "success"]


def test_another_runs_deployment_is_not_taken_for_a_lost_one(scene: Scene) -> None:
    other = scene.deployment()
    other.started(project_of(), "preview")
    scene.hub.fail_next("POST", DEPLOYMENTS)
    with pytest.raises(ForgeError, match="the connection broke before the answer came"):
        scene.deployment().started(project_of(), "preview")
    assert len(scene.hub.deployments) == 1
    assert len(scene.hub.asked_for("POST", DEPLOYMENTS)) == 2


def test_a_status_whose_answer_is_lost_is_looked_for_and_not_repeated(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    scene.hub.fail_next("POST", STATUSES, after=True)
    announcer.succeeded(deployed_of())
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "success"]


def test_a_status_that_did_not_arrive_is_sent_again(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    scene.hub.fail_next("POST", STATUSES, Reply(503))
    announcer.succeeded(deployed_of())
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["in_progress", "success"]


def test_the_end_counts_even_if_the_beginning_could_not_be_told(scene: Scene) -> None:
    scene.hub.fail_next("POST", STATUSES, Reply(422, {"message": "Validation Failed"}))
    announcer = scene.deployment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [number] = scene.hub.deployments
    assert scene.hub.states(number) == ["success"]


def test_a_merge_in_place_of_a_deployment_is_no_success(scene: Scene) -> None:
    merged = Reply(202, {"message": "Auto-merged main into feature/x"})
    scene.hub.fail_next("POST", DEPLOYMENTS, merged)
    with pytest.raises(ForgeError, match="Auto-merged main"):
        scene.deployment().started(project_of(), "preview")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(201, raw=b"<html>"),
        Reply(201, raw=b"\xff\xfe{"),
        Reply(201, raw=b"[" * 100_000),
        Reply(201, ["id"]),
        Reply(201, {"id": "101"}),
        Reply(201, {"id": True}),
        Reply(201, "null"),
        Reply(204),
    ],
    ids=["html", "not unicode", "deep", "list", "text id", "true id", "text", "nothing"],
)
def test_an_odd_answer_is_an_error_of_the_forge(scene: Scene, reply: Reply) -> None:
    scene.hub.fail_next("POST", DEPLOYMENTS, reply)
    with pytest.raises(ForgeError, match="Cannot create a deployment on GitHub"):
        scene.deployment().started(project_of(), "preview")


def test_an_enterprise_server_has_its_api_below_a_path(fake_time: FakeTime) -> None:
    with running(FakeGitHub("/api/v3")) as hub:
        scene = Scene(hub, fake_time)
        announcer = scene.deployment()
        announcer.started(project_of(), "preview")
        announcer.succeeded(deployed_of())
        [number] = hub.deployments
        assert hub.states(number) == ["in_progress", "success"]


def test_retiring_marks_the_deployments_of_one_commit_inactive(scene: Scene) -> None:
    other = "f" * 40
    for commit in (COMMIT, COMMIT, other):
        announcer = scene.deployment(build_of(commit_hash=commit))
        announcer.started(project_of(), "preview")
        announcer.succeeded(deployed_of())
    scene.hub.page_size = 1
    deployments, environment = scene.github().deployments, environment_name("demo", "preview")
    assert deployments.retire(environment=environment, commit_hash=COMMIT) == 2
    latest = {number: scene.hub.states(number)[-1] for number in scene.hub.deployments}
    assert list(latest.values()) == ["inactive", "inactive", "success"]
    # A second time there is nothing left to do.
    posts = len(scene.hub.asked_for("POST", STATUSES))
    assert deployments.retire(environment=environment, commit_hash=COMMIT) == 0
    assert len(scene.hub.asked_for("POST", STATUSES)) == posts


def test_retiring_a_pull_request_retires_each_of_its_commits_once(scene: Scene) -> None:
    commits = [COMMIT, "e" * 40, "f" * 40]
    for commit in commits:
        announcer = scene.deployment(build_of(commit_hash=commit))
        announcer.started(project_of(), "preview")
        announcer.succeeded(deployed_of())
    retired = scene.github().deployments.retire_commits(
        [COMMIT, "e" * 40, COMMIT, ""], environment=environment_name("demo", "preview")
    )
    assert retired == 2
    latest = [scene.hub.states(number)[-1] for number in scene.hub.deployments]
    assert latest == ["inactive", "inactive", "success"]
    assert len(scene.hub.asked_for("GET", DEPLOYMENTS)) == 2


def test_retiring_needs_to_know_which_deployments_are_meant(scene: Scene) -> None:
    deployments = scene.github().deployments
    assert deployments.retire(environment="demo (Preview)", commit_hash="") == 0
    assert deployments.retire(environment="", commit_hash=COMMIT) == 0
    assert scene.hub.asked == []


def test_a_project_is_called_as_pages_calls_it(scene: Scene) -> None:
    announcer = scene.deployment()
    announcer.started(dataclasses.replace(project_of(), name="docs"), "production")
    assert scene.hub.asked[0].body["environment"] == "docs (Production)"
