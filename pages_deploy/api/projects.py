"""Pages projects.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.api.call import Call
from pages_deploy.api.models import Project, read_project, read_upload_token

if TYPE_CHECKING:
    from pages_deploy.api.transport import Transport


def project_path(account_id: str, project_name: str) -> str:
    return f"/accounts/{quote(account_id, '')}/pages/projects/{quote(project_name, '')}"


class Projects:
    """The projects of one account."""

    def __init__(self, transport: Transport, account_id: str) -> None:
        self._transport = transport
        self._account_id = account_id

    def get(self, project_name: str) -> Project:
        """Return a project; raises NotFoundError when the account has none of this name."""
        return self._transport.request(
            Call(
                "GET",
                project_path(self._account_id, project_name),
                f"look up project '{project_name}' in account {self._account_id}",
            ),
            read_project,
        )

    def create(self, project_name: str, *, production_branch: str) -> Project:
        """Create a direct-upload project.

        A name exists once, so that a repeated request can do no harm: where an earlier one has
        worked and its answer was lost, this raises ApiResponseError with code 8000002.
        """
        return self._transport.request(
            Call(
                "POST",
                f"/accounts/{quote(self._account_id, '')}/pages/projects",
                f"create project '{project_name}' in account {self._account_id}",
                json={"name": project_name, "production_branch": production_branch},
            ),
            read_project,
        )

    def upload_token(self, project_name: str) -> str:
        """Return a new upload token: a JWT, valid for a few minutes, for the asset calls."""
        return self._transport.request(
            Call(
                "GET",
                f"{project_path(self._account_id, project_name)}/upload-token",
                f"get an upload token for project '{project_name}'",
            ),
            read_upload_token,
        )
