"""How a custom domain comes to its end, as the stages are for deployments.

A domain carries a plan: how it ends, after how many polls, with which errors. Nothing runs in the
background; whenever somebody looks, its status follows from the plan and the polls so far:

1. during the first half of the polls it is `initializing`, during the second `pending`;
2. then it has the plan's status, and the statuses of its two checks follow from that one:
   verification (does the name lead to Pages?) comes before validation (the certificate's).

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

DomainStatus = Literal["initializing", "pending", "active", "deactivated", "blocked", "error"]
"""What the API shows as `status` of a domain."""

DomainEnd = Literal["pending", "active", "deactivated", "blocked", "error"]
"""The statuses that can be a domain's last one."""

DOMAIN_ENDS: Final[tuple[DomainEnd, ...]] = get_args(DomainEnd)
"""All of `DomainEnd`."""


@dataclass(frozen=True, kw_only=True)
class DomainPlan:
    """How one custom domain ends. Raises ValueError for what no domain can do."""

    status: DomainEnd = "active"
    """The last status; `pending` means that it never ends."""

    polls: int = 0
    """GETs of the domain until it has its status; number `polls` is the first to show it."""

    verification_error: str | None = None
    """What `verification_data` shows as `error_message`."""

    validation_error: str | None = None
    """What `validation_data` shows as `error_message`."""

    def __post_init__(self) -> None:
        if self.status not in DOMAIN_ENDS:
            raise ValueError(f"no domain ends as {self.status!r}: it is one of {DOMAIN_ENDS}")
        if self.status == "active" and (self.verification_error or self.validation_error):
            raise ValueError("a domain that becomes active has no errors to show")


@dataclass(frozen=True)
class Check:
    """One of the two checks at one moment."""

    status: DomainStatus
    """Verification has no `initializing`, validation no `blocked`."""

    error_message: str | None = None
    """None where there is nothing to complain of."""


@dataclass(frozen=True)
class DomainProgress:
    """What somebody who looks at a custom domain sees."""

    status: DomainStatus
    """The status of the domain."""

    verification: Check
    """Whether the name leads to Pages."""

    validation: Check
    """Whether its certificate could be issued."""

    is_ended: bool
    """Whether nothing changes any more, unless the checks are made again."""


def domain_progress(plan: DomainPlan, *, polls: int) -> DomainProgress:
    """The status of a domain after `polls` looks at it."""
    if polls < plan.polls:
        if 2 * polls < plan.polls:
            # Verification has no status of its own for a domain that has not begun.
            return DomainProgress(
                "initializing", Check("pending"), Check("initializing"), is_ended=False
            )
        return DomainProgress("pending", Check("pending"), Check("pending"), is_ended=False)
    verification: DomainStatus = plan.status
    validation: DomainStatus = plan.status
    if plan.status == "blocked":
        # Nobody asks for the certificate of a blocked name, and that check has no such status.
        validation = "pending"
    elif plan.status == "error" and plan.validation_error is None:
        validation = "pending"
    elif plan.status == "error" and plan.verification_error is None:
        verification = "active"
    return DomainProgress(
        plan.status,
        Check(verification, plan.verification_error),
        Check(validation, plan.validation_error),
        is_ended=plan.status != "pending",
    )
