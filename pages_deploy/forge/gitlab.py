"""GitLab: the notes on merge requests. Its deployments are `environment:` in the job's YAML.

https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.answers import id_of, same_name, text_of
from pages_deploy.forge.pull_request import PullRequest, Source
from pages_deploy.forge.rest import MOST_PAGES, Rest
from pages_deploy.forge.sticky_comment import Comment, delete_comment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.forge.rest import Access

API_URL = "https://gitlab.com/api/v4"
ACCESS_HINT = (
    "GITLAB_TOKEN has to be an access token of the merge request's project, with the scope `api` "
    "and the role Reporter or a higher one. The job's own token cannot write notes."
)


class GitLab:
    """One project on GitLab, under an access token."""

    deployments = None

    def __init__(self, project: str, access: Access) -> None:
        """Take a project by its number or its path."""
        self.path = f"/projects/{quote(project, safe='')}"
        self.rest = Rest(
            replace(access, api_url=access.api_url or API_URL),
            credentials={"PRIVATE-TOKEN": access.token},
            headers={"Accept": "application/json"},
            refusal_hint=ACCESS_HINT,
        )
        self._login: str | None = None

    def pull_request_of(self, build: BuildContext) -> str:
        """Return the number of the merge request of a build's pipeline, or nothing."""
        return build.pull_request

    def pull_request(self, number: str) -> PullRequest:
        """Ask for a merge request; raises ForgeError."""
        path = f"{self.path}/merge_requests/{quote(number, safe='')}"
        found = self.rest.ask("GET", path, f"read pull request {number}").record()
        source = Source(
            branch=text_of(found, "source_branch"),
            is_fork=found.get("source_project_id") != found.get("target_project_id"),
        )
        is_open = text_of(found, "state") in {"opened", "locked"}
        return PullRequest(is_open, source.branches(number))

    def commit_message(self, commit_hash: str) -> str:
        """Return the whole message of a commit; raises ForgeError."""
        path = f"{self.path}/repository/commits/{quote(commit_hash, safe='')}"
        answer = self.rest.ask("GET", path, "read the commit", query={"stats": "false"})
        return text_of(answer.record(), "message")

    def is_ancestor(self, commit_hash: str, of: str) -> bool | None:
        """Whether a commit is the ancestor of another one, or the same; raises ForgeError.

        Then it is what both have in common.
        """
        # In the path: one name has two values.
        refs = "&".join(f"refs[]={quote(one, safe='')}" for one in (commit_hash, of))
        path = f"{self.path}/repository/merge_base?{refs}"
        answer = self.rest.ask("GET", path, "compare two commits")
        common = text_of(answer.record(), "id")
        return same_name(common, commit_hash) if common else None

    def thread(self, pull_request: str) -> GitLabThread:
        """Return the notes on a merge request."""
        return GitLabThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some notes that this token wrote; raises ForgeError."""
        if self._login is None:
            answer = self.rest.ask("GET", "/user", "find out whose token this is")
            self._login = text_of(answer.record(), "username")
        return [comment for comment in comments if same_name(comment.author, self._login)]


class GitLabThread:
    """The notes on one merge request; each method may raise ForgeError."""

    def __init__(self, gitlab: GitLab, merge_request: str) -> None:
        self._gitlab = gitlab
        self._rest = gitlab.rest
        self._title = f"merge request !{merge_request}"
        self._path = f"{gitlab.path}/merge_requests/{quote(merge_request, safe='')}/notes"

    def comments(self) -> list[Comment]:
        """Return all of them, from every page."""
        found = []
        page = "1"
        for _ in range(MOST_PAGES):
            query = {"per_page": "100", "page": page}
            doing = f"read the notes on {self._title}"
            answer = self._rest.ask("GET", self._path, doing, query=query)
            found += [
                Comment(note_id, text_of(one, "author", "username"), text_of(one, "body"))
                for one in answer.records()
                if (note_id := id_of(one)) is not None
            ]
            following = answer.headers.get("x-next-page", "").strip()
            # Where a proxy passes only what it knows.
            following = following or (answer.next_query or {}).get("page", "")
            if not following or following == page:
                break
            page = following
        return found

    def ours(self, comments: list[Comment]) -> list[Comment]:
        """Return those that the token's owner wrote."""
        return self._gitlab.wrote(comments)

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        """Add a note and return its id, if that is told; `made` as in Thread."""
        doing = f"add a note to {self._title}"
        return id_of(self._rest.create(self._path, doing, body={"body": body}, made=made))

    def update(self, comment_id: int, body: str) -> None:
        """Change a note's text."""
        doing = f"update the note on {self._title}"
        self._rest.ask("PUT", f"{self._path}/{comment_id}", doing, body={"body": body})

    def delete(self, comment_id: int) -> None:
        """Take a note away, or find it gone."""
        doing = f"delete the note on {self._title}"
        delete_comment(self._rest, f"{self._path}/{comment_id}", doing)
