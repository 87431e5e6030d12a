"""What GitHub, Gitea and Forgejo have in common: how pull requests and comments are addressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from pages_deploy.forge.answers import Record, id_of, record_of, same_name, text_of
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.pull_request import PullRequest, Source
from pages_deploy.forge.sticky_comment import Comment, delete_comment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.forge.rest import Rest


class Hub(Protocol):
    """A repository on a forge with GitHub's way of addressing comments."""

    path: str
    rest: Rest

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that the token wrote; raises ForgeError."""


class HubThread:
    """The comments on one pull request, but for how their pages are read; raises ForgeError."""

    def __init__(self, hub: Hub, pull_request: str) -> None:
        self._hub = hub
        self._rest = hub.rest
        self._title = f"pull request #{pull_request}"
        self._path = f"{hub.path}/issues/{quote(pull_request, safe='')}/comments"
        self._one = f"{hub.path}/issues/comments"

    def ours(self, comments: list[Comment]) -> list[Comment]:
        """Return those that the token's owner wrote."""
        return self._hub.wrote(comments)

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        """Add a comment and return its id, if that is told; `made` as in Thread."""
        doing = f"comment on {self._title}"
        return id_of(self._rest.create(self._path, doing, body={"body": body}, made=made))

    def update(self, comment_id: int, body: str) -> None:
        """Change a comment's text."""
        doing = f"update the comment on {self._title}"
        self._rest.ask("PATCH", f"{self._one}/{comment_id}", doing, body={"body": body})

    def delete(self, comment_id: int) -> None:
        """Take a comment away, or find it gone."""
        doing = f"delete the comment on {self._title}"
        delete_comment(self._rest, f"{self._one}/{comment_id}", doing)


def comments_of(records: list[Record]) -> list[Comment]:
    """Read a page of comments."""
    return [
        Comment(comment_id, text_of(one, "user", "login"), text_of(one, "body"))
        for one in records
        if (comment_id := id_of(one)) is not None
    ]


def read_pull_request(hub: Hub, number: str) -> PullRequest:
    """Ask for a pull request; raises ForgeError."""
    path = f"{hub.path}/pulls/{quote(number, safe='')}"
    found = hub.rest.ask("GET", path, f"read pull request {number}").record()
    head = record_of(found, "head")
    repository = text_of(head, "repo", "full_name")
    source = Source(
        branch=text_of(head, "ref"),
        # The repository of a deleted fork is null.
        is_fork=not repository
        or not same_name(repository, text_of(found, "base", "repo", "full_name")),
        owner=repository.partition("/")[0] or text_of(head, "user", "login"),
    )
    return PullRequest(text_of(found, "state") == "open", source.branches(number))


def open_one_of_commit(pull_requests: list[Record], commit_hash: str) -> str:
    """Return the number of the first open pull request whose head is a commit, or nothing."""
    for one in pull_requests:
        is_head = same_name(text_of(one, "head", "sha"), commit_hash)
        if is_head and text_of(one, "state") == "open" and isinstance(one.get("number"), int):
            return str(one["number"])
    return ""


def login_of(rest: Rest) -> str:
    """Return whose token this is; nothing for one of a job or of an app, which may not ask.

    Raises ForgeError.
    """
    try:
        answer = rest.ask("GET", "/user", "find out whose token this is")
    except ForgeError as error:
        if error.is_limit or error.status not in {401, 403, 404}:
            raise
        return ""
    return text_of(answer.record(), "login")
