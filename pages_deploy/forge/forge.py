"""What every forge offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.forge.github_deployment import GitHubDeployments
    from pages_deploy.forge.pull_request import PullRequest
    from pages_deploy.forge.rest import Rest
    from pages_deploy.forge.sticky_comment import Thread


class Forge(Protocol):
    """GitHub, Gitea or GitLab: one repository under one token."""

    @property
    def rest(self) -> Rest:
        """Asks its API."""

    @property
    def deployments(self) -> GitHubDeployments | None:
        """What shows deployments, for forges that have them to be made by an API."""

    def pull_request_of(self, build: BuildContext) -> str:
        """Return the number of the open pull request that a build belongs to, or nothing.

        Raises ForgeError.
        """

    def pull_request(self, number: str) -> PullRequest:
        """Ask for a pull request; raises ForgeError."""

    def commit_message(self, commit_hash: str) -> str:
        """Return the whole message of a commit; raises ForgeError."""

    def is_ancestor(self, commit_hash: str, of: str) -> bool | None:
        """Whether a commit is the ancestor of another one, or the same; None where it does not say.

        Raises ForgeError.
        """

    def thread(self, pull_request: str) -> Thread:
        """Return the comments of a pull request."""
