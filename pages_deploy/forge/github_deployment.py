"""A deployment on GitHub that follows ours, so that the pull request and the repository show it.

1. Created on the commit that its author pushed: on a merge nobody would see it, and a fork's
   branch does not exist in the repository.
2. `in_progress` while the upload runs, then `success`, `failure` or, when it was canceled or when a
   newer commit is live in its place, `inactive`.

https://docs.github.com/en/rest/deployments
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING

from pages_deploy.forge.announcer import Announcer
from pages_deploy.forge.answers import Record, id_of, text_of
from pages_deploy.forge.errors import ForgeError
from pages_deploy.text.escaping import log_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.api.models import Project
    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.forge.rest import Rest

LONGEST_DESCRIPTION = 140
_CREATING = "create a deployment on GitHub"


def environment_name(project_name: str, environment: str) -> str:
    """Return the name by which GitHub knows an environment of a project.

    It is the one that pages-action gave, so that its history goes on.
    """
    return f"{project_name} ({environment.capitalize()})"


class GitHubDeployments:
    """The deployments of one repository; each method may raise ForgeError."""

    def __init__(self, rest: Rest, repository_path: str) -> None:
        self.rest = rest
        self._path = f"{repository_path}/deployments"

    def create(self, body: Record) -> int:
        """Create a deployment and return its id."""
        return self.rest.ask("POST", self._path, _CREATING, body=body).id()

    def created_with(self, mark: str, *, environment: str, commit_hash: str) -> int | None:
        """Return the id of the deployment that has a mark in its payload, if there is one."""
        query = {"sha": commit_hash, "environment": environment}
        for one in self.rest.ask("GET", self._path, _CREATING, query=query).records():
            # Some servers give the payload back as a text.
            if mark in str(one.get("payload")):
                return id_of(one)
        return None

    def latest_status(self, deployment_id: int) -> Record:
        """Return a deployment's last status, or nothing."""
        path = f"{self._path}/{deployment_id}/statuses"
        doing = "read the status of the deployment on GitHub"
        found = self.rest.ask("GET", path, doing, query={"per_page": "1"}).records()
        return found[0] if found else {}

    def set_status(self, deployment_id: int, body: Record) -> None:
        """Give a deployment a status; where an answer was lost, the latest one tells."""
        path = f"{self._path}/{deployment_id}/statuses"
        doing = f"set the status of the deployment on GitHub to {body['state']}"

        def made() -> bool:
            return text_of(self.latest_status(deployment_id), "state") == str(body["state"])

        self.rest.create(path, doing, body=body, made=made)

    def retire(self, *, environment: str, commit_hash: str) -> int:
        """Mark a commit's deployments to an environment, by GitHub's name, inactive.

        Returns how many they were. The environment alone would not do: the previews of all pull
        requests are in one.
        """
        if not environment or not commit_hash:
            return 0
        query = {"sha": commit_hash, "environment": environment}
        doing = "read the deployments on GitHub"
        retired = 0
        for page in self.rest.linked_pages(self._path, doing, query=query):
            for deployment_id in map(id_of, page):
                if deployment_id is None:
                    continue
                if text_of(self.latest_status(deployment_id), "state") != "inactive":
                    self.set_status(deployment_id, {"state": "inactive", "description": "Removed"})
                    retired += 1
        return retired

    def retire_commits(self, commit_hashes: Iterable[str], *, environment: str) -> int:
        """Mark the deployments of several commits inactive, such as all of a pull request's.

        Returns how many they were.
        """
        # Of several deployments of one commit, one call finds all.
        return sum(
            self.retire(environment=environment, commit_hash=commit_hash)
            for commit_hash in dict.fromkeys(commit_hashes)
        )


class GitHubDeployment(Announcer):
    """Creates one deployment and leads it to its end."""

    def __init__(
        self, deployments: GitHubDeployments, build: BuildContext, *, named: str = ""
    ) -> None:
        self._deployments = deployments
        self._build = build
        # The user's own name for the environment, instead of one for each project.
        self._named = named
        self._environment = ""
        self._id: int | None = None

    def started(self, project: Project, environment: str) -> None:
        """Create the deployment, and say that the upload is in progress."""
        if not self._build.commit_hash:
            raise ForgeError(f"Cannot {_CREATING}: the commit of this build is not known.")
        self._environment = environment
        self._id = self._create(project.name)
        # What counts is how it ends; if this fails for good, that will too.
        with contextlib.suppress(ForgeError):
            self._status("in_progress", "Uploading to Cloudflare Pages")

    def succeeded(self, deployed: Deployed) -> None:
        """Say that it is there, and where; or that another one is live in its place."""
        if self._id is None:
            return
        if deployed.passed_over == "superseded":
            commit = deployed.deployment.commit_hash[:8]
            self._end_inactive(f"Superseded: production serves the newer commit {commit}")
            self._id = None
            return
        more: Record = {"environment_url": deployed.alias}
        environment = deployed.deployment.environment
        if environment != self._environment:
            # Pages has the last word on what is production.
            more["environment"] = self._name(deployed.project.name, environment)
        self._status("success", "Deployed to Cloudflare Pages", more)
        self._id = None

    def failed(self, reason: str, *, canceled: bool = False) -> None:
        """Say why it failed; of one that was canceled, that it is not there."""
        if self._id is None:
            return
        if not canceled:
            self._status("failure", reason)
        else:
            self._deployments.rest.hurry()
            self._end_inactive("Canceled")
        self._id = None

    def _end_inactive(self, description: str) -> None:
        try:
            self._status("inactive", description)
        except ForgeError as error:
            # An old Enterprise Server that does not know the state.
            if error.status != 422:
                raise
            self._status("error", description)

    def _name(self, project_name: str, environment: str) -> str:
        return self._named or environment_name(project_name, environment)

    def _create(self, project_name: str) -> int:
        name = self._name(project_name, self._environment)
        is_production = self._environment == "production"
        # Only this run knows it, and so finds its own deployment again. Anybody can read it.
        mark = uuid.uuid4().hex
        body: Record = {
            "ref": self._build.commit_hash,
            "auto_merge": False,
            "required_contexts": [],
            "environment": name,
            "description": "Cloudflare Pages",
            "payload": {"project": project_name, "mark": mark},
            "transient_environment": not is_production,
            "production_environment": is_production,
        }
        try:
            return self._deployments.create(body)
        except ForgeError as error:
            # Not repeated: two deployments are worse than none.
            if not error.may_have_worked:
                raise
            commit_hash = self._build.commit_hash
            found = self._deployments.created_with(mark, environment=name, commit_hash=commit_hash)
            if found is None:
                raise
            return found

    def _status(self, state: str, description: str, more: Record | None = None) -> None:
        if self._id is None:
            return
        body: Record = {
            "state": state,
            "description": log_line(description)[:LONGEST_DESCRIPTION],
            **(more or {}),
        }
        if self._build.run_url:
            body["log_url"] = self._build.run_url
        self._deployments.set_status(self._id, body)
