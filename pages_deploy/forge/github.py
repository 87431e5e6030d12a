"""GitHub and GitHub Enterprise Server: deployments, pull requests and their comments.

https://docs.github.com/en/rest
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from pages_deploy.forge.answers import Record, id_of, same_name, text_of
from pages_deploy.forge.comments import Comment
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.rest import Rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer

API_URL = "https://api.github.com"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
# The author of whatever GITHUB_TOKEN writes.
ACTIONS = "github-actions[bot]"
# How the tokens of apps begin, GITHUB_TOKEN among them; they belong to no user.
APP_TOKEN = "ghs_"  # noqa: S105 - the beginning of one


class GitHub:
    """One repository on GitHub, under one token."""

    def __init__(
        self,
        repository: str,
        token: str,
        *,
        timer: Timer,
        api_url: str = API_URL,
        ca_bundle: str | None = None,
    ) -> None:
        self.repository = repository
        self.path = f"/repos/{quote(repository, safe='/')}"
        self.rest = self._rest(api_url.rstrip("/"), token, timer, ca_bundle)
        # Beside `/api/v3` on an Enterprise Server.
        self._graph = self._rest(api_url.rstrip("/").removesuffix("/v3"), token, timer, ca_bundle)
        self._is_app = token.startswith(APP_TOKEN)
        self._login: str | None = None

    @staticmethod
    def _rest(url: str, token: str, timer: Timer, ca_bundle: str | None) -> Rest:
        credentials = {"Authorization": f"Bearer {token}"}
        return Rest(url, credentials=credentials, headers=HEADERS, timer=timer, ca_bundle=ca_bundle)

    def pull_request_of(self, build: BuildContext) -> str:
        """Return the number of the open pull request that a build belongs to, or nothing.

        A run that another workflow started, or a push, knows only its commit. That of a fork is
        unknown to the repository, so there the open pull requests are looked through.
        """
        if build.pull_request or not build.commit_hash:
            return build.pull_request
        doing = "find the pull request of this commit"
        try:
            path = f"{self.path}/commits/{build.commit_hash}/pulls"
            found = self.rest.ask("GET", path, doing).records()
        except ForgeError as error:
            if error.status not in {404, 422}:
                raise
            found = []
        number = self._open_one(found, build.commit_hash)
        if number or not build.is_fork:
            return number
        query = {"state": "open", "sort": "updated", "direction": "desc", "per_page": "100"}
        found = self.rest.ask("GET", f"{self.path}/pulls", doing, query=query).records()
        return self._open_one(found, build.commit_hash)

    def _open_one(self, pull_requests: list[Record], commit_hash: str) -> str:
        for one in pull_requests:
            # A fork's commit also belongs to its pull requests elsewhere.
            base = text_of(one, "base", "repo", "full_name") or self.repository
            if (
                text_of(one, "state") == "open"
                and same_name(text_of(one, "head", "sha"), commit_hash)
                and same_name(base, self.repository)
                and isinstance(one.get("number"), int)
            ):
                return str(one["number"])
        return ""

    def thread(self, pull_request: str) -> GitHubThread:
        return GitHubThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that this token wrote."""
        if self._login is None and not self._is_app:
            self._login = self._user()
        login = self._login
        if login is None:
            # An app cannot ask who it is in the ordinary way; mostly it is GITHUB_TOKEN's.
            bots = {comment.author for comment in comments if comment.author.endswith("[bot]")}
            login = self._login = self._viewer() if bots - {ACTIONS} else None
        return [comment for comment in comments if same_name(comment.author, login or ACTIONS)]

    def _user(self) -> str | None:
        try:
            answer = self.rest.ask("GET", "/user", "find out whose token this is")
        except ForgeError as error:
            if error.is_limit or error.status not in {401, 403, 404}:
                raise
            return None
        return text_of(answer.record(), "login") or None

    def _viewer(self) -> str:
        body: Record = {"query": "query { viewer { login } }"}
        try:
            answer = self._graph.ask("POST", "/graphql", "find out whose token this is", body=body)
        except ForgeError:
            return ACTIONS
        return text_of(answer.data, "data", "viewer", "login") or ACTIONS


class Hub(Protocol):
    """A forge with GitHub's way of addressing comments."""

    path: str
    rest: Rest

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that the token wrote."""


class HubThread:
    """The comments on one pull request, in what GitHub and Gitea share; pages differ."""

    def __init__(self, hub: Hub, pull_request: str) -> None:
        self._hub = hub
        self._rest = hub.rest
        self._title = f"pull request #{pull_request}"
        self._path = f"{hub.path}/issues/{quote(pull_request, safe='')}/comments"
        self._one = f"{hub.path}/issues/comments"

    def ours(self, comments: list[Comment]) -> list[Comment]:
        return self._hub.wrote(comments)

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        doing = f"comment on {self._title}"
        return id_of(self._rest.create(self._path, doing, body={"body": body}, made=made))

    def update(self, comment_id: int, body: str) -> None:
        doing = f"update the comment on {self._title}"
        self._rest.ask("PATCH", f"{self._one}/{comment_id}", doing, body={"body": body})

    def delete(self, comment_id: int) -> None:
        delete(self._rest, f"{self._one}/{comment_id}", f"delete the comment on {self._title}")


class GitHubThread(HubThread):
    """The comments on one pull request of GitHub."""

    def comments(self) -> list[Comment]:
        doing = f"read the comments on {self._title}"
        pages = self._rest.linked_pages(self._path, doing, query={})
        return [comment for page in pages for comment in comments_of(page)]


def comments_of(records: list[Record]) -> list[Comment]:
    """Read comments, in the form that GitHub and Gitea share."""
    return [
        Comment(comment_id, text_of(one, "user", "login"), text_of(one, "body"))
        for one in records
        if (comment_id := id_of(one)) is not None
    ]


def delete(rest: Rest, path: str, doing: str) -> None:
    """Delete something, or find it gone."""
    try:
        rest.ask("DELETE", path, doing)
    except ForgeError as error:
        if error.status != 404:
            raise
