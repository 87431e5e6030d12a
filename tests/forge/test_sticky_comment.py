"""Several runs that write into one comment at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.comment_text import (
    BUILDING,
    READY,
    Entry,
    Row,
    body_of,
    entries_of,
    key_of,
    line_of,
)
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.pull_request_comment import retire_comment
from pages_deploy.forge.sticky_comment import MOST_WRITES
from tests.forge.forges import REPOSITORY, Reply
from tests.forge.stories import Scene, old_comment, row_in
from tests.making import deployed_of, project_of

if TYPE_CHECKING:
    from collections.abc import Callable

COMMENTS = f"/repos/{REPOSITORY}/issues/42/comments"
ONE = f"/repos/{REPOSITORY}/issues/comments/*"
NOW = 1_800_000_000.0


def body_with(**statuses: str) -> str:
    entries = {
        key_of(name): Entry(line_of(Row(project=name, status=status), now=NOW))
        for name, status in statuses.items()
    }
    return body_of(entries, keep="")


def at(scene: Scene, number: int, act: Callable[[], object]) -> None:
    """Have something happen when GitHub is asked for the nth time, before it answers."""

    def look() -> None:
        if len(scene.hub.asked) == number:
            act()

    scene.hub.on_asked = look


def overwrite(scene: Scene, body: str) -> None:
    """Do as a run does that has read before we wrote."""
    [comment] = scene.hub.comments.values()
    comment["body"] = body


def test_a_row_that_another_run_has_overwritten_is_written_again(scene: Scene) -> None:
    # The first to be asked for is the list, the second the comment, the third the list again.
    at(scene, 3, lambda: overwrite(scene, body_with(docs=READY)))
    scene.comment().succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert READY in row_in([body])
    assert READY in row_in([body], "docs")


def test_a_beginning_that_was_overwritten_is_made_good_by_the_end(scene: Scene) -> None:
    scene.hub.add_comment(body_with(demo=BUILDING))
    other = scene.comment(project="docs")
    at(scene, 2, lambda: overwrite(scene, body_with(demo=BUILDING, docs=BUILDING)))
    scene.comment().succeeded(deployed_of())
    assert list(entries_of(scene.hub.bodies())) == ["demo"]
    other.succeeded(deployed_of(project_name="docs"))
    [body] = scene.hub.bodies()
    assert READY in row_in([body])
    assert READY in row_in([body], "docs")


def test_two_comments_that_were_made_at_once_become_the_first_one(scene: Scene) -> None:
    first: list[int] = []
    at(scene, 2, lambda: first.append(scene.hub.add_comment(body_with(docs=READY))))
    scene.comment().succeeded(deployed_of())
    assert list(scene.hub.comments) == first
    assert list(entries_of(scene.hub.bodies())) == ["demo", "docs"]


def test_whoever_made_the_first_comment_takes_in_the_second(scene: Scene) -> None:
    at(scene, 3, lambda: scene.hub.add_comment(body_with(docs=READY)))
    scene.comment().succeeded(deployed_of())
    assert list(entries_of(scene.hub.bodies())) == ["demo", "docs"]
    assert len(scene.hub.comments) == 1


def test_a_second_comment_that_cannot_be_deleted_is_left(scene: Scene) -> None:
    at(scene, 3, lambda: scene.hub.add_comment(body_with(docs=READY)))
    scene.hub.fail_next("DELETE", ONE, Reply(403, {"message": "Forbidden"}))
    scene.comment().succeeded(deployed_of())
    first, second = scene.hub.bodies()
    assert list(entries_of([first])) == ["demo", "docs"]
    assert second == body_with(docs=READY)
    assert len(scene.hub.asked_for("DELETE", ONE)) == 1


def test_somebody_elses_second_comment_is_not_deleted(scene: Scene) -> None:
    at(scene, 3, lambda: scene.hub.add_comment(body_with(docs=READY), author="mallory"))
    scene.comment().succeeded(deployed_of())
    assert len(scene.hub.bodies()) == 2
    assert not scene.hub.asked_for("DELETE", "*")


def test_while_others_are_building_the_end_is_looked_at_twice(scene: Scene) -> None:
    scene.hub.add_comment(body_with(docs=BUILDING))
    # The list, the change, the list, and the list a little later.
    at(scene, 4, lambda: overwrite(scene, body_with(demo=BUILDING, docs=READY)))
    scene.comment().succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert READY in row_in([body])
    assert READY in row_in([body], "docs")
    assert len(scene.time.slept) == 2
    assert sum(scene.time.slept) <= 2


def test_the_beginning_is_looked_at_once(scene: Scene) -> None:
    scene.hub.add_comment(body_with(docs=BUILDING))
    scene.comment().started(project_of(), "preview")
    assert len(scene.hub.asked) == 3
    assert scene.time.slept == []


def test_a_run_that_is_always_overwritten_gives_in(scene: Scene) -> None:
    def undo() -> None:
        if scene.hub.asked[-1].method == "GET" and scene.hub.comments:
            overwrite(scene, body_with(docs=READY))

    scene.hub.on_asked = undo
    scene.comment().succeeded(deployed_of())
    assert len(scene.hub.asked_for("PATCH", ONE)) == MOST_WRITES - 1
    assert sum(scene.time.slept) < MOST_WRITES


def test_a_comment_that_is_not_listed_yet_is_not_made_twice(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    scene.hub.fail_next("GET", COMMENTS, Reply(200, []), times=2)
    announcer.succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert READY in row_in([body])
    assert len(scene.hub.asked_for("POST", COMMENTS)) == 1


@pytest.mark.parametrize("reply", [Reply(403), Reply(503), Reply(403, None, {"Retry-After": "9"})])
def test_a_look_that_fails_after_the_writing_is_no_failure(scene: Scene, reply: Reply) -> None:
    at(scene, 2, lambda: scene.hub.fail_next("GET", COMMENTS, reply, times=99))
    scene.comment().succeeded(deployed_of())
    assert READY in row_in(scene.hub.bodies())


def test_a_lost_answer_is_not_taken_for_another_projects_comment(scene: Scene) -> None:
    """It is there, and ours is not."""
    scene.hub.fail_next("POST", COMMENTS)
    at(scene, 2, lambda: scene.hub.add_comment(body_with(docs=READY)))
    scene.comment().succeeded(deployed_of())
    assert list(entries_of(scene.hub.bodies())) == ["demo", "docs"]
    assert len(scene.hub.comments) == 1


@pytest.mark.parametrize("delete", [True, False])
def test_a_comment_that_was_deleted_meanwhile_is_not_put_back_to_retire_it(
    scene: Scene, delete: bool
) -> None:
    number = scene.hub.add_comment(old_comment("demo", "docs"))
    at(scene, 2, lambda: scene.hub.comments.pop(number))
    forge, timer = scene.github(), scene.time.timer
    assert retire_comment(forge, pull_request="42", project_name="demo", timer=timer, delete=delete)
    assert scene.hub.comments == {}


def test_a_comment_that_was_overwritten_is_retired_all_the_same(scene: Scene) -> None:
    scene.hub.add_comment(old_comment("demo", "docs"))
    at(scene, 3, lambda: overwrite(scene, old_comment("demo")))
    forge, timer = scene.github(), scene.time.timer
    assert retire_comment(forge, pull_request="42", project_name="demo", timer=timer, delete=True)
    assert scene.hub.comments == {}


@pytest.mark.parametrize("delete", [True, False])
def test_a_refusal_to_retire_a_row_is_told(scene: Scene, delete: bool) -> None:
    scene.hub.add_comment(old_comment("demo", "docs"))
    scene.hub.may_write_comments = False
    forge, timer = scene.github(), scene.time.timer
    with pytest.raises(ForgeError, match="`pull-requests: write`"):
        retire_comment(forge, pull_request="42", project_name="demo", timer=timer, delete=delete)
    assert scene.hub.bodies() == [old_comment("demo", "docs")]
    assert len(scene.hub.asked) == 2
