"""Accepted purges as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pages_deploy.emulator.state.records import Purge

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database


class PurgeRows:
    """The purges of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, purge: Purge) -> None:
        """Store one more."""
        self._database.execute(
            "INSERT INTO purges (id, zone_id, call, created_on, body) VALUES (?, ?, ?, ?, ?)",
            (purge.id, purge.zone_id, purge.call, purge.created_on, json.dumps(purge.body)),
        )

    def all(self) -> tuple[Purge, ...]:
        """All purges, the oldest first."""
        rows = self._database.select(
            "purges", "id, zone_id, call, created_on, body", where={}, order="sequence"
        )
        return tuple(
            Purge(
                id=row[0], zone_id=row[1], call=row[2], created_on=row[3], body=json.loads(row[4])
            )
            for row in rows
        )
