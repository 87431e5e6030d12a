"""The emulator's SQLite database: opening it, its tables, its lock.

One connection for all threads: hold `lock`, or be inside `transaction()`, for every statement.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pages_deploy.emulator.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

SCHEMA_VERSION: Final = 2
"""What this emulator writes, and the only version that it reads."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS projects (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    subdomain TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    UNIQUE (account_id, name)
);
CREATE TABLE IF NOT EXISTS deployments (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    short_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    alias TEXT,
    branch TEXT NOT NULL,
    polls INTEGER NOT NULL DEFAULT 0,
    -- Production serves the live one with the largest place, among those the largest turn. A new
    -- deployment's place is its sequence; a rollback gives it the place of what was live.
    place INTEGER,
    turn INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deployments_of_project ON deployments (project_id);
CREATE INDEX IF NOT EXISTS deployments_by_place
    ON deployments (project_id, environment, place, turn);
CREATE TABLE IF NOT EXISTS manifest_entries (
    deployment_id TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (deployment_id, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS special_files (
    deployment_id TEXT NOT NULL,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (deployment_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assets (
    key TEXT PRIMARY KEY, content_type TEXT NOT NULL, refreshed_on REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS domains (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    polls INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS purges (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    zone_id TEXT NOT NULL,
    call TEXT NOT NULL,
    created_on REAL NOT NULL,
    body TEXT NOT NULL
);
"""


class Database:
    """One open database; `file` is None for one in memory.

    Raises EmulatorError if the file cannot be used, is in use by another emulator, or was written
    by another version.
    """

    def __init__(self, file: Path | None) -> None:
        self.lock = threading.RLock()
        where = "memory" if file is None else str(file)
        try:
            self._connection = sqlite3.connect(
                ":memory:" if file is None else file,
                isolation_level=None,
                check_same_thread=False,
                timeout=0.5,
            )
        except sqlite3.Error as error:
            raise EmulatorError(
                f"cannot open the emulator's records in {where}: {error}"
            ) from error
        try:
            self._prepare(where)
        except sqlite3.Error as error:
            self.close()
            raise EmulatorError(
                f"cannot use the emulator's records in {where}: {error}"
                " (is another emulator running on this directory?)"
            ) from error
        except EmulatorError:
            self.close()
            raise

    def _prepare(self, where: str) -> None:
        # The exclusive mode keeps a second emulator off the same directory.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        (found,) = self._connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, SCHEMA_VERSION):
            raise EmulatorError(
                f"the records in {where} were written by another version of the emulator"
                f" (format {found}, this one writes {SCHEMA_VERSION}): use another directory"
            )
        self._connection.executescript(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        self._connection.close()

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement; `?` stands for a parameter."""
        return self._connection.execute(statement, parameters)

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters."""
        self._connection.executemany(statement, rows)

    # Table, columns and order are texts of the modules in `rows`, never of a request.
    # Any: a row's columns have the types that those modules wrote into them.
    def select(
        self,
        table: str,
        columns: str,
        *,
        where: Mapping[str, str],
        order: str = "sequence DESC",
    ) -> Iterator[Any]:
        """The columns of all rows that have the values of `where`; the newest row comes first."""
        condition = " AND ".join(f"{column} = ?" for column in where) or "1"
        return self.execute(
            f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608 - as above
            f" ORDER BY {order}",
            tuple(where.values()),
        )

    def delete(self, table: str, **where: str) -> None:
        """Delete the rows that have the values of `where`."""
        condition = " AND ".join(f"{column} = ?" for column in where)
        self.execute(
            f"DELETE FROM {table} WHERE {condition}",  # noqa: S608 - as in `select`
            tuple(where.values()),
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; all or nothing: an exception inside undoes what was written inside."""
        with self.lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def secret(self, name: str, fresh: bytes) -> bytes:
        """The secret of this name; `fresh` becomes it if there is none yet."""
        self._connection.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, fresh))
        (value,) = self._connection.execute(
            "SELECT value FROM secrets WHERE name = ?", (name,)
        ).fetchone()
        return bytes(value)
