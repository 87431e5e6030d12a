"""The store of deployments: making one, how far it is, which one answers where."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator import names
from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.records import Asset, Deployment, Environment, Project, Trigger
from pages_deploy.emulator.stages import Progress, StagePlan, progress

if TYPE_CHECKING:
    from pages_deploy.emulator.assets import AssetStore
    from pages_deploy.emulator.database import Database
    from pages_deploy.emulator.settings import EmulatorSettings
    from pages_deploy.emulator.submissions import Submission
    from pages_deploy.emulator.tables import Tables

# A log is for people: a few wrong paths tell as much as twenty thousand.
_MAX_ERRORS_IN_LOG: Final = 20


@dataclass
class _PlannedOutcome:
    plan: StagePlan
    error: str | None
    times_left: int


class DeploymentStore:
    """Deployments of all projects."""

    def __init__(
        self, database: Database, tables: Tables, *, assets: AssetStore, settings: EmulatorSettings
    ) -> None:
        self._database = database
        self._tables = tables
        self._assets = assets
        self._settings = settings
        self._outcomes: deque[_PlannedOutcome] = deque()

    def outcome_next(self, plan: StagePlan, *, error: str | None, times: int) -> None:
        """The next `times` deployments follow this plan; `error` is the reason in their logs."""
        with self._database.lock:
            self._outcomes.append(_PlannedOutcome(plan, error, times))

    def create(self, project: Project, submission: Submission) -> Deployment:
        """A deployment of assets that should be there; if they are not, it ends in failure."""
        manifest_errors = self._assets.manifest_errors(submission.manifest)
        with self._database.transaction():
            plan, errors = self._next_outcome()
            # A deployment that was to end otherwise anyway never gets to look at its assets.
            if manifest_errors and plan.status == "success":
                plan, errors = replace(plan, status="failure"), _errors_for_log(manifest_errors)
            branch = submission.branch or project.production_branch
            environment: Environment = (
                "production" if branch == project.production_branch else "preview"
            )
            deployment = Deployment(
                id=str(uuid.uuid4()),
                sequence=0,
                project_id=project.id,
                environment=environment,
                alias=self._alias(project, branch) if environment == "preview" else None,
                created_on=self._settings.clock(),
                polls=0,
                trigger=Trigger(
                    branch=branch,
                    commit_hash=submission.commit_hash,
                    commit_message=submission.commit_message,
                    commit_dirty=submission.is_commit_dirty,
                ),
                plan=plan,
                errors=errors,
                file_count=len(submission.manifest),
                uses_functions=submission.uses_functions,
            )
            return self._tables.add_deployment(
                deployment,
                manifest=submission.manifest,
                special_files=submission.special_files,
            )

    def _next_outcome(self) -> tuple[StagePlan, tuple[str, ...]]:
        if not self._outcomes:
            return StagePlan(policy=self._settings.stage_policy), ()
        outcome = self._outcomes[0]
        outcome.times_left -= 1
        if outcome.times_left <= 0:
            self._outcomes.popleft()
        return outcome.plan, () if outcome.error is None else (outcome.error,)

    def _alias(self, project: Project, branch: str) -> str:
        # A branch keeps its alias even where the alias is partly random.
        earlier = self._tables.deployments(project_id=project.id, branch=branch)
        known = (deployment.alias for deployment in earlier if deployment.alias is not None)
        return next(known, None) or names.branch_alias(branch)

    def all(self, project: Project, *, environment: str | None = None) -> tuple[Deployment, ...]:
        """The project's deployments, the newest first."""
        where = {"project_id": project.id}
        if environment is not None:
            where["environment"] = environment
        with self._database.lock:
            return tuple(self._tables.deployments(**where))

    def latest(self, project: Project) -> Deployment | None:
        """The project's newest deployment, whatever became of it."""
        with self._database.lock:
            return next(self._tables.deployments(project_id=project.id), None)

    def get(self, project: Project, deployment_id: str) -> Deployment:
        """Raises RefusalError 8000009 if the project has none with this id."""
        with self._database.lock:
            found = next(self._tables.deployments(project_id=project.id, id=deployment_id), None)
        if found is None:
            raise RefusalError(404, 8000009, message="Deployment not found in this project")
        return found

    def poll(self, project: Project, deployment_id: str) -> Deployment:
        """The deployment, looked at once more: this can be what moves it on."""
        with self._database.transaction():
            deployment = self.get(project, deployment_id)
            self._tables.count_poll(deployment_id)
            return replace(deployment, polls=deployment.polls + 1)

    def progress(self, deployment: Deployment) -> Progress:
        """How far the deployment is now."""
        return progress(
            deployment.plan,
            created_on=deployment.created_on,
            now=self._settings.clock(),
            polls=deployment.polls,
        )

    def canonical(self, project: Project) -> Deployment | None:
        """What production serves: its newest deployment that came to a good end."""
        return self._newest_live(project, environment="production")

    def of_alias(self, project: Project, alias: str) -> Deployment | None:
        """What the host of a branch serves."""
        return self._newest_live(project, alias=alias)

    def of_short_id(self, project: Project, short_id: str) -> Deployment | None:
        """What the host of one deployment serves."""
        return self._newest_live(project, short_id=short_id)

    def _newest_live(self, project: Project, **where: str) -> Deployment | None:
        with self._database.lock:
            candidates = self._tables.deployments(project_id=project.id, **where)
            return next((one for one in candidates if self.progress(one).is_live), None)

    def asset_at(self, deployment: Deployment, path: str) -> Asset | None:
        """The asset that the deployment has at exactly this path."""
        with self._database.lock:
            key = self._tables.manifest_key(deployment.id, path)
            return None if key is None else self._tables.asset(key)

    def special_files(self, deployment: Deployment) -> dict[str, bytes]:
        """`_headers`, `_redirects` and so on of a deployment, as they were sent."""
        with self._database.lock:
            return self._tables.special_files(deployment.id)


def _errors_for_log(errors: tuple[str, ...]) -> tuple[str, ...]:
    if len(errors) <= _MAX_ERRORS_IN_LOG:
        return errors
    # The summary is not the last line: that one is what clients show, and it has to name a path.
    more = f"{len(errors)} files of the manifest are wrong; the first {_MAX_ERRORS_IN_LOG} follow"
    return (more, *errors[:_MAX_ERRORS_IN_LOG])
