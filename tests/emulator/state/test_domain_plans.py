"""How the status of a custom domain follows from a plan and the number of polls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.emulator.state.domain_plans import (
    DOMAIN_ENDS,
    Check,
    DomainEnd,
    DomainPlan,
    domain_progress,
)


def test_by_default_a_domain_is_active_at_once() -> None:
    seen = domain_progress(DomainPlan(), polls=0)
    assert (seen.status, seen.verification, seen.validation, seen.is_ended) == (
        "active",
        Check("active"),
        Check("active"),
        True,
    )


def test_last_poll_is_the_first_to_show_the_end() -> None:
    plan = DomainPlan(status="blocked", polls=4)
    assert [domain_progress(plan, polls=polls).status for polls in range(6)] == [
        "initializing",
        "initializing",
        "pending",
        "pending",
        "blocked",
        "blocked",
    ]


@pytest.mark.parametrize(
    ("plan", "verification", "validation"),
    [
        (
            DomainPlan(status="error", verification_error="no CNAME"),
            Check("error", "no CNAME"),
            Check("pending"),
        ),
        (
            DomainPlan(status="error", validation_error="CAA forbids"),
            Check("active"),
            Check("error", "CAA forbids"),
        ),
        (DomainPlan(status="error"), Check("error"), Check("pending")),
        (DomainPlan(status="blocked"), Check("blocked"), Check("pending")),
        (DomainPlan(status="deactivated"), Check("deactivated"), Check("deactivated")),
        (
            DomainPlan(status="pending", verification_error="no CNAME yet"),
            Check("pending", "no CNAME yet"),
            Check("pending"),
        ),
    ],
)
def test_checks_follow_from_the_end(
    plan: DomainPlan, verification: Check, validation: Check
) -> None:
    seen = domain_progress(plan, polls=0)
    assert (seen.verification, seen.validation) == (verification, validation)


def test_end_that_no_domain_has() -> None:
    status: DomainEnd = "initializing"  # type: ignore[assignment]  # what a careless test may say
    with pytest.raises(ValueError, match="initializing"):
        DomainPlan(status=status)


@given(
    status=st.sampled_from(DOMAIN_ENDS),
    wanted=st.integers(0, 20),
    polls=st.integers(0, 40),
)
def test_checks_have_only_documented_statuses(status: DomainEnd, wanted: int, polls: int) -> None:
    seen = domain_progress(DomainPlan(status=status, polls=wanted), polls=polls)
    assert seen.verification.status != "initializing"
    assert seen.validation.status != "blocked"
