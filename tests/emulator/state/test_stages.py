"""How stages follow from a plan, the clock and the number of polls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.emulator.state.stages import (
    END_STATUSES,
    STAGE_NAMES,
    EndStatus,
    Progress,
    StageName,
    StagePlan,
    StagePolicy,
    progress,
)


def statuses(seen: Progress) -> list[str]:
    return [stage.status for stage in seen.stages]


def test_by_default_everything_is_done_at_once() -> None:
    seen = progress(StagePlan(), created_on=100.0, now=100.0, polls=0)
    assert [stage.name for stage in seen.stages] == list(STAGE_NAMES)
    assert statuses(seen) == ["success"] * 5
    assert seen.is_live


def test_by_polls_the_last_poll_is_the_first_to_show_the_end() -> None:
    plan = StagePlan(policy=StagePolicy(polls=3))
    latest = [progress(plan, created_on=0.0, now=9.0, polls=polls).latest for polls in range(5)]
    assert [(stage.name, stage.status) for stage in latest] == [
        ("queued", "active"),
        ("initialize", "active"),
        ("build", "active"),
        ("deploy", "success"),
        ("deploy", "success"),
    ]


def test_by_the_clock_each_stage_takes_its_time() -> None:
    plan = StagePlan(policy=StagePolicy(seconds_per_stage=2.0))
    seen = progress(plan, created_on=100.0, now=105.0, polls=0)
    assert statuses(seen) == ["success", "success", "active", "idle", "idle"]
    assert (seen.stages[1].started_on, seen.stages[1].ended_on) == (102.0, 104.0)
    assert (seen.stages[2].started_on, seen.stages[2].ended_on) == (104.0, None)
    assert (seen.stages[3].started_on, seen.stages[3].ended_on) == (None, None)
    assert progress(plan, created_on=100.0, now=110.0, polls=0).is_live


def test_of_two_paces_the_slower_one_counts() -> None:
    plan = StagePlan(policy=StagePolicy(polls=1, seconds_per_stage=1.0))
    assert not progress(plan, created_on=0.0, now=99.0, polls=0).is_live
    assert not progress(plan, created_on=0.0, now=1.0, polls=9).is_live
    assert progress(plan, created_on=0.0, now=5.0, polls=1).is_live


def test_clock_that_was_set_back_does_no_harm() -> None:
    plan = StagePlan(policy=StagePolicy(seconds_per_stage=1.0))
    assert progress(plan, created_on=100.0, now=50.0, polls=0).latest.name == "queued"


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_stages_after_a_bad_end_stay_idle(status: EndStatus) -> None:
    seen = progress(StagePlan("clone_repo", status), created_on=0.0, now=0.0, polls=0)
    assert statuses(seen) == ["success", "success", status, "idle", "idle"]
    assert not seen.is_live


def test_endless_deployment_stays_active_for_ever() -> None:
    seen = progress(StagePlan("deploy", "active"), created_on=0.0, now=1e9, polls=1000)
    assert statuses(seen) == ["success"] * 4 + ["active"]


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("build", "success"),
        ("upload", "failure"),
        ("deploy", "cancelled"),
        ("build", "idle"),
    ],
)
def test_plan_that_no_deployment_can_have(stage: StageName, status: EndStatus) -> None:
    with pytest.raises(ValueError, match="deployment"):
        StagePlan(stage, status)


def test_one_that_is_passed_over_never_begins_or_ends_as_skipped() -> None:
    idle = progress(StagePlan("queued", "idle"), created_on=0.0, now=9.0, polls=9)
    assert statuses(idle) == ["idle"] * 5
    assert (idle.latest.name, idle.is_skipped) == ("queued", True)
    skipped = progress(StagePlan("build", "skipped"), created_on=0.0, now=9.0, polls=9)
    assert statuses(skipped) == ["success"] * 3 + ["skipped", "idle"]
    assert (skipped.latest.name, skipped.is_skipped) == ("build", True)


@given(
    stage=st.sampled_from(STAGE_NAMES),
    status=st.sampled_from([one for one in END_STATUSES if one not in {"success", "idle"}]),
    polls_wanted=st.integers(0, 20),
    polls=st.integers(0, 30),
    elapsed=st.floats(0, 100),
)
def test_no_early_stage_is_ever_the_latest_with_success(
    stage: StageName, status: EndStatus, polls_wanted: int, polls: int, elapsed: float
) -> None:
    """Clients take `success` of whatever stage for the end."""
    plan = StagePlan(stage, status, StagePolicy(polls_wanted, 3.0))
    seen = progress(plan, created_on=0.0, now=elapsed, polls=polls)
    assert seen.latest.status in ("active", status)
