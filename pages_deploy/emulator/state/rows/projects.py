"""Projects as rows: a document, with the columns that they are looked for by beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pages_deploy.emulator.state.records import Project

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database


class ProjectRows:
    """The projects of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, project: Project) -> None:
        """Store a new one."""
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

    def select(self, **where: str) -> tuple[Project, ...]:
        """Projects whose columns have these values, the newest first."""
        rows = self._database.select("projects", "document", where=where)
        return tuple(Project(**json.loads(str(document))) for (document,) in rows)

    def update(self, project: Project) -> None:
        """Replace what is stored under its id; its subdomain stays."""
        self._database.execute(
            "UPDATE projects SET name = ?, document = ? WHERE id = ?",
            (project.name, json.dumps(asdict(project)), project.id),
        )

    def delete(self, project_id: str) -> None:
        """Delete the project alone."""
        self._database.delete("projects", id=project_id)
