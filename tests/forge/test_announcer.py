"""None of the announcers can harm a deployment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import Interrupted
from pages_deploy.forge.announcer import Announced, Announcer, BestEffortAnnouncer
from pages_deploy.forge.errors import ForgeError
from tests.forge.forges import Reply
from tests.forge.stories import Scene, build_of
from tests.making import deployed_of, project_of

if TYPE_CHECKING:
    from pages_deploy.api.models import Project
    from pages_deploy.deploy.deployed import Deployed


@dataclass
class Recording(Announcer):
    error: BaseException | None = None
    heard: list[str] = field(default_factory=list)

    def _hear(self, text: str) -> None:
        self.heard.append(text)
        if self.error is not None:
            raise self.error

    def started(self, project: Project, environment: str) -> None:
        self._hear(f"started {project.name} {environment}")

    def succeeded(self, deployed: Deployed) -> None:
        self._hear(f"succeeded {deployed.deployment.short_id}")

    def failed(self, reason: str, *, canceled: bool = False) -> None:
        self._hear(f"failed {reason} {canceled}")


def test_a_failure_is_one_warning_and_ends_that_announcers_part() -> None:
    bad, good = Recording(ForgeError("Cannot comment.", "Do this.")), Recording()
    warnings: list[str] = []
    notices: list[str] = []
    careful = BestEffortAnnouncer(
        [Announced(bad, warnings.append), Announced(good, notices.append)]
    )
    careful.started(project_of(), "preview")
    careful.succeeded(deployed_of())
    careful.failed("later", canceled=True)
    assert (warnings, notices) == (["Cannot comment. Do this."], [])
    assert bad.heard == ["started demo preview"]
    assert good.heard == ["started demo preview", "succeeded f64788e9", "failed later True"]


@pytest.mark.parametrize(
    "error", [KeyError("secret"), ValueError("secret"), RecursionError(), OSError("secret")]
)
def test_whatever_an_announcer_raises_is_a_warning_that_quotes_nothing(error: Exception) -> None:
    warnings: list[str] = []
    announced = Announced(Recording(error), warnings.append)
    BestEffortAnnouncer([announced]).succeeded(deployed_of())
    [warning] = warnings
    assert type(error).__name__ in warning
    assert "secret" not in warning


def test_a_signal_passes() -> None:
    announced = Announced(Recording(Interrupted()), print)
    with pytest.raises(Interrupted):
        BestEffortAnnouncer([announced]).succeeded(deployed_of())


def test_without_permissions_a_run_has_two_warnings_that_name_them(scene: Scene) -> None:
    scene.hub.may_deploy = scene.hub.may_write_comments = False
    announcer = scene.both(build_of(is_fork=True, branch="pr-42"))
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    deployment, comment = scene.warnings
    assert "`deployments: write`" in deployment
    assert "`pull-requests: write`" in comment
    assert len(scene.hub.asked) == 3


@pytest.mark.parametrize("reply", [None, Reply(403, {"message": "Resource not accessible by x"})])
def test_the_permission_is_named_also_where_no_header_tells_it(
    scene: Scene, reply: Reply | None
) -> None:
    reply = reply or Reply(403, {"message": "Resource not accessible by integration"})
    for method, pattern in (("POST", "*/deployments"), ("POST", "*/comments")):
        scene.hub.fail_next(method, pattern, reply)
    announcer = scene.both(build_of(is_fork=True, branch="pr-42"))
    announcer.started(project_of(), "preview")
    deployment, comment = scene.warnings
    assert "`deployments: write`" in deployment
    assert "`pull-requests: write`" in comment


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "3600"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(1_800_000_000 + 3600)},
    ],
    ids=["secondary", "quota"],
)
def test_a_limit_of_an_hour_is_met_once_in_a_run(scene: Scene, headers: dict[str, str]) -> None:
    limit = Reply(403, {"message": "API rate limit exceeded"}, headers)
    scene.hub.fail_next("POST", "*", limit)
    announcer = scene.both()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    assert len(scene.hub.asked) == 1
    deployment, comment = scene.warnings
    assert "rate limit" in deployment
    assert "rate limit lasts another" in comment
    assert scene.time.slept == []


def test_after_a_limit_of_an_hour_the_end_is_told_all_the_same(scene: Scene) -> None:
    limit = Reply(403, {"message": "API rate limit exceeded"}, {"Retry-After": "3600"})
    scene.hub.fail_next("GET", "*/comments", limit)
    announcer = scene.both()
    announcer.started(project_of(), "preview")
    scene.time.now += 3601
    announcer.succeeded(deployed_of())
    assert scene.warnings == []
    assert "Ready" in scene.hub.bodies()[0]


def test_a_good_run_has_no_warnings(scene: Scene) -> None:
    announcer = scene.both()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    assert scene.warnings == []
    assert [line.split()[0] for line in scene.hub.sequence] == [
        "POST",
        "POST",
        "GET",
        "POST",
        "GET",
        "POST",
        "GET",
        "PATCH",
        "GET",
    ]


def test_a_forge_in_trouble_has_two_warnings(scene: Scene) -> None:
    scene.hub.fail_next("GET", "*", Reply(503), times=50)
    scene.hub.fail_next("POST", "*", Reply(503), times=50)
    announcer = scene.both()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    assert len(scene.warnings) == 2
    assert sum(scene.time.slept) <= 180
