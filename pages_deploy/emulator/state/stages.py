"""How a deployment moves through its five stages.

A deployment carries a plan: the stage where it ends, how it ends there, and the pace. Nothing runs
in the background; whenever somebody looks, the stages follow from the plan, the time since
creation and the number of polls:

1. each pace (polls, clock) says how many stages are done; the slower one counts;
2. stages before the current one are `success`, the current one is `active`, later ones `idle`;
3. once the plan's last stage is done it has the plan's status and the later ones stay `idle`.

So `latest_stage` is never an early stage with `success`: clients take that for the end. One that
Pages passes over ends as `skipped`, or never begins: users have seen `queued: idle`
(https://github.com/cloudflare/workers-sdk/pull/8847).

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

StageName = Literal["queued", "initialize", "clone_repo", "build", "deploy"]
"""The five stages, in order."""

EndStatus = Literal["success", "failure", "canceled", "active", "skipped", "idle"]
"""How a deployment ends; `active` means that it never does, `idle` that it never begins."""

STAGE_NAMES: Final[tuple[StageName, ...]] = get_args(StageName)
"""All of `StageName`, in order."""

END_STATUSES: Final[tuple[EndStatus, ...]] = get_args(EndStatus)
"""All of `EndStatus`."""


@dataclass(frozen=True)
class StagePolicy:
    """The pace of deployments. With both values 0 the answer to the creation shows the end."""

    polls: int = 0
    """GETs of the deployment until it has ended; number `polls` is the first to show the end."""

    seconds_per_stage: float = 0.0
    """Time that each stage takes by the emulator's clock."""


@dataclass(frozen=True)
class StagePlan:
    """Where and how one deployment ends. Raises ValueError for what no deployment can do."""

    stage: StageName = "deploy"
    """The last stage that begins."""

    status: EndStatus = "success"
    """How that stage ends."""

    policy: StagePolicy = StagePolicy()
    """How fast it gets there."""

    def __post_init__(self) -> None:
        if self.stage not in STAGE_NAMES:
            raise ValueError(
                f"no deployment has a stage {self.stage!r}: it is one of {STAGE_NAMES}"
            )
        if self.status not in END_STATUSES:
            raise ValueError(f"no deployment ends as {self.status!r}: it is one of {END_STATUSES}")
        if self.status == "success" and self.stage != "deploy":
            raise ValueError("a deployment can end with success only at its deploy stage")
        if self.status == "idle" and self.stage != "queued":
            raise ValueError("a deployment that never begins has no stage after its queued one")


@dataclass(frozen=True)
class Stage:
    """One stage at one moment."""

    name: StageName
    """Which of the five."""

    status: EndStatus | Literal["idle"]
    """`idle` before it begins, `active` while it lasts, then its end."""

    started_on: float | None
    """Seconds since 1970; None before it begins."""

    ended_on: float | None
    """Seconds since 1970; None before it ends."""


@dataclass(frozen=True)
class Progress:
    """What somebody who looks at a deployment sees."""

    stages: tuple[Stage, ...]
    """All five, in order."""

    @property
    def latest(self) -> Stage:
        """The last stage that has begun; the first one where none has."""
        begun = (stage for stage in reversed(self.stages) if stage.status != "idle")
        return next(begun, self.stages[0])

    @property
    def is_skipped(self) -> bool:
        """Pages has passed the deployment over."""
        return self.latest.status in ("skipped", "idle")

    @property
    def is_live(self) -> bool:
        """The deploy stage has ended well, so the deployment can be visited."""
        return self.latest.name == "deploy" and self.latest.status == "success"


def progress(plan: StagePlan, *, created_on: float, now: float, polls: int) -> Progress:
    """The stages of a deployment at `now`, after `polls` looks at it."""
    done = min(_done_by_polls(plan.policy, polls), _done_by_clock(plan.policy, now - created_on))
    last = STAGE_NAMES.index(plan.stage)
    seconds = plan.policy.seconds_per_stage
    stages = []
    for index, name in enumerate(STAGE_NAMES):
        started_on = created_on + index * seconds
        if index > min(done, last) or plan.status == "idle":
            stages.append(Stage(name, "idle", None, None))
        elif index == done or (index == last and plan.status == "active"):
            stages.append(Stage(name, "active", started_on, None))
        else:
            status = plan.status if index == last else "success"
            stages.append(Stage(name, status, started_on, started_on + seconds))
    return Progress(tuple(stages))


def _done_by_polls(policy: StagePolicy, polls: int) -> int:
    if polls >= policy.polls:
        return len(STAGE_NAMES)
    return len(STAGE_NAMES) * polls // policy.polls


def _done_by_clock(policy: StagePolicy, elapsed_seconds: float) -> int:
    if policy.seconds_per_stage <= 0:
        return len(STAGE_NAMES)
    # A clock that was set back must not make a deployment younger than new.
    return min(len(STAGE_NAMES), int(max(0.0, elapsed_seconds) // policy.seconds_per_stage))
