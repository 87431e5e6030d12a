"""Deployments and their files as rows: the paths of the manifest, and the special files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from pages_deploy.emulator.state.records import Deployment, Trigger
from pages_deploy.emulator.state.stages import StagePlan, StagePolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.emulator.state.database import Database

_SELECTED: Final = "sequence, polls, document"
# Columns of their own; everything else about a deployment is in its document.
_NOT_IN_DOCUMENT: Final = ("sequence", "polls")


class DeploymentRows:
    """The deployments of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        deployment: Deployment,
        *,
        manifest: Mapping[str, str],
        special_files: Mapping[str, bytes],
    ) -> Deployment:
        """Store it with its files; the answer carries the sequence number that it got."""
        document = asdict(deployment)
        for column in _NOT_IN_DOCUMENT:
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
        return _deployment((cursor.lastrowid or 0, 0, text))

    def select(self, **where: str) -> Iterator[Deployment]:
        """Deployments whose columns have these values, the newest first, read one by one."""
        return map(_deployment, self._database.select("deployments", _SELECTED, where=where))

    def for_production(self, project_id: str) -> Iterator[Deployment]:
        """The project's production deployments, the one that should be live first."""
        where = {"project_id": project_id, "environment": "production"}
        rows = self._database.select(
            "deployments", _SELECTED, where=where, order="place DESC, turn DESC"
        )
        return map(_deployment, rows)

    def put_before(self, deployment_id: str, other_id: str) -> None:
        """Let a deployment come just before another one in the order for production."""
        self._database.execute(
            "UPDATE deployments SET (place, turn) ="
            " (SELECT place, turn + 1 FROM deployments WHERE id = ?) WHERE id = ?",
            (other_id, deployment_id),
        )

    def count(self, project_id: str) -> int:
        """How many deployments the project has."""
        (count,) = self._database.execute(
            "SELECT count(*) FROM deployments WHERE project_id = ?", (project_id,)
        ).fetchone()
        return int(count)

    def set_polls(self, deployment_id: str, polls: int) -> None:
        """Note how often somebody looked at the deployment."""
        self._database.execute(
            "UPDATE deployments SET polls = ? WHERE id = ?", (polls, deployment_id)
        )

    def delete(self, deployment_id: str) -> None:
        """Delete it with its files."""
        self._database.delete("manifest_entries", deployment_id=deployment_id)
        self._database.delete("special_files", deployment_id=deployment_id)
        self._database.delete("deployments", id=deployment_id)

    def manifest(self, deployment_id: str) -> dict[str, str]:
        """All paths of a deployment, with their asset keys."""
        rows = self._database.execute(
            "SELECT path, key FROM manifest_entries WHERE deployment_id = ?", (deployment_id,)
        )
        return {str(path): str(key) for path, key in rows}

    def manifest_part(
        self, deployment_id: str, *, start: int, limit: int
    ) -> tuple[tuple[str, str], ...]:
        """At most `limit` paths from the one at `start` on, with their asset keys."""
        rows = self._database.execute(
            "SELECT path, key FROM manifest_entries WHERE deployment_id = ?"
            " ORDER BY path LIMIT ? OFFSET ?",
            (deployment_id, limit, start),
        )
        return tuple((str(path), str(key)) for path, key in rows)

    def manifest_key(self, deployment_id: str, path: str) -> str | None:
        """The asset key of a path, or None if the deployment has no such path."""
        row = self._database.execute(
            "SELECT key FROM manifest_entries WHERE deployment_id = ? AND path = ?",
            (deployment_id, path),
        ).fetchone()
        return None if row is None else str(row[0])

    def special_files(self, deployment_id: str) -> dict[str, bytes]:
        """`_headers`, `_redirects` and so on by name, as they were sent."""
        rows = self._database.execute(
            "SELECT name, content FROM special_files WHERE deployment_id = ?", (deployment_id,)
        )
        return {str(name): bytes(content) for name, content in rows}

    def special_file(self, deployment_id: str, name: str) -> bytes | None:
        """One of them; None if it was not sent."""
        row = self._database.execute(
            "SELECT content FROM special_files WHERE deployment_id = ? AND name = ?",
            (deployment_id, name),
        ).fetchone()
        return None if row is None else bytes(row[0])


# Any: the columns of `_SELECTED` have the types that this module wrote into them.
def _deployment(row: Any) -> Deployment:
    sequence, polls, document = row
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
