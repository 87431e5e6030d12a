"""The note on a merge request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.comment_text import MARKER
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.gitlab import GitLab
from pages_deploy.forge.pull_request_comment import PullRequestComment, retire_comment
from pages_deploy.forge.rest import Access
from tests.forge.forges import TOKEN, FakeGitLab, Reply, history, running
from tests.forge.stories import OLD, build_of
from tests.making import ALIAS, deployed_of, project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import FakeTime

NOTES = "/projects/278964/merge_requests/7/notes"


@pytest.fixture
def lab() -> Iterator[FakeGitLab]:
    with running(FakeGitLab()) as forge:
        yield forge


def gitlab_of(lab: FakeGitLab, time: FakeTime, *, project: str = "278964") -> GitLab:
    return GitLab(project, Access(token=TOKEN, timer=time.timer, api_url=lab.url))


def note_of(lab: FakeGitLab, time: FakeTime, *, project: str = "278964") -> PullRequestComment:
    return PullRequestComment(
        gitlab_of(lab, time, project=project),
        build_of(pull_request="7", platform="GitLab CI"),
        project_name="demo",
        timer=time.timer,
    )


def test_one_note_tells_of_the_building_and_of_the_end(
    lab: FakeGitLab, fake_time: FakeTime
) -> None:
    announcer = note_of(lab, fake_time)
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [number] = lab.comments
    assert lab.sequence == [
        f"GET {NOTES}",
        f"POST {NOTES}",
        f"GET {NOTES}",
        f"GET {NOTES}",
        f"PUT {NOTES}/{number}",
        f"GET {NOTES}",
    ]
    body = lab.comments[number]["body"]
    assert body.startswith(MARKER)
    assert ALIAS in body


@pytest.mark.parametrize("has_page_headers", [True, False])
def test_an_earlier_note_is_found_on_the_third_page(
    lab: FakeGitLab, fake_time: FakeTime, has_page_headers: bool
) -> None:
    lab.has_page_headers = has_page_headers
    for number in range(201):
        lab.add_note(f"note {number}", author="somebody")
    ours = lab.add_note(OLD)
    note_of(lab, fake_time).succeeded(deployed_of())
    assert [one.query["page"] for one in lab.asked_for("GET", NOTES)] == ["1", "2", "3"] * 2
    assert ALIAS in lab.comments[ours]["body"]
    assert len(lab.comments) == 202


def test_somebody_elses_note_with_our_marker_is_left_alone(
    lab: FakeGitLab, fake_time: FakeTime
) -> None:
    foreign = lab.add_note(OLD, author="mallory")
    note_of(lab, fake_time).succeeded(deployed_of())
    assert lab.comments[foreign]["body"] == OLD
    assert len(lab.comments) == 2


def test_a_project_may_be_named_by_its_path(lab: FakeGitLab, fake_time: FakeTime) -> None:
    note_of(lab, fake_time, project="acme/sub/site").succeeded(deployed_of())
    assert len(lab.comments) == 1


def test_a_jobs_own_token_is_told_what_is_needed(lab: FakeGitLab, fake_time: FakeTime) -> None:
    lab.may_write = False
    with pytest.raises(ForgeError, match="Cannot add a note to merge request !7") as info:
        note_of(lab, fake_time).succeeded(deployed_of())
    assert "scope `api`" in info.value.hint


def test_a_limit_is_waited_for(lab: FakeGitLab, fake_time: FakeTime) -> None:
    reset = str(int(fake_time.now) + 5)
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": reset}
    lab.fail_next("POST", NOTES, Reply(429, {"message": "Too many requests"}, headers))
    note_of(lab, fake_time).succeeded(deployed_of())
    assert fake_time.slept == [6.0]
    assert len(lab.comments) == 1


def test_a_note_whose_answer_is_lost_is_found_again(lab: FakeGitLab, fake_time: FakeTime) -> None:
    lab.fail_next("POST", NOTES, after=True)
    announcer = note_of(lab, fake_time)
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [note] = lab.comments.values()
    assert ALIAS in note["body"]


def test_errors_in_gitlabs_forms_are_understood(lab: FakeGitLab, fake_time: FakeTime) -> None:
    said = {"error": "insufficient_scope", "error_description": "The request requires api."}
    lab.fail_next("GET", NOTES, Reply(403, said))
    with pytest.raises(ForgeError, match=r"insufficient_scope; The request requires api \(GET"):
        note_of(lab, fake_time).succeeded(deployed_of())
    lab.fail_next("GET", NOTES, Reply(400, {"message": {"body": ["is too long"]}}))
    with pytest.raises(ForgeError, match="no reason was given"):
        note_of(lab, fake_time).succeeded(deployed_of())


def test_a_note_is_retired(lab: FakeGitLab, fake_time: FakeTime) -> None:
    lab.add_note(OLD)
    forge, timer = gitlab_of(lab, fake_time), fake_time.timer
    assert retire_comment(forge, pull_request="7", project_name="demo", timer=timer)
    [note] = lab.comments.values()
    assert "Removed" in note["body"]
    assert retire_comment(forge, pull_request="7", project_name="demo", timer=timer, delete=True)
    assert lab.comments == {}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (history(1), history(2), True),
        (history(2), history(2), True),
        (history(2), history(1), False),
    ],
)
def test_commits_are_compared_by_what_they_have_in_common(
    lab: FakeGitLab, fake_time: FakeTime, one: str, other: str, expected: bool
) -> None:
    assert gitlab_of(lab, fake_time).is_ancestor(one, other) is expected


def test_commits_that_have_nothing_in_common_are_an_error(
    lab: FakeGitLab, fake_time: FakeTime
) -> None:
    with pytest.raises(ForgeError, match="compare two commits"):
        gitlab_of(lab, fake_time).is_ancestor(history(1), history(2, line="b"))


def test_a_comparison_without_a_commit_tells_nothing(lab: FakeGitLab, fake_time: FakeTime) -> None:
    lab.fail_next("GET", "*/merge_base", Reply(200, {}))
    assert gitlab_of(lab, fake_time).is_ancestor(history(1), history(2)) is None
