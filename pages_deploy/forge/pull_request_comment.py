"""The comment on a pull request (GitLab: a note on a merge request) that follows a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.forge.announcer import Announcer
from pages_deploy.forge.comment_pages import pages_of
from pages_deploy.forge.comment_text import (
    BUILDING,
    CANCELED,
    FAILED,
    READY,
    REMOVED,
    SUPERSEDED,
    Entry,
    Row,
    key_of,
    line_of,
)
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.sticky_comment import StickyComment

if TYPE_CHECKING:
    from pages_deploy.api.models import Project
    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.clock import Timer
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.forge.forge import Forge


class PullRequestComment(Announcer):
    """Keeps the project's entry in the one comment; a build without a pull request gets none.

    The list of pages belongs to the end of one run: from the beginning of the next one on, it would
    speak of what is no longer so.
    """

    def __init__(
        self, forge: Forge, build: BuildContext, *, project_name: str, timer: Timer
    ) -> None:
        self._forge = forge
        self._build = build
        # As the user calls it, since a failure may come before Pages has confirmed it.
        self._project_name = project_name
        self._timer = timer
        # None until it was asked for; then a comment, or that there is none to be had.
        self._comment: StickyComment | bool | None = None
        self._is_done = False

    def started(self, project: Project, environment: str) -> None:  # noqa: ARG002 - see Announcer
        """Say that it is being built."""
        self._expect(environment)
        try:
            self._say(self._row(BUILDING))
        except ForgeError as error:
            # What counts is how it ends, and then the forge may answer again.
            if not (error.retryable or error.is_limit):
                raise

    def succeeded(self, deployed: Deployed) -> None:
        """Say that it is ready, and where; or what is live in its place."""
        self._is_done = True
        self._expect(deployed.deployment.environment)
        pages = ""
        if deployed.changes is not None:
            name = self._project_name
            pages = pages_of(key_of(name), name, deployed.changes, address=deployed.alias)
        status = SUPERSEDED if deployed.passed_over == "superseded" else READY
        row = self._row(status, preview=deployed.alias, url=deployed.deployment.url)
        self._say(row, pages)

    def failed(self, reason: str, *, canceled: bool = False) -> None:
        """Say why it failed, or that it was canceled."""
        if self._is_done:
            return
        if canceled:
            self._forge.rest.hurry()
        self._say(self._row(CANCELED if canceled else FAILED, reason=reason))

    def _expect(self, environment: str) -> None:
        """Do not ask for the pull request of a production branch, which mostly has none.

        That needs a permission which such a job may lack.
        """
        is_production = environment == "production" and not self._build.pull_request
        if is_production and self._comment is None:
            self._comment = False

    def _row(self, status: str, *, preview: str = "", url: str = "", reason: str = "") -> Row:
        return Row(
            project=self._project_name,
            status=status,
            preview=preview,
            url=url,
            commit_hash=self._build.commit_hash,
            branch=self._build.branch,
            run_url=self._build.run_url,
            reason=reason,
        )

    def _say(self, row: Row, pages: str = "") -> None:
        if self._comment is None:
            number = self._forge.pull_request_of(self._build)
            self._comment = bool(number) and StickyComment(
                self._forge.thread(number), self._project_name, pause=self._forge.rest.pause_after
            )
        if isinstance(self._comment, StickyComment):
            self._comment.put(Entry(line_of(row, now=self._timer.wall()), pages))


def retire_comment(
    forge: Forge, *, pull_request: str, project_name: str, timer: Timer, delete: bool = False
) -> bool:
    """Say on a pull request that a project's preview is gone, or take its row away.

    With the last row, the comment is deleted. Tells whether there was a row. Raises ForgeError.
    """
    comment = StickyComment(forge.thread(pull_request), project_name, pause=forge.rest.pause_after)
    if delete:
        return comment.remove()
    row = Row(project=project_name, status=REMOVED)
    return comment.replace(Entry(line_of(row, now=timer.wall())))
