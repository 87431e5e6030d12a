"""Custom domains of a project.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.call import Call, segment
from pages_deploy.api.error_codes import DOMAIN_EXISTS
from pages_deploy.api.projects import project_path
from pages_deploy.api.readers import read_domain, read_domains
from pages_deploy.errors import ApiResponseError, NotFoundError
from pages_deploy.retry import PATIENT, RetryPolicy

if TYPE_CHECKING:
    from pages_deploy.api.models import Domain
    from pages_deploy.api.transport import Transport


class Domains:
    """The custom domains of the projects of one account.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/
    """

    def __init__(self, transport: Transport, account_id: str) -> None:
        self._transport = transport
        self._account_id = account_id

    def list(self, project_name: str, *, retry: RetryPolicy = PATIENT) -> list[Domain]:
        """Return all domains of a project, active or not; the listing has no pages.

        Raises NotFoundError when the account has no project of this name.
        """
        doing = f"list the domains of project '{project_name}'"
        listing = Call("GET", self._path(project_name), doing, retry)
        return self._transport.request(listing, read_domains)

    def get(
        self,
        project_name: str,
        name: str,
        *,
        retry: RetryPolicy = PATIENT,
        timeout_seconds: float | None = None,
    ) -> Domain:
        """Return a domain as it is now.

        `timeout_seconds` is the longest silence of the server within one attempt. Raises
        NotFoundError when the project has none of this name.
        """
        return self._transport.request(
            Call(
                "GET",
                self._path(project_name, name),
                f"look up domain {name} of project '{project_name}'",
                retry,
                timeout_seconds=timeout_seconds,
            ),
            read_domain,
        )

    def add(self, project_name: str, name: str) -> Domain:
        """Attach a domain; its status begins as initializing or pending.

        A domain that a project has already, this one or another, raises ApiResponseError with code
        8000018.
        """
        adding = Call(
            "POST",
            self._path(project_name),
            f"add domain {name} to project '{project_name}'",
            json={"name": name},
        )
        try:
            return self._transport.request(adding, read_domain)
        except ApiResponseError as error:
            # An earlier attempt whose answer was lost has attached it.
            if not error.follows_lost_answer or DOMAIN_EXISTS not in error.codes:
                raise
            try:
                return self.get(project_name, name)
            except NotFoundError:
                # It is another project's, as the refusal said.
                raise error from None

    def retry(self, project_name: str, name: str) -> Domain:
        """Have Cloudflare check the domain again; return it as it is then.

        Raises NotFoundError when the project has none of this name.
        """
        return self._transport.request(
            Call(
                "PATCH",
                self._path(project_name, name),
                f"check domain {name} of project '{project_name}' again",
                json={},
            ),
            read_domain,
        )

    def delete(self, project_name: str, name: str) -> None:
        """Detach a domain; raises NotFoundError when the project has none of this name."""
        self._transport.delete(
            self._path(project_name, name), f"delete domain {name} of project '{project_name}'"
        )

    def _path(self, project_name: str, name: str | None = None) -> str:
        path = f"{project_path(self._account_id, project_name)}/domains"
        return f"{path}/{segment(name)}" if name is not None else path
