"""GitHub and GitHub Enterprise Server: deployments, pull requests and their comments.

https://docs.github.com/en/rest
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.answers import Record, same_name, text_of
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.github_deployment import GitHubDeployments
from pages_deploy.forge.hub import (
    HubThread,
    comments_of,
    login_of,
    open_one_of_commit,
    read_pull_request,
)
from pages_deploy.forge.rest import Rest

if TYPE_CHECKING:
    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.forge.pull_request import PullRequest
    from pages_deploy.forge.rest import Access
    from pages_deploy.forge.sticky_comment import Comment

API_URL = "https://api.github.com"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
# The author of whatever GITHUB_TOKEN writes.
ACTIONS = "github-actions[bot]"
# How the tokens of apps begin, GITHUB_TOKEN among them; they belong to no user.
APP_TOKEN = "ghs_"  # noqa: S105 - the beginning of one
# What a comparison says of the second commit; whether the first one is its ancestor.
RELATIONS = {"ahead": True, "identical": True, "behind": False, "diverged": False}
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
FORK_HINT = (
    "For a `pull_request` from a fork the token can only read, whatever the job's permissions say."
)


class GitHub:
    """One repository on GitHub, under one token."""

    def __init__(self, repository: str, access: Access, *, is_fork: bool = False) -> None:
        self._repository = repository
        self._is_app = access.token.startswith(APP_TOKEN)
        self._login = ""
        api_url = (access.api_url or API_URL).rstrip("/")
        hint = FORK_HINT if is_fork else ""
        self.path = f"/repos/{quote(repository, safe='/')}"
        self.rest = _rest(api_url, access, hint)
        # Beside `/api/v3` on an Enterprise Server.
        self._graph = _rest(api_url.removesuffix("/v3"), access, hint)
        self.deployments = GitHubDeployments(self.rest, self.path)

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
        # A fork's commit also belongs to its pull requests elsewhere.
        ours = [
            one
            for one in pull_requests
            if same_name(
                text_of(one, "base", "repo", "full_name") or self._repository, self._repository
            )
        ]
        return open_one_of_commit(ours, commit_hash)

    def pull_request(self, number: str) -> PullRequest:
        """Ask for a pull request; raises ForgeError."""
        return read_pull_request(self, number)

    def commit_message(self, commit_hash: str) -> str:
        """Return the whole message of a commit, also of a fork's; raises ForgeError."""
        path = f"{self.path}/commits/{quote(commit_hash, safe='')}"
        # The answer lists the commit's files as well, and one is the fewest.
        answer = self.rest.ask("GET", path, "read the commit", query={"per_page": "1"})
        return text_of(answer.record(), "commit", "message")

    def is_ancestor(self, commit_hash: str, of: str) -> bool | None:
        """Whether a commit is the ancestor of another one, or the same; raises ForgeError."""
        path = f"{self.path}/compare/{quote(commit_hash, safe='')}...{quote(of, safe='')}"
        # The first page alone has the files, which may be many, and all that is said of them.
        query = {"per_page": "1", "page": "2"}
        answer = self.rest.ask("GET", path, "compare two commits", query=query)
        return RELATIONS.get(text_of(answer.record(), "status"))

    def thread(self, pull_request: str) -> GitHubThread:
        """Return the comments of a pull request."""
        return GitHubThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that this token wrote; raises ForgeError."""
        if not self._login and not self._is_app:
            self._login = login_of(self.rest)
        # An app cannot ask who it is in the ordinary way; mostly it is GITHUB_TOKEN's.
        if not self._login and self._are_from_other_bots(comments):
            self._login = self._viewer()
        return [
            comment for comment in comments if same_name(comment.author, self._login or ACTIONS)
        ]

    @staticmethod
    def _are_from_other_bots(comments: list[Comment]) -> bool:
        bots = {comment.author for comment in comments if comment.author.endswith("[bot]")}
        return bool(bots - {ACTIONS})

    def _viewer(self) -> str:
        body: Record = {"query": "query { viewer { login } }"}
        try:
            answer = self._graph.ask("POST", "/graphql", "find out whose token this is", body=body)
        except ForgeError:
            return ACTIONS
        return text_of(answer.data, "data", "viewer", "login") or ACTIONS


def _rest(url: str, access: Access, refusal_hint: str) -> Rest:
    return Rest(
        replace(access, api_url=url),
        credentials={"Authorization": f"Bearer {access.token}"},
        headers=HEADERS,
        refusal_hint=refusal_hint,
    )


class GitHubThread(HubThread):
    """The comments on one pull request of GitHub."""

    def comments(self) -> list[Comment]:
        """Return all of them, from every page."""
        doing = f"read the comments on {self._title}"
        pages = self._rest.linked_pages(self._path, doing, query={})
        return [comment for page in pages for comment in comments_of(page)]
