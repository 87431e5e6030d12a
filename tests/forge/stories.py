"""Builds, projects and deployments to announce, and those who announce them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pages_deploy.api.models import Deployment, Project, Stage
from pages_deploy.ci.base import BuildContext
from pages_deploy.deploy.deployed import Deployed
from pages_deploy.forge.announcer import Careful
from pages_deploy.forge.comment_text import FAILED, Row, body_of, key_of, line_of, lines_of
from pages_deploy.forge.github import GitHub
from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.pull_request_comment import PullRequestComment
from pages_deploy.upload.upload import Uploaded
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub
from tests.world import COMMIT, PROJECT

if TYPE_CHECKING:
    from tests.world import FakeTime

RUN_URL = "https://github.com/acme/site/actions/runs/9"
ALIAS = "https://feature-x.demo.pages.dev"
URL = "https://0badcafe.demo.pages.dev"


def old_comment(*projects: str) -> str:
    """Return a comment that tells of failures a year ago."""
    rows = [Row(project=name, status=FAILED) for name in projects]
    return body_of(
        {key_of(row.project): line_of(row, now=1_768_000_000.0) for row in rows}, keep=""
    )


def row_in(bodies: list[str], project: str = PROJECT) -> str:
    """Return the row of a project in the only comment that has one."""
    [line] = [
        lines[key_of(project)] for body in bodies if key_of(project) in (lines := lines_of([body]))
    ]
    return line


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


def project_of(name: str = PROJECT) -> Project:
    return Project(
        id="p1",
        name=name,
        subdomain=f"{name}.pages.dev",
        domains=(f"{name}.pages.dev",),
        production_branch="main",
        source_type="",
        latest_deployment=None,
        canonical_deployment=None,
        created_on="",
        build_command="",
        build_output_directory="",
        environments={},
    )


def deployed_of(
    *, environment: str = "preview", url: str = URL, alias: str = ALIAS, project: str = PROJECT
) -> Deployed:
    stage = Stage("deploy", "success")
    deployment = Deployment(
        id="0badcafe-0000-4000-8000-000000000000",
        short_id="0badcafe",
        project_name=project,
        environment=environment,
        url=url,
        aliases=(alias,) if alias else (),
        created_on="2026-09-01T12:00:00Z",
        latest_stage=stage,
        stages=(stage,),
        branch="feature/x",
        commit_hash=COMMIT,
        commit_message="Mend the footer",
        trigger="ad_hoc",
    )
    return Deployed(
        deployment=deployment,
        project=project_of(project),
        files=3,
        uploaded=Uploaded(frozenset(), 0),
        changed_pages=(),
        duration_seconds=1.5,
    )


@dataclass
class Scene:
    """A GitHub, and what a run does there; `warnings` are what its user reads."""

    hub: FakeGitHub
    time: FakeTime
    warnings: list[str] = field(default_factory=list)

    def github(self, token: str = TOKEN) -> GitHub:
        self.hub.token = token
        return GitHub(REPOSITORY, token, timer=self.time.timer, api_url=self.hub.url)

    def deployment(self, build: BuildContext | None = None, *, named: str = "") -> GitHubDeployment:
        return GitHubDeployment(self.github(), build or build_of(), named=named)

    def comment(
        self, build: BuildContext | None = None, *, project: str = PROJECT, token: str = TOKEN
    ) -> PullRequestComment:
        return PullRequestComment(
            self.github(token),
            build or build_of(),
            project_name=project,
            timer=self.time.timer,
        )

    def both(self, build: BuildContext | None = None) -> Careful:
        return Careful([self.deployment(build), self.comment(build)], self.warnings.append)
