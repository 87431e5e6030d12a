"""Everything that one emulator remembers: opened together, closed together.

The rules are with the things they are about: `projects`, `deployments`, `domains` and so on. They
speak in records and `RefusalError`; HTTP and JSON are elsewhere, and so are the assets' bytes.
Every method of theirs may be called from any thread.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import EmulatorError, RefusalError
from pages_deploy.emulator.state.assets import AssetStore
from pages_deploy.emulator.state.blobs import Blobs, DirectoryBlobs, MemoryBlobs
from pages_deploy.emulator.state.database import Database
from pages_deploy.emulator.state.deployments import DeploymentStore
from pages_deploy.emulator.state.domain_plans import DomainPlan
from pages_deploy.emulator.state.domains import DomainStore
from pages_deploy.emulator.state.lags import Lags
from pages_deploy.emulator.state.projects import ProjectStore
from pages_deploy.emulator.state.purges import PurgeStore
from pages_deploy.emulator.state.rows.assets import AssetRows
from pages_deploy.emulator.state.rows.deployments import DeploymentRows
from pages_deploy.emulator.state.rows.domains import DomainRows
from pages_deploy.emulator.state.rows.projects import ProjectRows
from pages_deploy.emulator.state.rows.purges import PurgeRows
from pages_deploy.emulator.state.tails import Tails
from pages_deploy.emulator.state.upload_tokens import UploadTokens
from pages_deploy.emulator.state.workers import WorkerStore

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.state.records import Domain
    from pages_deploy.emulator.state.settings import EmulatorSettings

RECORDS_FILE: Final = "records.sqlite3"
"""The database in a data directory."""

ASSETS_DIRECTORY: Final = "assets"
"""Where a data directory keeps the assets' bytes."""


class Store:
    """The state of one emulator.

    `data` is the directory that keeps it, or None for memory. Raises EmulatorError if the
    directory cannot be used.
    """

    def __init__(self, data: Path | None, *, settings: EmulatorSettings) -> None:
        blobs: Blobs = MemoryBlobs()
        if data is not None:
            try:
                blobs = DirectoryBlobs(data / ASSETS_DIRECTORY)
            except OSError as error:
                raise EmulatorError(f"cannot use the data directory {data}: {error}") from error
        self._database = database = Database(None if data is None else data / RECORDS_FILE)
        secret = database.secret("upload tokens", secrets.token_bytes(32))
        self.settings: Final = settings
        """How this Cloudflare is."""
        self.upload_tokens: Final = UploadTokens(secret, settings)
        """Those for the three asset calls."""
        self.assets: Final = AssetStore(database, AssetRows(database), blobs=blobs)
        """What was uploaded."""
        rows = DeploymentRows(database)
        self.deployments: Final = DeploymentStore(
            database, rows, assets=self.assets, settings=settings
        )
        """What was made of it."""
        self.workers: Final = WorkerStore(database, rows)
        """What answers in some of them."""
        self.tails: Final = Tails()
        """Who follows the log of a deployment."""
        self.domains: Final = DomainStore(database, DomainRows(database), settings=settings)
        """Custom domains."""
        self.lags: Final = Lags(settings)
        """Which hosts show production late."""
        self.projects: Final = ProjectStore(
            database,
            ProjectRows(database),
            deployments=self.deployments,
            domains=self.domains,
            settings=settings,
        )
        """Whose deployments and domains they are."""
        self.purges: Final = PurgeStore(database, PurgeRows(database), settings=settings)
        """What was purged from the caches of zones."""

    def close(self) -> None:
        """Let go of the data directory; the store cannot be used afterwards."""
        with self._database.lock:
            self._database.close()

    def add_domain(self, project_name: str, domain_name: str) -> Domain:
        """Give a project of any account a custom domain that works at once.

        No call of the API can do that. Raises EmulatorError without such a project, and for a
        domain that cannot be attached.
        """
        project = self.projects.named(project_name)
        if project is None:
            raise EmulatorError(f"no project is called {project_name!r}")
        try:
            return self.domains.attach(project, domain_name, plan=DomainPlan())
        except RefusalError as refusal:
            raise EmulatorError(f"cannot attach {domain_name}: {refusal.message}") from refusal
