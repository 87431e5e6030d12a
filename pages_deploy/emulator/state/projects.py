"""The store of projects: making one, changing it, letting it go, and finding it.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError
from pages_deploy.emulator.state.names import random_suffix
from pages_deploy.emulator.state.project_configs import (
    ProjectConfigs,
    merged,
    merged_deployment_configs,
    merged_maps,
)
from pages_deploy.emulator.state.records import Project

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.deployments import DeploymentStore
    from pages_deploy.emulator.state.domains import DomainStore
    from pages_deploy.emulator.state.records import Deployment, Domain
    from pages_deploy.emulator.state.rows.projects import ProjectRows
    from pages_deploy.emulator.state.settings import EmulatorSettings

_NOTHING: Final = ProjectConfigs()


class ProjectStore:
    """Projects of all accounts."""

    def __init__(
        self,
        database: Database,
        rows: ProjectRows,
        *,
        deployments: DeploymentStore,
        domains: DomainStore,
        settings: EmulatorSettings,
    ) -> None:
        self._database = database
        self._rows = rows
        self._deployments = deployments
        self._domains = domains
        self._settings = settings

    def create(
        self,
        account_id: str,
        name: str,
        *,
        production_branch: str,
        configs: ProjectConfigs = _NOTHING,
    ) -> Project:
        """A project; with a source it is connected to a Git repository.

        Raises RefusalError: 8000002 (HTTP 409) if the account has a project of this name, 8000000
        for configurations that Pages would not take.
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
                build_config=merged({}, configs.build_config),
                deployment_configs=merged_deployment_configs({}, configs.deployment_configs),
                source=configs.source or None,
            )
            self._rows.add(project)
            return project

    def _check_name_is_free(self, account_id: str, name: str) -> None:
        if self._rows.select(account_id=account_id, name=name):
            raise RefusalError(
                409, 8000002, message="A project with this name already exists in the account"
            )

    def _free_subdomain(self, name: str) -> str:
        label = name
        while label in self._settings.taken_subdomains or self._rows.select(subdomain=label):
            label = f"{name}-{random_suffix(3)}"
        return label

    def update(
        self,
        project: Project,
        *,
        name: str | None = None,
        production_branch: str | None = None,
        configs: ProjectConfigs = _NOTHING,
    ) -> Project:
        """Change what is given. The subdomain stays, whatever the new name.

        Raises RefusalError: 8000002 (HTTP 409) for a name that is taken, 8000000 for
        configurations that Pages would not take, another code for a source of a project that has
        none.
        """
        with self._database.transaction():
            project = self.get(project.account_id, project.name)
            if name is not None and name != project.name:
                self._check_name_is_free(project.account_id, name)
            if configs.source and project.source is None:
                raise RefusalError(
                    400,
                    NOT_DOCUMENTED,
                    message="You cannot update the `source` object in a Direct Uploads project.",
                )
            changed = replace(
                project,
                name=name or project.name,
                production_branch=production_branch or project.production_branch,
                build_config=merged(project.build_config, configs.build_config),
                deployment_configs=merged_deployment_configs(
                    project.deployment_configs, configs.deployment_configs
                ),
                source=merged_maps(project.source or {}, configs.source) or None,
            )
            self._rows.update(changed)
            return changed

    def delete(self, project: Project) -> None:
        """Delete it with its deployments and domains; its assets stay for the others.

        Raises RefusalError 8000076 if it has too many deployments.
        """
        with self._database.transaction():
            limit = self._settings.max_deployments_of_deletable_project
            if self._deployments.count(project) > limit:
                raise RefusalError(
                    400,
                    8000076,
                    message="Your project has too many deployments to be deleted: delete"
                    f" deployments until at most {limit} are left",
                )
            self._deployments.delete_all(project)
            self._domains.detach_all(project)
            self._rows.delete(project.id)

    def check_direct_upload(self, project: Project) -> None:
        """Raises RefusalError if the project takes its files from a Git repository only."""
        if project.source is not None and self._settings.git_projects_refuse_direct_upload:
            raise RefusalError(
                400,
                NOT_DOCUMENTED,
                message="This project is connected to a Git repository: it takes no direct uploads",
            )

    def all(self, account_id: str) -> tuple[Project, ...]:
        """The account's projects, the newest first."""
        with self._database.lock:
            return self._rows.select(account_id=account_id)

    def get(self, account_id: str, name: str) -> Project:
        """The account's project of this name. Raises RefusalError 8000007 if there is none."""
        with self._database.lock:
            found = self._rows.select(account_id=account_id, name=name)
        if not found:
            raise RefusalError(
                404,
                8000007,
                message="Project not found: no project of the account has the specified name",
            )
        return found[0]

    def named(self, name: str) -> Project | None:
        """The newest project of this name, whosever it is."""
        return self._first(name=name)

    def of_subdomain(self, subdomain: str) -> Project | None:
        """The project whose sites answer below this host label."""
        return self._first(subdomain=subdomain)

    def of_domain(self, domain: Domain) -> Project | None:
        """The project that has this custom domain; None once it has been deleted."""
        return self._first(id=domain.project_id)

    def of_deployment(self, deployment: Deployment) -> Project | None:
        """The project that has this deployment; None once it has been deleted."""
        return self._first(id=deployment.project_id)

    def _first(self, **where: str) -> Project | None:
        with self._database.lock:
            return next(iter(self._rows.select(**where)), None)
