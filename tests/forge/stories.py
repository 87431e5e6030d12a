"""Builds to announce, and those who announce them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.forge.announcements import Announcements, announcers_at
from pages_deploy.forge.announcer import BestEffortAnnouncer
from pages_deploy.forge.comment_text import (
    FAILED,
    Entry,
    Row,
    body_of,
    entries_of,
    key_of,
    line_of,
)
from pages_deploy.forge.github import GitHub
from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.pull_request_comment import PullRequestComment
from pages_deploy.forge.rest import Access
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub
from tests.world import COMMIT, PROJECT

if TYPE_CHECKING:
    from tests.world import FakeTime

RUN_URL = "https://github.com/acme/site/actions/runs/9"


def old_comment(*projects: str) -> str:
    """Return a comment that tells of failures a year ago."""
    rows = [Row(project=name, status=FAILED) for name in projects]
    return body_of(
        {key_of(row.project): Entry(line_of(row, now=1_768_000_000.0)) for row in rows}, keep=""
    )


def entry_in(bodies: list[str], project: str = PROJECT) -> Entry:
    """Return the entry of a project in the only comment that has one."""
    key = key_of(project)
    [entry] = [entries[key] for body in bodies if key in (entries := entries_of([body]))]
    return entry


def row_in(bodies: list[str], project: str = PROJECT) -> str:
    """Return the row of a project in the only comment that has one."""
    return entry_in(bodies, project).row


OLD = old_comment(PROJECT)


def build_of(**changes: Any) -> BuildContext:
    build = BuildContext(
        platform="GitHub Actions",
        is_ci=True,
        branch="feature/x",
        commit_hash=COMMIT,
        commit_message="Mend the footer",
        pull_request="42",
        run_url=RUN_URL,
        repository=REPOSITORY,
    )
    return dataclasses.replace(build, **changes)


@dataclass
class Scene:
    """A GitHub, and what a run does there; `warnings` are what its user reads."""

    hub: FakeGitHub
    time: FakeTime
    warnings: list[str] = field(default_factory=list)

    def github(self, token: str = TOKEN) -> GitHub:
        self.hub.token = token
        access = Access(token=token, timer=self.time.timer, api_url=self.hub.url)
        return GitHub(REPOSITORY, access)

    def deployment(self, build: BuildContext | None = None, *, named: str = "") -> GitHubDeployment:
        return GitHubDeployment(self.github().deployments, build or build_of(), named=named)

    def comment(
        self, build: BuildContext | None = None, *, project: str = PROJECT, token: str = TOKEN
    ) -> PullRequestComment:
        return PullRequestComment(
            self.github(token),
            build or build_of(),
            project_name=project,
            timer=self.time.timer,
        )

    def both(self, build: BuildContext | None = None) -> BestEffortAnnouncer:
        # Of one forge, as a run has it.
        forge = self.github()
        build = build or build_of()
        tell = self.warnings.append
        wanted = Announcements(project_name=PROJECT, deployment=tell, comment=tell)
        return BestEffortAnnouncer(announcers_at(forge, build, wanted, timer=self.time.timer))
