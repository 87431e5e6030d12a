"""Custom domains as rows."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pages_deploy.emulator.state.domain_plans import DomainPlan
from pages_deploy.emulator.state.records import Domain

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database


class DomainRows:
    """The custom domains of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, domain: Domain) -> None:
        """Store it; a domain whose id is known already begins anew, at its old place."""
        document = asdict(domain)
        del document["polls"]
        self._database.execute(
            "INSERT INTO domains (id, project_id, name, polls, document) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET polls = excluded.polls, document = excluded.document",
            (domain.id, domain.project_id, domain.name, domain.polls, json.dumps(document)),
        )

    def select(self, **where: str) -> tuple[Domain, ...]:
        """Domains whose columns have these values, the newest first."""
        rows = self._database.select("domains", "polls, document", where=where)
        return tuple(_domain(polls, document) for polls, document in rows)

    def set_polls(self, domain_id: str, polls: int) -> None:
        """Note how often somebody looked at the domain."""
        self._database.execute("UPDATE domains SET polls = ? WHERE id = ?", (polls, domain_id))

    def delete(self, domain_id: str) -> None:
        """Delete one domain."""
        self._database.delete("domains", id=domain_id)

    def delete_all_of(self, project_id: str) -> None:
        """Delete every domain of a project."""
        self._database.delete("domains", project_id=project_id)


def _domain(polls: int, document: str) -> Domain:
    fields = json.loads(document)
    return Domain(**{**fields, "polls": polls, "plan": DomainPlan(**fields["plan"])})
