"""Gitea and Forgejo: pull requests and their comments. They have no deployments.

https://docs.gitea.com/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.answers import Record, id_of, same_name, text_of
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.github import HubThread, comments_of
from pages_deploy.forge.rest import MOST_PAGES, Rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer
    from pages_deploy.forge.comments import Comment

# The authors of whatever a job's own token writes; nobody can register under these names.
ACTIONS = ("gitea-actions", "forgejo-actions")
PAGE_SIZE = 50


class Gitea:
    """One repository on Gitea or Forgejo, under one token."""

    def __init__(
        self,
        repository: str,
        token: str,
        *,
        timer: Timer,
        api_url: str,
        ca_bundle: str | None = None,
    ) -> None:
        self.path = f"/repos/{quote(repository, safe='/')}"
        self.rest = Rest(
            api_url,
            credentials={"Authorization": f"token {token}"},
            headers={"Accept": "application/json"},
            timer=timer,
            ca_bundle=ca_bundle,
            refusal_hint="The token needs the scopes `write:issue` and `read:user`.",
        )
        self._logins: tuple[str, ...] | None = None

    def pull_request_of(self, build: BuildContext) -> str:
        """Return the number of the open pull request that a build belongs to, or nothing.

        Not every version can say which pull request a commit belongs to, so the open ones that
        changed last are looked through.
        """
        if build.pull_request or not build.commit_hash:
            return build.pull_request
        query = {"state": "open", "sort": "recentupdate", "limit": str(PAGE_SIZE)}
        doing = "find the pull request of this commit"
        for one in self.rest.ask("GET", f"{self.path}/pulls", doing, query=query).records():
            is_head = same_name(text_of(one, "head", "sha"), build.commit_hash)
            if is_head and text_of(one, "state") == "open" and isinstance(one.get("number"), int):
                return str(one["number"])
        return ""

    def thread(self, pull_request: str) -> GiteaThread:
        return GiteaThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that this token wrote."""
        if self._logins is None:
            login = self._user()
            self._logins = (login,) if login else ACTIONS
        return [
            comment
            for comment in comments
            if any(same_name(comment.author, login) for login in self._logins)
        ]

    def _user(self) -> str:
        try:
            answer = self.rest.ask("GET", "/user", "find out whose token this is")
        except ForgeError as error:
            # A job's own token may not ask.
            if error.is_limit or error.status not in {401, 403, 404}:
                raise
            return ""
        return text_of(answer.record(), "login")


class GiteaThread(HubThread):
    """The comments on one pull request of Gitea."""

    def comments(self) -> list[Comment]:
        return [comment for page in self._pages() for comment in comments_of(page)]

    def _pages(self) -> Iterator[list[Record]]:
        """Yield pages until one brings nothing new.

        Most versions give all comments at once and take no notice of `page`; how many a page has
        is the server's own choice, whatever `limit` says.
        """
        seen: set[int | None] = set()
        doing = f"read the comments on {self._title}"
        for page in range(1, MOST_PAGES + 1):
            query = {"page": str(page), "limit": str(PAGE_SIZE)}
            answer = self._rest.ask("GET", self._path, doing, query=query)
            new = [one for one in answer.records() if id_of(one) not in seen]
            if not new:
                return
            yield new
            seen.update(map(id_of, new))
            if answer.headers.get("X-Total-Count", "") == str(len(seen)):
                return
