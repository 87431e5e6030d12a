"""GitLab: the notes on merge requests. Its deployments are `environment:` in the job's YAML.

https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.forge.answers import id_of, same_name, text_of
from pages_deploy.forge.comments import Comment
from pages_deploy.forge.github import delete
from pages_deploy.forge.rest import MOST_PAGES, Rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer

API_URL = "https://gitlab.com/api/v4"
ACCESS_HINT = (
    "GITLAB_TOKEN has to be an access token of the merge request's project with the scope `api` "
    "and at least the role Reporter; a job's own token cannot write notes."
)


class GitLab:
    """One project on GitLab, under an access token."""

    def __init__(
        self,
        project_id: str,
        token: str,
        *,
        timer: Timer,
        api_url: str = API_URL,
        ca_bundle: str | None = None,
    ) -> None:
        # A number, or the project's path.
        self.path = f"/projects/{quote(project_id, safe='')}"
        self.rest = Rest(
            api_url,
            credentials={"PRIVATE-TOKEN": token},
            headers={"Accept": "application/json"},
            timer=timer,
            ca_bundle=ca_bundle,
            refusal_hint=ACCESS_HINT,
        )
        self._login: str | None = None

    def pull_request_of(self, build: BuildContext) -> str:
        return build.pull_request

    def thread(self, pull_request: str) -> GitLabThread:
        return GitLabThread(self, pull_request)

    def wrote(self, comments: list[Comment]) -> list[Comment]:
        """Return those of some notes that this token wrote."""
        if self._login is None:
            answer = self.rest.ask("GET", "/user", "find out whose token this is")
            self._login = text_of(answer.record(), "username")
        return [comment for comment in comments if same_name(comment.author, self._login)]


class GitLabThread:
    """The notes on one merge request."""

    def __init__(self, gitlab: GitLab, merge_request: str) -> None:
        self._gitlab = gitlab
        self._rest = gitlab.rest
        self._title = f"merge request !{merge_request}"
        self._path = f"{gitlab.path}/merge_requests/{quote(merge_request, safe='')}/notes"

    def comments(self) -> list[Comment]:
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
        return self._gitlab.wrote(comments)

    def create(self, body: str, *, made: Callable[[], bool]) -> int | None:
        doing = f"add a note to {self._title}"
        return id_of(self._rest.create(self._path, doing, body={"body": body}, made=made))

    def update(self, comment_id: int, body: str) -> None:
        doing = f"update the note on {self._title}"
        self._rest.ask("PUT", f"{self._path}/{comment_id}", doing, body={"body": body})

    def delete(self, comment_id: int) -> None:
        delete(self._rest, f"{self._path}/{comment_id}", f"delete the note on {self._title}")
