"""Records to rows and back. No rules, and no transactions of its own."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from pages_deploy.emulator.state.domain_plans import DomainPlan
from pages_deploy.emulator.state.records import Deployment, Domain, Project, Purge, Trigger
from pages_deploy.emulator.state.stages import StagePlan, StagePolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.emulator.state.database import Database

# Columns of their own; everything else about a deployment is in its document.
_DEPLOYMENT_COLUMNS: Final = ("sequence", "polls")
_NEWEST_FIRST: Final = "sequence DESC"


class Tables:
    """What is written in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_project(self, project: Project) -> None:
        self._database.execute(
            "INSERT INTO projects (id, account_id, name, subdomain, document)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                project.id,
                project.account_id,
                project.name,
                project.subdomain,
                json.dumps(asdict(project)),
            ),
        )

    def projects(self, **where: str) -> tuple[Project, ...]:
        """Projects whose columns have these values, the newest first."""
        rows = self._select("document", "projects", where)
        return tuple(Project(**json.loads(str(document))) for (document,) in rows)

    def update_project(self, project: Project) -> None:
        """Replace what is stored under its id."""
        self._database.execute(
            "UPDATE projects SET name = ?, document = ? WHERE id = ?",
            (project.name, json.dumps(asdict(project)), project.id),
        )

    def delete_project(self, project_id: str) -> None:
        """Delete it with its deployments and domains."""
        for deployment in tuple(self.deployments(project_id=project_id)):
            self.delete_deployment(deployment.id)
        self._delete("domains", "project_id", project_id)
        self._delete("projects", "id", project_id)

    def add_deployment(
        self,
        deployment: Deployment,
        *,
        manifest: Mapping[str, str],
        special_files: Mapping[str, bytes],
    ) -> Deployment:
        """Store it with its files; the answer carries the sequence number that it got."""
        document = asdict(deployment)
        for column in _DEPLOYMENT_COLUMNS:
            del document[column]
        text = json.dumps(document)
        cursor = self._database.execute(
            "INSERT INTO deployments (id, short_id, project_id, environment, alias, branch,"
            " document) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                deployment.id,
                deployment.short_id,
                deployment.project_id,
                deployment.environment,
                deployment.alias,
                deployment.trigger.branch,
                text,
            ),
        )
        self._database.execute(
            "UPDATE deployments SET place = sequence WHERE sequence = ?", (cursor.lastrowid,)
        )
        self._database.execute_many(
            "INSERT INTO manifest_entries VALUES (?, ?, ?)",
            ((deployment.id, path, key) for path, key in manifest.items()),
        )
        self._database.execute_many(
            "INSERT INTO special_files VALUES (?, ?, ?)",
            ((deployment.id, name, content) for name, content in special_files.items()),
        )
        return _deployment(cursor.lastrowid or 0, 0, text)

    def deployments(self, **where: str) -> Iterator[Deployment]:
        """Deployments whose columns have these values, the newest first, read one by one."""
        rows = self._select("sequence, polls, document", "deployments", where)
        return (_deployment(*row) for row in rows)

    def deployments_for_production(self, project_id: str) -> Iterator[Deployment]:
        """The project's production deployments, the one that should be live first."""
        rows = self._select(
            "sequence, polls, document",
            "deployments",
            {"project_id": project_id, "environment": "production"},
            order="place DESC, turn DESC",
        )
        return (_deployment(*row) for row in rows)

    def put_before(self, deployment_id: str, other_id: str) -> None:
        """Let a deployment come just before another one in the order for production."""
        self._database.execute(
            "UPDATE deployments SET (place, turn) ="
            " (SELECT place, turn + 1 FROM deployments WHERE id = ?) WHERE id = ?",
            (other_id, deployment_id),
        )

    def count_deployments(self, project_id: str) -> int:
        (count,) = self._database.execute(
            "SELECT count(*) FROM deployments WHERE project_id = ?", (project_id,)
        ).fetchone()
        return int(count)

    def delete_deployment(self, deployment_id: str) -> None:
        """Delete it with its files."""
        self._delete("manifest_entries", "deployment_id", deployment_id)
        self._delete("special_files", "deployment_id", deployment_id)
        self._delete("deployments", "id", deployment_id)

    def set_polls(self, table: str, record_id: str, polls: int) -> None:
        """Note how often somebody looked at a deployment or a domain."""
        self._database.execute(
            f"UPDATE {table} SET polls = ? WHERE id = ?",  # noqa: S608 - as in `_select`
            (polls, record_id),
        )

    def manifest(self, deployment_id: str) -> dict[str, str]:
        """All paths of a deployment, with their asset keys."""
        rows = self._database.execute(
            "SELECT path, key FROM manifest_entries WHERE deployment_id = ?", (deployment_id,)
        )
        return {str(path): str(key) for path, key in rows}

    def manifest_key(self, deployment_id: str, path: str) -> str | None:
        """The asset key of a path, or None if the deployment has no such path."""
        row = self._database.execute(
            "SELECT key FROM manifest_entries WHERE deployment_id = ? AND path = ?",
            (deployment_id, path),
        ).fetchone()
        return None if row is None else str(row[0])

    def special_files(self, deployment_id: str) -> dict[str, bytes]:
        """`_headers`, `_redirects` and so on, as they were sent."""
        rows = self._database.execute(
            "SELECT name, content FROM special_files WHERE deployment_id = ?", (deployment_id,)
        )
        return {str(name): bytes(content) for name, content in rows}

    def put_domain(self, domain: Domain) -> None:
        document = asdict(domain)
        del document["polls"]
        self._database.execute(
            "INSERT INTO domains (id, project_id, name, polls, document) VALUES (?, ?, ?, ?, ?)"
            # What is known by its id already begins anew, at its old place among the others.
            " ON CONFLICT (id) DO UPDATE SET polls = excluded.polls, document = excluded.document",
            (domain.id, domain.project_id, domain.name, domain.polls, json.dumps(document)),
        )

    def domains(self, **where: str) -> tuple[Domain, ...]:
        """Domains whose columns have these values, the newest first."""
        return tuple(_domain(*row) for row in self._select("polls, document", "domains", where))

    def delete_domain(self, domain_id: str) -> None:
        self._delete("domains", "id", domain_id)

    def add_purge(self, purge: Purge) -> None:
        self._database.execute(
            "INSERT INTO purges (id, zone_id, call, created_on, body) VALUES (?, ?, ?, ?, ?)",
            (purge.id, purge.zone_id, purge.call, purge.created_on, json.dumps(purge.body)),
        )

    def purges(self) -> tuple[Purge, ...]:
        """All purges, the oldest first."""
        rows = self._select("id, zone_id, call, created_on, body", "purges", {})
        return tuple(
            Purge(
                id=row[0], zone_id=row[1], call=row[2], created_on=row[3], body=json.loads(row[4])
            )
            for row in reversed(list(rows))
        )

    def _delete(self, table: str, column: str, value: str) -> None:
        self._database.execute(
            f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - as in `_select`
            (value,),
        )

    # Any: a row's columns have the types that this module wrote into them.
    def _select(
        self, columns: str, table: str, where: Mapping[str, str], *, order: str = _NEWEST_FIRST
    ) -> Iterator[Any]:
        # Table, columns and order are texts from this module, never from a request.
        condition = " AND ".join(f"{column} = ?" for column in where) or "1"
        return self._database.execute(
            f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608 - as above
            f" ORDER BY {order}",
            tuple(where.values()),
        )


def _deployment(sequence: int, polls: int, document: str) -> Deployment:
    fields = json.loads(document)
    plan = fields.pop("plan")
    policy = StagePolicy(**plan.pop("policy"))
    return Deployment(
        **{
            **fields,
            "sequence": sequence,
            "polls": polls,
            "plan": StagePlan(**plan, policy=policy),
            "trigger": Trigger(**fields["trigger"]),
            "errors": tuple(fields["errors"]),
        }
    )


def _domain(polls: int, document: str) -> Domain:
    fields = json.loads(document)
    return Domain(**{**fields, "polls": polls, "plan": DomainPlan(**fields["plan"])})
