"""Which forge a build belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.announcements import Announcements, announcers_at
from pages_deploy.forge.announcer import BestEffortAnnouncer
from pages_deploy.forge.detection import forge_of
from pages_deploy.forge.gitea import Gitea
from pages_deploy.forge.github import GitHub
from pages_deploy.forge.github_deployment import GitHubDeployment
from pages_deploy.forge.gitlab import GitLab
from pages_deploy.forge.pull_request_comment import PullRequestComment
from pages_deploy.forge.rest import Access
from tests.forge.forges import TOKEN, FakeGitLab, running
from tests.forge.stories import Scene, build_of
from tests.making import project_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.forge.forge import Forge
    from tests.world import FakeTime

GITLAB = {"CI_PROJECT_ID": "278964", "CI_PROJECT_PATH": "acme/site"}


def choose(
    time: FakeTime, platform: str, environ: Mapping[str, str], *, token: str = TOKEN
) -> Forge | None:
    access = Access(token=token, timer=time.timer)
    return forge_of(platform, environ, build=build_of(), access=access)


def test_each_platform_has_its_forge(fake_time: FakeTime) -> None:
    github = {"GITHUB_API_URL": "https://api.github.com"}
    gitea = {"GITHUB_API_URL": "https://git.example/api/v1"}
    assert isinstance(choose(fake_time, "github", github), GitHub)
    assert isinstance(choose(fake_time, "github", {}), GitHub)
    assert isinstance(choose(fake_time, "gitea", gitea), Gitea)
    assert isinstance(choose(fake_time, "forgejo", gitea), Gitea)
    assert isinstance(choose(fake_time, "gitlab", GITLAB), GitLab)


@pytest.mark.parametrize("platform", ["act", "jenkins", "local"])
def test_other_platforms_have_none(fake_time: FakeTime, platform: str) -> None:
    assert choose(fake_time, platform, {"GITHUB_API_URL": "https://api.github.com"}) is None


@pytest.mark.parametrize("platform", ["github", "gitea", "gitlab"])
def test_without_a_token_there_is_none(fake_time: FakeTime, platform: str) -> None:
    environ = {"GITHUB_API_URL": "https://git.example/api/v1", **GITLAB}
    assert choose(fake_time, platform, environ, token="") is None


def test_only_github_has_deployments(fake_time: FakeTime) -> None:
    for platform, environ, wanted in (
        ("github", {}, [GitHubDeployment, PullRequestComment]),
        ("gitea", {"GITHUB_API_URL": "https://git.example/api/v1"}, [PullRequestComment]),
        ("gitlab", GITLAB, [PullRequestComment]),
    ):
        forge = choose(fake_time, platform, environ)
        assert forge is not None
        everything = Announcements(project_name="demo", deployment=print, comment=print)
        found = announcers_at(forge, build_of(), everything, timer=fake_time.timer)
        assert [type(one.announcer) for one in found] == wanted


def test_each_announcer_can_be_switched_off(fake_time: FakeTime) -> None:
    forge = choose(fake_time, "github", {})
    assert forge is not None
    for deployment, comment, expected in (
        (print, None, [GitHubDeployment]),
        (None, print, [PullRequestComment]),
        (None, None, []),
    ):
        wanted = Announcements(project_name="demo", deployment=deployment, comment=comment)
        found = announcers_at(forge, build_of(), wanted, timer=fake_time.timer)
        assert [type(one.announcer) for one in found] == expected


def test_a_forks_refused_token_is_explained(scene: Scene) -> None:
    scene.hub.may_deploy = False
    build = build_of(is_fork=True)
    environ = {"GITHUB_API_URL": scene.hub.url}
    access = Access(token=TOKEN, timer=scene.time.timer)
    forge = forge_of("github", environ, build=build, access=access)
    assert forge is not None
    wanted = Announcements(project_name="demo", deployment=scene.warnings.append)
    announcers = announcers_at(forge, build, wanted, timer=access.timer)
    BestEffortAnnouncer(announcers).started(project_of(), "preview")
    [warning] = scene.warnings
    assert "`deployments: write`" in warning
    assert "from a fork the token can only read" in warning


@pytest.mark.parametrize(
    ("more", "project"),
    [
        ({}, "278964"),
        ({"CI_MERGE_REQUEST_PROJECT_ID": "5"}, "5"),
        ({"CI_OPEN_MERGE_REQUESTS": "acme/site!7,acme/site!8"}, "278964"),
        ({"CI_OPEN_MERGE_REQUESTS": "upstream/site!7"}, "upstream%2Fsite"),
    ],
)
def test_a_note_goes_to_the_project_of_its_merge_request(
    fake_time: FakeTime, more: Mapping[str, str], project: str
) -> None:
    with FakeGitLab() as lab:
        forge = choose(fake_time, "gitlab", {**GITLAB, **more, "CI_API_V4_URL": lab.url})
        assert isinstance(forge, GitLab)
        assert forge.path == f"/projects/{project}"
        if project == "278964":
            assert forge.thread("7").comments() == []
            assert lab.problems == []


def test_a_pull_request_elsewhere_is_no_merge_request_here(fake_time: FakeTime) -> None:
    environ = {**GITLAB, "CI_EXTERNAL_PULL_REQUEST_IID": "7"}
    assert choose(fake_time, "gitlab", environ) is None


def test_gitlabs_own_ca_file_is_used(fake_time: FakeTime) -> None:
    with running(FakeGitLab()) as lab:
        environ = {**GITLAB, "CI_API_V4_URL": lab.url, "CI_SERVER_TLS_CA_FILE": "/builds/ca.crt"}
        forge = choose(fake_time, "gitlab", environ)
        assert isinstance(forge, GitLab)
        assert forge.rest.ca_bundle == "/builds/ca.crt"
