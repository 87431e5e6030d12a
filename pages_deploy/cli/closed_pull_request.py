"""What belongs to a closed pull request: its branches, its record on the forge, its comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pages_deploy.api.models import Deployment
from pages_deploy.ci.build_context import fork_branch
from pages_deploy.cli.announcing import forge_at
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import SettingsError
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.forge import Forge
from pages_deploy.forge.github_deployment import environment_name
from pages_deploy.forge.pull_request_comment import retire_comment
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings


class ClosedPullRequest:
    """A pull request whose previews are to go."""

    def __init__(self, number: int, settings: Settings, runtime: Runtime) -> None:
        self._number = str(number)
        self._settings = settings
        self._runtime = runtime
        # Asked for by naming the pull request, so the plain variable counts as well.
        self._forge: Forge | None = forge_at(
            settings, runtime, token=settings.text(options.GITHUB_TOKEN)
        )

    def branches(self) -> frozenset[str]:
        """Return the branches as which it was deployed.

        They are this build's own where it is the pull request's, else the forge knows them. Raises
        ForgeError, and SettingsError for a pull request that is open.
        """
        build = self._settings.build
        by_number = fork_branch(pull_request=self._number)
        is_this_build = build.pull_request == self._number and build.branch
        if is_this_build and not build.is_fork:
            return frozenset({build.branch, by_number})
        if self._forge is None:
            if not is_this_build:
                self._runtime.console.warn(
                    f"Which branch pull request {self._number} came from is not known without "
                    f"the forge; only {by_number} is looked for. Set a token by "
                    f"{options.GITHUB_TOKEN.places()}, or {options.GITLAB_TOKEN.places()}."
                )
            return frozenset({by_number})
        found = self._forge.pull_request(self._number)
        if found.is_open:
            raise SettingsError(
                f"Pull request {self._number} is open.",
                "Its deployments go when it is closed; --branch deletes them all the same.",
            )
        return found.branches

    def retire(self, project_name: str, deployments: Iterable[Deployment]) -> None:
        """Mark the GitHub deployments of its commits inactive, and say so in its comment.

        What the forge refuses is a warning: the deployments themselves are gone.
        """
        forge = self._forge
        if forge is None:
            return
        commits = [deployment.commit_hash for deployment in deployments if deployment.commit_hash]
        if self._settings.build.pull_request == self._number:
            commits.append(self._settings.build.commit_hash)
        github = forge.deployments
        if github is not None:
            named = self._settings.text(options.DEPLOYMENT_NAME)
            environment = named or environment_name(project_name, "preview")
            self._try(
                lambda: github.retire_commits(commits, environment=environment),
                "{} GitHub deployments are inactive now",
            )
        self._try(
            lambda: retire_comment(
                forge,
                pull_request=self._number,
                project_name=project_name,
                timer=self._runtime.timer,
            ),
            f"The comment on pull request {self._number} says so",
        )

    def _try(self, retire: Callable[[], int], done: str) -> None:
        console = self._runtime.console
        try:
            if count := retire():
                console.step(done.format(count))
        except ForgeError as error:
            console.warn(f"{error.message} {error.hint}".rstrip())
