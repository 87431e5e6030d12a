"""The store of custom domains: attaching one, how far it is, letting it go.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/domains/
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError
from pages_deploy.emulator.state.domain_plans import DomainPlan, DomainProgress, domain_progress
from pages_deploy.emulator.state.names import SITE_SUFFIX, is_domain_name, without_port
from pages_deploy.emulator.state.outcomes import OrderedOutcomes
from pages_deploy.emulator.state.records import Domain

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.records import Project
    from pages_deploy.emulator.state.rows.domains import DomainRows
    from pages_deploy.emulator.state.settings import EmulatorSettings


class DomainStore:
    """Custom domains of all projects, by name in lower case.

    One below `.localhost` leads to this emulator, whose port it may carry; it is kept without.
    """

    def __init__(self, database: Database, rows: DomainRows, *, settings: EmulatorSettings) -> None:
        self._database = database
        self._rows = rows
        self._settings = settings
        self._outcomes: OrderedOutcomes[DomainPlan] = OrderedOutcomes()

    def order_outcome(self, plan: DomainPlan, *, times: int) -> None:
        """The next `times` domains, attached or begun anew, follow this plan."""
        with self._database.lock:
            self._outcomes.order(plan, times=times)

    def attach(self, project: Project, name: str, *, plan: DomainPlan | None = None) -> Domain:
        """Give the project a domain that follows `plan`, else the next ordered outcome.

        Raises RefusalError: 8000018 if some project has it already, another code for a text that
        is no domain name and for the project's own host.
        """
        name = _kept(name)
        if name.startswith("*."):
            raise RefusalError(400, NOT_DOCUMENTED, message="Wildcard domains are not supported")
        if not is_domain_name(name) or name == f"{project.subdomain}{SITE_SUFFIX}":
            raise RefusalError(400, NOT_DOCUMENTED, message=f"{name!r} is not a domain name")
        with self._database.transaction():
            if self.find(name) is not None:
                raise RefusalError(
                    409, 8000018, message=f"{name} is a custom domain of a project already"
                )
            domain = Domain(
                id=str(uuid.uuid4()),
                project_id=project.id,
                name=name,
                created_on=self._settings.now(),
                polls=0,
                plan=self._next_plan() if plan is None else plan,
            )
            self._rows.put(domain)
            return domain

    def _next_plan(self) -> DomainPlan:
        return self._outcomes.take() or DomainPlan(polls=self._settings.domain_polls)

    def all(self, project: Project) -> tuple[Domain, ...]:
        """The project's domains, the oldest first."""
        with self._database.lock:
            return self._rows.select(project_id=project.id)[::-1]

    def find(self, name: str) -> Domain | None:
        """The domain of this name, whosever it is."""
        with self._database.lock:
            return next(iter(self._rows.select(name=_kept(name))), None)

    def get(self, project: Project, name: str) -> Domain:
        """The project's domain of this name. Raises RefusalError 8000021 if it has none."""
        found = self.find(name)
        if found is None or found.project_id != project.id:
            raise RefusalError(404, 8000021, message="Custom domain not found in this project")
        return found

    def poll(self, project: Project, name: str) -> Domain:
        """The domain, looked at once more: this can be what moves it on.

        Raises RefusalError 8000021 if the project has none of this name.
        """
        with self._database.transaction():
            domain = self.get(project, name)
            self._rows.set_polls(domain.id, domain.polls + 1)
            return replace(domain, polls=domain.polls + 1)

    def validate_again(self, project: Project, name: str) -> Domain:
        """Begin the checks anew, if they have come to a bad end.

        A domain under way is only looked at: a client that asks for this in a loop would keep it
        from ever getting anywhere. One that is active has nothing to prove. Raises RefusalError
        8000021.
        """
        with self._database.transaction():
            domain = self.get(project, name)
            seen = self.progress(domain)
            if seen.is_ended and seen.status != "active":
                domain = replace(domain, polls=0, plan=self._next_plan())
            elif not seen.is_ended:
                domain = replace(domain, polls=domain.polls + 1)
            self._rows.put(domain)
            return domain

    def detach(self, project: Project, name: str) -> None:
        """Take the domain away from the project. Raises RefusalError 8000021."""
        with self._database.transaction():
            self._rows.delete(self.get(project, name).id)

    def detach_all(self, project: Project) -> None:
        """Take every domain away from the project; the caller holds a transaction."""
        self._rows.delete_all_of(project.id)

    def progress(self, domain: Domain) -> DomainProgress:
        """How far the domain is now."""
        return domain_progress(domain.plan, polls=domain.polls)

    def is_active(self, domain: Domain) -> bool:
        """Whether the domain leads to its project's production."""
        return self.progress(domain).status == "active"


def _kept(name: str) -> str:
    host = without_port(name)
    return host if host.endswith(SITE_SUFFIX) else name.lower()
