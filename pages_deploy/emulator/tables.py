"""Records to rows and back. No rules, and no transactions of its own."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from pages_deploy.emulator.records import Asset, Deployment, Domain, Project, Purge, Trigger
from pages_deploy.emulator.stages import StagePlan, StagePolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pages_deploy.emulator.database import Database

# SQLite takes at least 999 parameters in one statement, in every version.
_PARAMETERS: Final = 900
# Columns of their own; everything else about a deployment is in its document.
_DEPLOYMENT_COLUMNS: Final = ("sequence", "polls")


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

    def count_poll(self, deployment_id: str) -> None:
        self._database.execute(
            "UPDATE deployments SET polls = polls + 1 WHERE id = ?", (deployment_id,)
        )

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

    def put_assets(self, assets: Iterable[Asset]) -> None:
        """Store them; of one key, the last content type stays."""
        self._database.execute_many(
            "INSERT INTO assets (key, content_type) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET content_type = excluded.content_type",
            ((asset.key, asset.content_type) for asset in assets),
        )

    def asset(self, key: str) -> Asset | None:
        row = self._database.execute(
            "SELECT key, content_type FROM assets WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else Asset(key=row[0], content_type=row[1])

    def stored_keys(self, keys: Iterable[str]) -> set[str]:
        """Those of `keys` that have an asset."""
        wanted = list(keys)
        stored: set[str] = set()
        for start in range(0, len(wanted), _PARAMETERS):
            part = wanted[start : start + _PARAMETERS]
            marks = ", ".join("?" * len(part))
            rows = self._database.execute(
                f"SELECT key FROM assets WHERE key IN ({marks})",  # noqa: S608 - only marks
                part,
            )
            stored.update(str(key) for (key,) in rows)
        return stored

    def refresh_assets(self, keys: Iterable[str], *, refreshed_on: float) -> None:
        """Note that somebody still wants these assets."""
        self._database.execute_many(
            "UPDATE assets SET refreshed_on = ? WHERE key = ?",
            ((refreshed_on, key) for key in keys),
        )

    def add_domain(self, domain: Domain) -> None:
        self._database.execute(
            "INSERT INTO domains (id, project_id, name, created_on) VALUES (?, ?, ?, ?)",
            (domain.id, domain.project_id, domain.name, domain.created_on),
        )

    def domains(self, **where: str) -> tuple[Domain, ...]:
        """Domains whose columns have these values, the newest first."""
        rows = self._select("id, project_id, name, created_on", "domains", where)
        return tuple(
            Domain(id=row[0], project_id=row[1], name=row[2], created_on=row[3]) for row in rows
        )

    def add_purge(self, purge: Purge) -> None:
        self._database.execute(
            "INSERT INTO purges (id, zone_id, created_on, body) VALUES (?, ?, ?, ?)",
            (purge.id, purge.zone_id, purge.created_on, json.dumps(purge.body)),
        )

    def purges(self) -> tuple[Purge, ...]:
        """All purges, the oldest first."""
        rows = self._select("id, zone_id, created_on, body", "purges", {})
        return tuple(
            Purge(id=row[0], zone_id=row[1], created_on=row[2], body=json.loads(row[3]))
            for row in reversed(list(rows))
        )

    # Any: a row's columns have the types that this module wrote into them.
    def _select(self, columns: str, table: str, where: Mapping[str, str]) -> Iterator[Any]:
        # Table and columns are names from this module, never from a request.
        condition = " AND ".join(f"{column} = ?" for column in where) or "1"
        return self._database.execute(
            f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608 - as above
            " ORDER BY sequence DESC",
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
