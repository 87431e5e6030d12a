"""What GitHub knows of commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.errors import ForgeError
from tests.forge.forges import Reply, history

if TYPE_CHECKING:
    from tests.forge.stories import Scene


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (history(1), history(2), True),
        (history(2), history(2), True),
        (history(2), history(1), False),
        (history(1), history(2, line="b"), False),
    ],
)
def test_commits_are_compared(scene: Scene, one: str, other: str, expected: bool) -> None:
    assert scene.github().is_ancestor(one, other) is expected


def test_a_relation_that_is_not_known_tells_nothing(scene: Scene) -> None:
    scene.hub.fail_next("GET", "*/compare/*", Reply(200, {"status": "sideways"}))
    assert scene.github().is_ancestor(history(1), history(2)) is None


def test_a_commit_that_nobody_has_pushed_is_an_error(scene: Scene) -> None:
    with pytest.raises(ForgeError, match="Cannot compare two commits: Not Found"):
        scene.github().is_ancestor(history(1), history(2, line="c"))


@pytest.mark.parametrize("is_told", [True, False])
def test_the_missing_permission_is_named(scene: Scene, is_told: bool) -> None:
    scene.hub.may_read_contents = False
    if not is_told:
        answer = {"message": "Resource not accessible by integration"}
        scene.hub.fail_next("GET", "*/compare/*", Reply(403, answer))
    with pytest.raises(ForgeError, match="add `contents: read`"):
        scene.github().is_ancestor(history(1), history(2))
