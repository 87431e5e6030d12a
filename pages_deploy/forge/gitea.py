"""Gitea and Forgejo: pull requests and their comments. They have no deployments.

https://docs.gitea.com/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.answers import Record, id_of, same_name, text_of
from pages_deploy.forge.hub import (
    HubThread,
    comments_of,
    login_of,
    open_one_of_commit,
    read_pull_request,
)
from pages_deploy.forge.rest import MOST_PAGES, Rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.forge.pull_request import PullRequest
    from pages_deploy.forge.rest import Access
    from pages_deploy.forge.sticky_comment import Comment

# The authors of whatever a job's own token writes; nobody can register under these names.
ACTIONS = ("gitea-actions", "forgejo-actions")
PAGE_SIZE = 50


class Gitea:
    """One repository on Gitea or Forgejo, under one token."""

    deployments = None

    def __init__(self, repository: str, access: Access) -> None:
        self.path = f"/repos/{quote(repository, safe='/')}"
        self.rest = Rest(
            access,
            credentials={"Authorization": f"token {access.token}"},
            headers={"Accept": "application/json"},
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
        found = self.rest.ask("GET", f"{self.path}/pulls", doing, query=query).records()
        return open_one_of_commit(found, build.commit_hash)

    def pull_request(self, number: str) -> PullRequest:
        """Ask for a pull request; raises ForgeError."""
        return read_pull_request(self, number)

    def commit_message(self, commit_hash: str) -> str:
        """Return the whole message of a commit; raises ForgeError."""
        path = f"{self.path}/git/commits/{quote(commit_hash, safe='')}"
        query = {"stat": "false", "verification": "false", "files": "false"}
        answer = self.rest.ask("GET", path, "read the commit", query=query)
        return text_of(answer.record(), "commit", "message")

    def is_ancestor(self, commit_hash: str, of: str) -> bool | None:
        """Whether a commit is the ancestor of another one, or the same; raises ForgeError.

        It is where it has nothing that the other has not. Before Gitea 1.23 only branches could be
        compared: a commit is not found.
        """
        path = f"{self.path}/compare/{quote(of, safe='')}...{quote(commit_hash, safe='')}"
        query = {"stat": "false", "verification": "false", "files": "false"}
        found = self.rest.ask("GET", path, "compare two commits", query=query).record()
        total = found.get("total_commits")
        return total == 0 if isinstance(total, int) else None

    def thread(self, pull_request: str) -> GiteaThread:
        """Return the comments of a pull request."""
        return GiteaThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some comments that this token wrote; raises ForgeError."""
        if self._logins is None:
            # Nothing for a job's own token.
            login = login_of(self.rest)
            self._logins = (login,) if login else ACTIONS
        return [
            comment
            for comment in comments
            if any(same_name(comment.author, login) for login in self._logins)
        ]


class GiteaThread(HubThread):
    """The comments on one pull request of Gitea."""

    def comments(self) -> list[Comment]:
        """Return all of them, from every page; raises ForgeError."""
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
