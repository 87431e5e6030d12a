"""Gitea and Forgejo: comments only, pages in a way of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.gitea import Gitea
from pages_deploy.forge.pull_request_comment import PullRequestComment, retire_comment
from pages_deploy.forge.rest import Access
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitea, Reply, history, running
from tests.forge.stories import OLD, build_of
from tests.making import deployed_of, project_of
from tests.world import COMMIT

if TYPE_CHECKING:
    from pages_deploy.ci.build_context import BuildContext
    from tests.world import FakeTime

COMMENTS = f"/repos/{REPOSITORY}/issues/42/comments"


def gitea_of(hub: FakeGitea, time: FakeTime) -> Gitea:
    return Gitea(REPOSITORY, Access(token=TOKEN, timer=time.timer, api_url=hub.url))


def comment_of(
    hub: FakeGitea, time: FakeTime, build: BuildContext | None = None
) -> PullRequestComment:
    return PullRequestComment(
        gitea_of(hub, time), build or build_of(), project_name="demo", timer=time.timer
    )


@pytest.mark.parametrize("pages", [True, False])
@pytest.mark.parametrize("tells_total", [True, False])
def test_the_comment_is_found_whether_or_not_the_server_knows_pages(
    fake_time: FakeTime, pages: bool, tells_total: bool
) -> None:
    with running(FakeGitea(pages=pages, tells_total=tells_total)) as hub:
        for number in range(5):
            hub.add_comment(f"comment {number}", author="somebody")
        ours = hub.add_comment(OLD)
        hub.add_comment("a later one", author="somebody")
        announcer = comment_of(hub, fake_time)
        announcer.started(project_of(), "preview")
        announcer.succeeded(deployed_of())
        assert "\u2705 Ready" in hub.comments[ours]["body"]
        assert len(hub.comments) == 7
        # Seven comments in pages of two, and one page more where nobody says how many there are.
        wanted = (4 if tells_total else 5) if pages else (1 if tells_total else 2)
        # Before and after each of two changes.
        wanted *= 4
        assert len(hub.asked_for("GET", COMMENTS)) == wanted


@pytest.mark.parametrize("user", ["gitea-actions", "forgejo-actions"])
def test_the_jobs_own_token_is_known_by_its_reserved_name(fake_time: FakeTime, user: str) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.user = user
        foreign = hub.add_comment(OLD, author="mallory")
        hub.add_comment(OLD)
        comment_of(hub, fake_time).succeeded(deployed_of())
        assert hub.comments[foreign]["body"] == OLD
        assert len(hub.comments) == 2


def test_the_owner_of_an_access_token_is_asked_for(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.has_user, hub.user = True, "deployer"
        foreign = hub.add_comment(OLD, author="gitea-actions")
        hub.add_comment(OLD)
        comment_of(hub, fake_time).succeeded(deployed_of())
        assert hub.comments[foreign]["body"] == OLD
        assert len(hub.comments) == 2


def test_the_pull_request_is_found_among_the_open_ones(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.pulls = [
            {"number": 41, "state": "open", "head": {"sha": "e" * 40}},
            {"number": 42, "state": "open", "head": {"sha": COMMIT}},
        ]
        comment_of(hub, fake_time, build_of(pull_request="")).succeeded(deployed_of())
        assert len(hub.bodies("42")) == 1


def test_a_commit_of_no_pull_request_gets_no_comment(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        comment_of(hub, fake_time, build_of(pull_request="")).succeeded(deployed_of())
        assert hub.comments == {}


def test_a_refused_token_is_told_its_scope(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.may_write_comments = False
        with pytest.raises(ForgeError, match="Cannot comment on pull request #42"):
            comment_of(hub, fake_time).succeeded(deployed_of())


def test_a_comment_is_retired(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.add_comment(OLD)
        forge, timer = gitea_of(hub, fake_time), fake_time.timer
        assert retire_comment(
            forge, pull_request="42", project_name="demo", timer=timer, delete=True
        )
        assert hub.comments == {}


def test_the_message_of_a_commit_is_told_whole(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=True)) as hub:
        assert gitea_of(hub, fake_time).commit_message(COMMIT) == "Say more\n\nAnd why.\n"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (history(1), history(2), True),
        (history(2), history(2), True),
        (history(2), history(1), False),
        (history(1), history(2, line="b"), False),
    ],
)
def test_commits_are_compared(fake_time: FakeTime, one: str, other: str, expected: bool) -> None:
    with running(FakeGitea(pages=False)) as hub:
        assert gitea_of(hub, fake_time).is_ancestor(one, other) is expected


def test_a_version_that_compares_branches_alone_does_not_find_a_commit(
    fake_time: FakeTime,
) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.compares_commits = False
        with pytest.raises(ForgeError, match="compare two commits"):
            gitea_of(hub, fake_time).is_ancestor(history(1), history(2))


def test_a_comparison_without_a_number_of_commits_tells_nothing(fake_time: FakeTime) -> None:
    with running(FakeGitea(pages=False)) as hub:
        hub.fail_next("GET", "*/compare/*", Reply(200, {"commits": []}))
        assert gitea_of(hub, fake_time).is_ancestor(history(1), history(2)) is None
