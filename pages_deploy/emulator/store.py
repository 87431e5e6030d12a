"""The state of the emulated Cloudflare and the rules for changing it.

Every method may be called from any thread. Rules speak in records and `RefusalError`; HTTP and
JSON are elsewhere, and so are the assets' bytes.
"""

from __future__ import annotations

import math
import secrets
import uuid
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator import names, tokens
from pages_deploy.emulator.assets import AssetStore
from pages_deploy.emulator.blobs import Blobs, DirectoryBlobs, MemoryBlobs
from pages_deploy.emulator.database import Database
from pages_deploy.emulator.deployments import DeploymentStore
from pages_deploy.emulator.errors import EmulatorError, RefusalError
from pages_deploy.emulator.records import (
    Domain,
    JsonObject,
    Project,
    Purge,
)
from pages_deploy.emulator.tables import Tables

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.settings import EmulatorSettings

RECORDS_FILE: Final = "records.sqlite3"
ASSETS_DIRECTORY: Final = "assets"


class Store:
    """Projects, deployments, assets, domains and purges of one emulator.

    `data` is the directory that keeps them, or None for memory. Raises EmulatorError if the
    directory cannot be used.
    """

    def __init__(self, data: Path | None, *, settings: EmulatorSettings) -> None:
        self._settings = settings
        blobs: Blobs = MemoryBlobs()
        if data is not None:
            try:
                blobs = DirectoryBlobs(data / ASSETS_DIRECTORY)
            except OSError as error:
                raise EmulatorError(f"cannot use the data directory {data}: {error}") from error
        self._database = Database(None if data is None else data / RECORDS_FILE)
        self._tables = Tables(self._database)
        self._token_secret = self._database.secret("upload tokens", secrets.token_bytes(32))
        self.assets = AssetStore(self._database, self._tables, blobs=blobs)
        self.deployments = DeploymentStore(
            self._database, self._tables, assets=self.assets, settings=settings
        )

    def close(self) -> None:
        """Let go of the data directory; the store cannot be used afterwards."""
        with self._database.lock:
            self._database.close()

    def create_project(
        self,
        account_id: str,
        name: str,
        *,
        production_branch: str,
        build_config: JsonObject,
        deployment_configs: JsonObject,
        source: JsonObject | None,
    ) -> Project:
        """Raises RefusalError 8000002 if the account has a project of this name."""
        with self._database.transaction():
            if self._tables.projects(account_id=account_id, name=name):
                raise RefusalError(
                    409, 8000002, message="A project with this name already exists in the account"
                )
            project = Project(
                id=str(uuid.uuid4()),
                account_id=account_id,
                name=name,
                subdomain=self._free_subdomain(name),
                production_branch=production_branch,
                created_on=self._settings.clock(),
                build_config=build_config,
                deployment_configs=deployment_configs,
                source=source,
            )
            self._tables.add_project(project)
            return project

    def _free_subdomain(self, name: str) -> str:
        label = name
        while label in self._settings.taken_subdomains or self._tables.projects(subdomain=label):
            label = f"{name}-{names.random_suffix(3)}"
        return label

    def projects(self, account_id: str) -> tuple[Project, ...]:
        """The account's projects, the newest first."""
        with self._database.lock:
            return self._tables.projects(account_id=account_id)

    def project(self, account_id: str, name: str) -> Project:
        """Raises RefusalError 8000007 if there is none."""
        with self._database.lock:
            found = self._tables.projects(account_id=account_id, name=name)
        if not found:
            raise RefusalError(
                404,
                8000007,
                message="Project not found: no project of the account has the specified name",
            )
        return found[0]

    def add_domain(self, project_name: str, domain_name: str) -> Domain:
        """Give a project of any account a custom domain that works at once."""
        with self._database.lock:
            found = self._tables.projects(name=project_name)
            if not found:
                raise EmulatorError(f"no project is called {project_name!r}")
            if self._tables.domains(name=domain_name.lower()):
                raise EmulatorError(f"{domain_name} belongs to a project already")
            domain = Domain(
                id=str(uuid.uuid4()),
                project_id=found[0].id,
                name=domain_name.lower(),
                created_on=self._settings.clock(),
            )
            self._tables.add_domain(domain)
            return domain

    def domains(self, project: Project) -> tuple[Domain, ...]:
        """The project's custom domains, the oldest first."""
        with self._database.lock:
            return self._tables.domains(project_id=project.id)[::-1]

    def issue_upload_token(self, project: Project) -> str:
        """A token for the three asset calls."""
        now = self._settings.clock()
        claims = tokens.UploadClaims(
            iat=int(now),
            exp=math.ceil(now + self._settings.upload_token_seconds),
            max_file_count_allowed=self._settings.max_file_count,
            account=project.account_id,
            project=project.name,
        )
        return tokens.issue(claims, self._token_secret)

    def check_upload_token(self, token: str) -> tokens.UploadClaims:
        """Raises RefusalError 8000013 or ExpiredTokenError."""
        return tokens.verify(token, self._token_secret, now=self._settings.clock())

    def project_of_subdomain(self, subdomain: str) -> Project | None:
        """The project whose sites answer below this host label."""
        with self._database.lock:
            return next(iter(self._tables.projects(subdomain=subdomain)), None)

    def project_of_domain(self, domain_name: str) -> Project | None:
        """The project that has this custom domain."""
        with self._database.lock:
            domain = next(iter(self._tables.domains(name=domain_name)), None)
            if domain is None:
                return None
            return next(iter(self._tables.projects(id=domain.project_id)), None)

    def add_purge(self, zone_id: str, body: JsonObject) -> Purge:
        """Remember an accepted purge."""
        purge = Purge(
            id=uuid.uuid4().hex, zone_id=zone_id, created_on=self._settings.clock(), body=body
        )
        with self._database.lock:
            self._tables.add_purge(purge)
        return purge

    @property
    def purges(self) -> tuple[Purge, ...]:
        """All accepted purges, the oldest first."""
        with self._database.lock:
            return self._tables.purges()
