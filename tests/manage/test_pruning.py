"""Which deployments may go: every rule, for any list of deployments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.manage.pruning import PruneRule, age_of, select_prunable
from tests.making import deployment_of

if TYPE_CHECKING:
    from pages_deploy.api.models import Deployment

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BRANCHES = ["main", "feature/a", "feature/b", "fix"]
GLOBS = ["", "*", "feature/*", "fix", "[fm]*", "nothing"]


def deployment(
    number: int, branch: str = "main", *, days: float | None = 0, environment: str = "preview"
) -> Deployment:
    created_on = None if days is None else NOW - timedelta(days=days)
    return deployment_of(
        id=f"{number:08x}-0000-0000-0000-000000000000",
        short_id=f"{number:08x}",
        environment=environment,
        created_on=created_on,
        branch=branch,
    )


@st.composite
def listings(draw: st.DrawFn) -> list[Deployment]:
    """A listing as the API has it: the newest first."""
    branches = draw(st.lists(st.sampled_from(BRANCHES), max_size=25))
    steps = draw(
        st.lists(st.integers(0, 20), min_size=len(branches), max_size=len(branches)),
    )
    days, listed = 0, []
    for number, (branch, step) in enumerate(zip(branches, steps, strict=True)):
        days += step
        environment = "production" if branch == "main" else "preview"
        listed.append(deployment(number, branch, days=days, environment=environment))
    return listed


RULES = st.builds(
    PruneRule,
    keep=st.integers(0, 4),
    older_than=st.integers(0, 60).map(lambda days: timedelta(days=days)),
    branch=st.sampled_from(GLOBS),
    closed_branches=st.none() | st.frozensets(st.sampled_from(BRANCHES[1:])),
)
LIVE = st.integers(0, 10)


def live_id(listed: list[Deployment], number: int) -> str:
    return listed[number].id if number < len(listed) else ""


def matches(branch: str, glob: str) -> bool:
    """Say by hand what the globs above match."""
    return {
        "": True,
        "*": True,
        "feature/*": branch.startswith("feature/"),
        "fix": branch == "fix",
        "[fm]*": branch[0] in "fm",
        "nothing": False,
    }[glob]


def may_go(listed: list[Deployment], place: int, rule: PruneRule, live: str) -> bool:
    """Say of one deployment, as the words of the rule do, whether it may go."""
    one = listed[place]
    closed = one.branch in (rule.closed_branches or frozenset())
    newer = [other for other in listed[:place] if other.branch == one.branch]
    age = age_of(one, NOW)
    assert age is not None
    return (
        one.id != live
        and (closed or (rule.closed_branches is None and len(newer) >= rule.keep))
        and age >= rule.older_than
        and matches(one.branch, rule.branch)
    )


@given(listings(), RULES, LIVE)
def test_exactly_those_go_that_the_rule_lets_go_the_oldest_first(
    listed: list[Deployment], rule: PruneRule, number: int
) -> None:
    live = live_id(listed, number)
    prunable = select_prunable(listed, rule, live_id=live, now=NOW)
    allowed = [one for place, one in enumerate(listed) if may_go(listed, place, rule, live)]
    assert prunable == allowed[::-1]


@given(listings(), RULES, LIVE)
def test_the_live_one_never_goes(listed: list[Deployment], rule: PruneRule, number: int) -> None:
    live = live_id(listed, number)
    assert live not in {one.id for one in select_prunable(listed, rule, live_id=live, now=NOW)}


@given(listings(), RULES, LIVE)
def test_of_each_open_branch_the_newest_stay(
    listed: list[Deployment], rule: PruneRule, number: int
) -> None:
    prunable = select_prunable(listed, rule, live_id=live_id(listed, number), now=NOW)
    for branch in BRANCHES:
        if branch not in (rule.closed_branches or ()):
            newest = [one for one in listed if one.branch == branch][: rule.keep]
            assert not set(newest) & set(prunable)


@given(listings(), RULES, LIVE)
def test_after_a_prune_there_is_nothing_left_to_prune(
    listed: list[Deployment], rule: PruneRule, number: int
) -> None:
    live = live_id(listed, number)
    gone = select_prunable(listed, rule, live_id=live, now=NOW)
    left = [one for one in listed if one not in gone]
    assert select_prunable(left, rule, live_id=live, now=NOW) == []


def test_production_and_previews_of_one_branch_are_counted_apart() -> None:
    """A branch may have been a preview before it became the production branch."""
    listed = [
        deployment(0, environment="production"),
        deployment(1),
        deployment(2, environment="production"),
        deployment(3),
    ]
    prunable = select_prunable(listed, PruneRule(keep=1), live_id=listed[0].id, now=NOW)
    assert prunable == [listed[3], listed[2]]


def test_a_deployment_is_old_enough_on_the_very_moment() -> None:
    listed = [deployment(0, days=29.999), deployment(1, days=30), deployment(2, days=31)]
    rule = PruneRule(keep=0, older_than=timedelta(days=30))
    assert select_prunable(listed, rule, live_id="", now=NOW) == listed[:0:-1]


def test_a_deployment_whose_age_is_not_known_stays() -> None:
    old = deployment(0, days=None)
    assert age_of(old, NOW) is None
    assert select_prunable([old], PruneRule(keep=0), live_id="", now=NOW) == []


@pytest.mark.parametrize(
    ("glob", "branch", "goes"),
    [
        ("feature/*", "feature/a/b", True),
        ("feature/*", "feature", False),
        ("renovate-?", "renovate-1", True),
        ("Feature/*", "feature/a", False),
        ("[!m]*", "main", False),
        ("", "", True),
    ],
)
def test_a_glob_is_about_the_whole_name_and_its_case(glob: str, branch: str, goes: bool) -> None:
    rule = PruneRule(keep=0, branch=glob)
    listed = [deployment(0, branch)]
    assert select_prunable(listed, rule, live_id="", now=NOW) == (listed if goes else [])


def test_with_no_closed_branch_nothing_goes() -> None:
    rule = PruneRule(keep=0, closed_branches=frozenset())
    assert select_prunable([deployment(0), deployment(1)], rule, live_id="", now=NOW) == []
