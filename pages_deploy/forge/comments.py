"""One comment of ours on a pull request, kept up to date rather than repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pages_deploy.forge.comment_text import marker_of, says_the_same
from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Comment:
    id: int
    author: str
    body: str


class Thread(Protocol):
    """The comments on one pull or merge request; each method may raise ForgeError."""

    def comments(self) -> list[Comment]:
        """Return all of them, from every page."""

    def ours(self, comments: list[Comment]) -> list[Comment]:
        """Return those that the token's owner wrote; asks the forge only where that is needed."""

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        """Add a comment and return its id, if that is told.

        Where the answer was lost, `made` looks whether it is there.
        """

    def update(self, comment_id: int, body: str) -> None:
        """Change a comment's text."""

    def delete(self, comment_id: int) -> None:
        """Take a comment away."""


class StickyComment:
    """A project's comment in a thread.

    It is the one that begins with the project's marker and was written by the token's owner:
    anybody can write a marker.
    """

    def __init__(self, thread: Thread, project_name: str) -> None:
        self._thread = thread
        self._marker = marker_of(project_name)
        self._known: Comment | None = None
        # Of ours by all appearances, and yet not to be changed.
        self._refused: set[int] = set()

    def put(self, body: str) -> None:
        """Make the comment say this; it is created where there is none that can be changed."""
        if not self.replace(body):
            comment_id = self._thread.create(body, made=self._look)
            if comment_id is not None:
                self._known = Comment(comment_id, "", body)

    def replace(self, body: str) -> bool:
        """Make the comment say this, unless there is none; tell whether there is."""
        comment = self._find()
        if comment is None:
            return False
        if not says_the_same(comment.body, body):
            try:
                self._thread.update(comment.id, body)
            except ForgeError as error:
                if error.is_limit or error.status not in {403, 404}:
                    raise
                self._known = None
                self._refused.add(comment.id)
                return False
            comment = Comment(comment.id, comment.author, body)
        self._known = comment
        return True

    def delete(self) -> bool:
        """Take the comment away, unless there is none; tell whether there was."""
        comment = self._find()
        if comment is None:
            return False
        self._thread.delete(comment.id)
        self._known = None
        return True

    def _find(self) -> Comment | None:
        if self._known is not None:
            return self._known
        marked = [
            comment
            for comment in self._thread.comments()
            if comment.body.lstrip().startswith(self._marker) and comment.id not in self._refused
        ]
        ours = self._thread.ours(marked) if marked else []
        # The newest: it was made where the older one could not be changed.
        return max(ours, key=lambda comment: comment.id, default=None)

    def _look(self) -> bool:
        self._known = self._find()
        return self._known is not None
