"""Pages projects.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pages_deploy.api.accounts import account_path
from pages_deploy.api.call import Call, segment
from pages_deploy.api.error_codes import PROJECT_EXISTS
from pages_deploy.api.readers import read_nothing, read_project, read_upload_token
from pages_deploy.errors import ApiResponseError
from pages_deploy.retry import PATIENT, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pages_deploy.api.models import Project, Variable
    from pages_deploy.api.transport import Transport

# What wrangler asks for; more has not been seen to work.
PROJECTS_PER_PAGE = 10
ENVIRONMENTS = ("production", "preview")


@dataclass(frozen=True)
class EnvironmentChanges:
    """What to change in one environment of a project; None leaves a setting as it is."""

    variables: Mapping[str, Variable | None] = field(default_factory=dict)
    """By name; one that is None is deleted, one that is not named stays."""
    compatibility_date: str | None = None
    """The date whose behavior Workers get, as in `2026-01-31`."""
    compatibility_flags: Sequence[str] | None = None
    """All flags of Workers, in place of those that are set."""

    def to_json(self) -> dict[str, Any]:
        """Return the changes as a part of the API's `deployment_configs`."""
        changes: dict[str, Any] = {}
        if self.variables:
            changes["env_vars"] = {
                name: None
                if variable is None
                else {
                    "type": "secret_text" if variable.is_secret else "plain_text",
                    "value": variable.value,
                }
                for name, variable in self.variables.items()
            }
        if self.compatibility_date is not None:
            changes["compatibility_date"] = self.compatibility_date
        if self.compatibility_flags is not None:
            changes["compatibility_flags"] = list(self.compatibility_flags)
        return changes


NO_CHANGES = EnvironmentChanges()


def projects_path(account_id: str) -> str:
    """Return the path of an account's projects; raises SettingsError for an empty account id."""
    return f"{account_path(account_id)}/pages/projects"


def project_path(account_id: str, project_name: str) -> str:
    """Return the path of a project; raises SettingsError for an empty account id or name."""
    return f"{projects_path(account_id)}/{segment(project_name)}"


class Projects:
    """The projects of one account.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/
    """

    def __init__(self, transport: Transport, account_id: str) -> None:
        self._transport = transport
        self._account_id = account_id

    def list(self) -> Iterator[Project]:
        """Yield every project; the next page of ten is asked for when it is needed."""
        listing = Call(
            "GET",
            projects_path(self._account_id),
            f"list the projects of account {self._account_id}",
        )
        return self._transport.pages(listing, read_project, per_page=PROJECTS_PER_PAGE)

    def get(
        self,
        project_name: str,
        *,
        retry: RetryPolicy = PATIENT,
        timeout_seconds: float | None = None,
    ) -> Project:
        """Return a project as it is now.

        `timeout_seconds` is the longest silence of the server within one attempt. Raises
        NotFoundError when the account has none of this name.
        """
        return self._transport.request(
            Call(
                "GET",
                project_path(self._account_id, project_name),
                f"look up project '{project_name}' in account {self._account_id}",
                retry,
                timeout_seconds=timeout_seconds,
            ),
            read_project,
        )

    def create(
        self,
        project_name: str,
        *,
        production_branch: str,
        environments: Mapping[str, EnvironmentChanges] | None = None,
    ) -> Project:
        """Create a direct-upload project; `environments` is by name, production and preview.

        A name exists once, so that a repeated request can do no harm: where an earlier one has
        worked and its answer was lost, the project is looked up. One that existed before raises
        ApiResponseError with code 8000002.
        """
        given = environments or {}
        configs = {name: given.get(name, NO_CHANGES).to_json() for name in ENVIRONMENTS}
        creating = Call(
            "POST",
            projects_path(self._account_id),
            f"create project '{project_name}' in account {self._account_id}",
            json={
                "name": project_name,
                "production_branch": production_branch,
                "deployment_configs": configs,
            },
        )
        try:
            return self._transport.request(creating, read_project)
        except ApiResponseError as error:
            if not error.follows_lost_answer or PROJECT_EXISTS not in error.codes:
                raise
            return self.get(project_name)

    def update(
        self,
        project_name: str,
        *,
        production_branch: str | None = None,
        build_command: str | None = None,
        build_output_directory: str | None = None,
        environments: Mapping[str, EnvironmentChanges] | None = None,
    ) -> Project:
        """Change what is given and leave the rest; return the project as it is then.

        `environments` is by name, production and preview. Raises NotFoundError when the account
        has no project of this name.
        """
        changes: dict[str, Any] = {}
        if production_branch is not None:
            changes["production_branch"] = production_branch
        build = {"build_command": build_command, "destination_dir": build_output_directory}
        if build_config := {name: value for name, value in build.items() if value is not None}:
            changes["build_config"] = build_config
        if environments:
            changes["deployment_configs"] = {
                name: config.to_json() for name, config in environments.items()
            }
        return self._transport.request(
            Call(
                "PATCH",
                project_path(self._account_id, project_name),
                f"update project '{project_name}'",
                json=changes,
            ),
            read_project,
        )

    def delete(self, project_name: str) -> None:
        """Delete a project and all that it serves.

        Raises NotFoundError when the account has none of this name, and ApiResponseError for one
        with more than about a hundred deployments, which have to be deleted before.
        """
        self._transport.delete(
            project_path(self._account_id, project_name), f"delete project '{project_name}'"
        )

    def purge_build_cache(self, project_name: str) -> None:
        """Empty the cache of Pages' own builds, which a project with a repository has.

        Raises NotFoundError when the account has no project of this name.
        """
        self._transport.request(
            Call(
                "POST",
                f"{project_path(self._account_id, project_name)}/purge_build_cache",
                f"purge the build cache of project '{project_name}'",
            ),
            read_nothing,
        )

    def upload_token(self, project_name: str) -> str:
        """Return a new upload token: a JWT, valid for a few minutes, for the asset calls.

        Raises AuthenticationError for an API token that may only read, and NotFoundError when the
        account has no project of this name.
        """
        return self._transport.request(
            Call(
                "GET",
                f"{project_path(self._account_id, project_name)}/upload-token",
                f"get an upload token for project '{project_name}'",
            ),
            read_upload_token,
        )
