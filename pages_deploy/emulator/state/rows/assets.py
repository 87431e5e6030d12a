"""What is known about assets, as rows; their bytes are kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.state.records import Asset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.emulator.state.database import Database

# SQLite takes at least 999 parameters in one statement, in every version:
# https://www.sqlite.org/limits.html#max_variable_number
_PARAMETERS: Final = 900


class AssetRows:
    """The assets of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, assets: Iterable[Asset]) -> None:
        """Store them; of one key, the last content type stays."""
        self._database.execute_many(
            "INSERT INTO assets (key, content_type) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET content_type = excluded.content_type",
            ((asset.key, asset.content_type) for asset in assets),
        )

    def find(self, key: str) -> Asset | None:
        """The asset with this key, or None."""
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

    def refresh(self, keys: Iterable[str], *, refreshed_on: float) -> None:
        """Note that somebody wanted these assets at that time, in seconds since 1970."""
        self._database.execute_many(
            "UPDATE assets SET refreshed_on = ? WHERE key = ?",
            ((refreshed_on, key) for key in keys),
        )
