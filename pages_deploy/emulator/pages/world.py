"""What all pages are made of: the records of one emulator, and where its sites answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.pages import words
from pages_deploy.emulator.pages.html import badge, link

if TYPE_CHECKING:
    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.state.records import Deployment, Project
    from pages_deploy.emulator.state.store import Store


@dataclass(frozen=True)
class World:
    """One emulator as its pages see it."""

    store: Store
    """Its records."""

    sites: SiteAddress
    """Where its sites answer."""

    def project(self, name: str) -> Project:
        """The project of a page, which is named by its subdomain, the one name that nobody shares.

        Raises RefusalError (HTTP 404) if there is none.
        """
        projects = self.store.projects
        found = projects.of_subdomain(name) or projects.named(name)
        if found is None:
            raise RefusalError(404, 8000007, message=f"There is no project {name}")
        return found

    def all_projects(self) -> tuple[Project, ...]:
        """The projects of all accounts, those of each account the newest first."""
        settings, projects = self.store.settings, self.store.projects
        return tuple(project for account in settings.accounts for project in projects.all(account))

    def account(self, project: Project) -> str:
        """The name of the project's account, where there are several."""
        accounts = self.store.settings.accounts
        return accounts.get(project.account_id, "") if len(accounts) > 1 else ""

    def is_live(self, deployment: Deployment, project: Project) -> bool:
        """Whether production serves the deployment."""
        live = self.store.deployments.canonical(project)
        return live is not None and live.id == deployment.id

    def site_link(self, label: str) -> Markup:
        """A link to a site by the labels before `.localhost`."""
        return link(f"{self.sites.url(label)}/", self.sites.host(label))

    def addresses(self, deployment: Deployment, project: Project) -> list[Markup]:
        """Links to where the deployment answers now; none while it does not."""
        if not self.store.deployments.progress(deployment).is_live:
            return []
        labels = [f"{deployment.short_id}.{project.subdomain}"]
        if deployment.alias is not None:
            current = self.store.deployments.of_alias(project, deployment.alias)
            if current is not None and current.id == deployment.id:
                labels.append(f"{deployment.alias}.{project.subdomain}")
        elif self.is_live(deployment, project):
            labels.append(project.subdomain)
        return [self.site_link(label) for label in labels]

    def age(self, seconds: float) -> Markup:
        """A moment, in seconds since 1970, as how long ago it was."""
        return Markup('<time title="{0}">{1}</time>').format(
            words.moment(seconds), words.age(self.store.settings.now() - seconds)
        )

    def marks(self, deployment: Deployment, project: Project) -> Markup:
        """Whether the deployment is live, what it is for, and how far it is."""
        stage = self.store.deployments.progress(deployment).latest
        kinds = {"success": "good", "active": "busy"}
        marks = [badge(deployment.environment)]
        if self.is_live(deployment, project):
            marks.insert(0, badge("live", "good"))
        marks.append(badge(f"{stage.name} {stage.status}", kinds.get(stage.status, "bad")))
        return Markup(" ").join(marks)


def project_url(project: Project) -> str:
    """The path of a project's page."""
    return f"/projects/{project.subdomain}"


def deployment_url(deployment: Deployment, project: Project) -> str:
    """The path of a deployment's page."""
    return f"{project_url(project)}/deployments/{deployment.id}"
