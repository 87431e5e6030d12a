"""The state of the emulated Cloudflare and the rules for changing it.

Every method may be called from any thread. Rules speak in records and `RefusalError`; HTTP and
JSON are elsewhere, and so are the assets' bytes.
"""

from __future__ import annotations

import math
import secrets
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import NOT_DOCUMENTED, EmulatorError, RefusalError
from pages_deploy.emulator.state import names, tokens
from pages_deploy.emulator.state.asset_rows import AssetRows
from pages_deploy.emulator.state.assets import AssetStore
from pages_deploy.emulator.state.blobs import Blobs, DirectoryBlobs, MemoryBlobs
from pages_deploy.emulator.state.database import Database
from pages_deploy.emulator.state.deployments import DeploymentStore
from pages_deploy.emulator.state.domain_plans import DomainPlan
from pages_deploy.emulator.state.domains import DomainStore
from pages_deploy.emulator.state.project_configs import (
    merged,
    merged_deployment_configs,
    merged_maps,
)
from pages_deploy.emulator.state.records import Domain, JsonObject, Project, Purge
from pages_deploy.emulator.state.tables import Tables
from pages_deploy.emulator.state.tails import Tails

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.state.settings import EmulatorSettings

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
        self.assets = AssetStore(self._database, AssetRows(self._database), blobs=blobs)
        self.deployments = DeploymentStore(
            self._database, self._tables, assets=self.assets, settings=settings
        )
        self.tails = Tails()
        self.domains = DomainStore(self._database, self._tables, settings=settings)

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
        """A project; with a `source` it is connected to a Git repository.

        Raises RefusalError 8000002 if the account has a project of this name.
        """
        with self._database.transaction():
            self._check_name_is_free(account_id, name)
            project = Project(
                id=str(uuid.uuid4()),
                account_id=account_id,
                name=name,
                subdomain=self._free_subdomain(name),
                production_branch=production_branch,
                created_on=self._settings.now(),
                build_config=merged({}, build_config),
                deployment_configs=merged_deployment_configs({}, deployment_configs),
                source=source,
            )
            self._tables.add_project(project)
            return project

    def _check_name_is_free(self, account_id: str, name: str) -> None:
        if self._tables.projects(account_id=account_id, name=name):
            raise RefusalError(
                409, 8000002, message="A project with this name already exists in the account"
            )

    def update_project(
        self,
        project: Project,
        *,
        name: str | None,
        production_branch: str | None,
        build_config: JsonObject,
        deployment_configs: JsonObject,
        source: JsonObject,
    ) -> Project:
        """Change what is given. The subdomain stays, whatever the new name.

        Raises RefusalError: 8000002 for a name that is taken, another code for a source of a
        project that has none.
        """
        with self._database.transaction():
            project = self.project(project.account_id, project.name)
            if name is not None and name != project.name:
                self._check_name_is_free(project.account_id, name)
            if source and project.source is None:
                raise RefusalError(
                    400,
                    NOT_DOCUMENTED,
                    message="You cannot update the `source` object in a Direct Uploads project.",
                )
            changed = replace(
                project,
                name=name or project.name,
                production_branch=production_branch or project.production_branch,
                build_config=merged(project.build_config, build_config),
                deployment_configs=merged_deployment_configs(
                    project.deployment_configs, deployment_configs
                ),
                source=merged_maps(project.source or {}, source) or None,
            )
            self._tables.update_project(changed)
            return changed

    def delete_project(self, project: Project) -> None:
        """Delete it with its deployments and domains; its assets stay for the others.

        Raises RefusalError 8000076 if it has too many deployments.
        """
        with self._database.transaction():
            limit = self._settings.max_deployments_of_deletable_project
            if self.deployments.count(project) > limit:
                raise RefusalError(
                    400,
                    8000076,
                    message="Your project has too many deployments to be deleted: delete"
                    f" deployments until at most {limit} are left",
                )
            self._tables.delete_project(project.id)

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
        try:
            return self.domains.attach(found[0], domain_name, plan=DomainPlan())
        except RefusalError as refusal:
            raise EmulatorError(f"cannot attach {domain_name}: {refusal.message}") from refusal

    def issue_upload_token(self, project: Project) -> str:
        """A token for the three asset calls. Raises RefusalError as `check_direct_upload`."""
        self.check_direct_upload(project)
        now = self._settings.now()
        claims = tokens.UploadClaims(
            iat=int(now),
            exp=math.ceil(now + self._settings.upload_token_seconds),
            max_file_count_allowed=self._settings.max_file_count,
            account=project.account_id,
            project=project.name,
        )
        return tokens.issue(claims, self._token_secret)

    def check_direct_upload(self, project: Project) -> None:
        """Raises RefusalError if the project takes its files from a Git repository only."""
        if project.source is not None and self._settings.git_projects_refuse_direct_upload:
            raise RefusalError(
                400,
                NOT_DOCUMENTED,
                message="This project is connected to a Git repository: it takes no direct uploads",
            )

    def check_upload_token(self, token: str) -> tokens.UploadClaims:
        """Raises RefusalError 8000013 or ExpiredTokenError."""
        return tokens.verify(token, self._token_secret, now=self._settings.now())

    def project_of_subdomain(self, subdomain: str) -> Project | None:
        """The project whose sites answer below this host label."""
        with self._database.lock:
            return next(iter(self._tables.projects(subdomain=subdomain)), None)

    def project_of_domain(self, domain_name: str) -> Project | None:
        """The project that has this custom domain."""
        with self._database.lock:
            domain = self.domains.find(domain_name)
            if domain is None:
                return None
            return next(iter(self._tables.projects(id=domain.project_id)), None)

    def add_purge(self, zone_id: str, body: JsonObject, *, call: str) -> Purge:
        """Remember an accepted purge or invalidation."""
        purge = Purge(
            id=uuid.uuid4().hex,
            zone_id=zone_id,
            call=call,
            created_on=self._settings.now(),
            body=body,
        )
        with self._database.lock:
            self._tables.add_purge(purge)
        return purge

    @property
    def purges(self) -> tuple[Purge, ...]:
        """All accepted purges, the oldest first."""
        with self._database.lock:
            return self._tables.purges()
