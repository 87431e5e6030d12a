"""One comment of ours on a pull request, kept up to date rather than repeated.

Several projects share it, and their runs may write at the same time, though no forge can refuse a
change that is based on an outdated text. So an entry, a project's row with its list of pages, is
brought in by steps that can be repeated:

1. Read what is there, put our entry among the others', and write.
2. Read again: where another run has overwritten our entry meanwhile, or has made a comment of its
   own, go to 1. What came later into a second comment moves into the first, and the second goes.
3. Where others are still building, read once more a little later, if this is the end of ours.

A run that reads before all of this and writes after it still overwrites our entry.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from pages_deploy.forge.comment_text import (
    Entry,
    body_of,
    entries_of,
    is_building,
    is_ours,
    key_of,
    says_the_same,
)
from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.forge.rest import Rest

# More would need a lot of runs at once, each of which will write again at its end.
MOST_WRITES = 6


@dataclass(frozen=True)
class Comment:
    """A comment as the forge has it."""

    id: int
    author: str
    """The author's login."""
    body: str


class Thread(Protocol):
    """The comments on one pull or merge request; each method may raise ForgeError."""

    def comments(self) -> list[Comment]:
        """Return all of them, from every page."""

    def ours(self, comments: list[Comment]) -> list[Comment]:
        """Return those that the token's owner wrote; asks the forge only where that is needed."""

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        """Add a comment and return its id, if that is told.

        Where the answer was lost, `made` finds out whether it is there.
        """

    def update(self, comment_id: int, body: str) -> None:
        """Change a comment's text."""

    def delete(self, comment_id: int) -> None:
        """Take a comment away."""


def delete_comment(rest: Rest, path: str, doing: str) -> None:
    """Delete a comment, or find it gone; raises ForgeError. `doing` completes "Cannot"."""
    try:
        rest.ask("DELETE", path, doing)
    except ForgeError as error:
        if error.status != 404:
            raise


class StickyComment:
    """A project's entry in the comment of a thread; each method may raise ForgeError.

    The comment is the first that begins with our marker and was written by the token's owner:
    anybody can write a marker.
    """

    def __init__(
        self, thread: Thread, project_name: str, *, pause: Callable[[int], object]
    ) -> None:
        self._thread = thread
        self._key = key_of(project_name)
        # Waits for a random while, so that runs which met do not meet again.
        self._pause = pause
        # What this run wrote; a forge may list it a little later only.
        self._written: dict[int, Comment] = {}
        # Of ours by all appearances, and yet not to be changed, or gone.
        self._refused: set[int] = set()

    def put(self, entry: Entry) -> None:
        """Make this the project's entry; a comment is created where none can be changed."""
        self._settle(entry)

    def replace(self, entry: Entry) -> bool:
        """Make this the project's entry, unless there is none; tell whether there is."""
        return self._settle(entry, creates=False)

    def remove(self) -> bool:
        """Take the project's entry away, and with the last one the comment.

        Tells whether there was one.
        """
        return self._settle(None, creates=False)

    def _settle(self, entry: Entry | None, *, creates: bool = True) -> bool:
        """Write until what is read is what it should be; tell whether there was an entry before."""
        was_there, has_read_twice = False, False
        writes = 0
        while True:
            try:
                comments = self._read()
            except ForgeError:
                if not writes:
                    raise
                # It was written, and only nobody knows whether it stayed.
                return was_there
            entries = entries_of(comment.body for comment in comments)
            was_there = was_there or self._key in entries
            if not creates and not (comments and was_there):
                return was_there
            entries.pop(self._key, None)
            others = list(entries.values())
            if entry is not None:
                entries[self._key] = entry
            if self._is_settled(comments, entries):
                if not writes or has_read_twice or not self._may_be_overwritten(entry, others):
                    return was_there
                has_read_twice = True
                self._pause(1)
            elif writes == MOST_WRITES:
                return was_there
            else:
                self._write(comments, entries, creates=creates)
                writes += 1
                has_read_twice = False
                if writes > 1:
                    # Other runs are at it, too.
                    self._pause(1)

    @staticmethod
    def _may_be_overwritten(entry: Entry | None, others: list[Entry]) -> bool:
        """Whether another run may have read an older one of ours and be about to write its end."""
        is_end = entry is None or not is_building(entry)
        return is_end and any(map(is_building, others))

    def _is_settled(self, comments: list[Comment], entries: dict[str, Entry]) -> bool:
        if not entries or not comments:
            return not entries and not comments
        return len(comments) == 1 and says_the_same(
            comments[0].body, body_of(entries, keep=self._key)
        )

    def _write(self, comments: list[Comment], entries: dict[str, Entry], *, creates: bool) -> None:
        if not entries:
            for comment in comments:
                self._delete(comment)
            return
        body = body_of(entries, keep=self._key)
        if not comments:
            number = self._thread.create(body, made=lambda: self._is_said(entries[self._key]))
            if number is not None:
                self._written[number] = Comment(number, "", body)
            return
        first, *others = comments
        if self._update(first, body, may_fail=creates):
            for comment in others:
                # Its entries are safe, and the next run will try again.
                with contextlib.suppress(ForgeError):
                    self._delete(comment)

    def _update(self, comment: Comment, body: str, *, may_fail: bool) -> bool:
        """Change a comment; tell whether it could be changed, if that may fail, and is there."""
        if not says_the_same(comment.body, body):
            try:
                self._thread.update(comment.id, body)
            except ForgeError as error:
                is_final = error.status == 404 or (error.status == 403 and may_fail)
                if error.is_limit or not is_final:
                    raise
                self._forget(comment)
                return False
        self._written[comment.id] = replace(comment, body=body)
        return True

    def _delete(self, comment: Comment) -> None:
        self._forget(comment)
        self._thread.delete(comment.id)

    def _forget(self, comment: Comment) -> None:
        self._written.pop(comment.id, None)
        self._refused.add(comment.id)

    def _read(self) -> list[Comment]:
        """Return the comments that are ours and can be changed, the first one first."""
        marked = [
            comment
            for comment in self._thread.comments()
            if is_ours(comment.body) and comment.id not in self._refused
        ]
        strangers = [comment for comment in marked if comment.id not in self._written]
        found = dict(self._written)
        found |= {comment.id: comment for comment in marked if comment.id in self._written}
        if strangers:
            found |= {comment.id: comment for comment in self._thread.ours(strangers)}
        return [found[number] for number in sorted(found)]

    def _is_said(self, entry: Entry) -> bool:
        said = entries_of(comment.body for comment in self._read()).get(self._key)
        # Of a comment that is too long the pages go.
        return said is not None and said.row == entry.row
