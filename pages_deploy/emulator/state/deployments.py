"""The store of deployments: making one, how far it is, which one answers where.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError
from pages_deploy.emulator.state.logs import errors_for_log
from pages_deploy.emulator.state.names import branch_alias
from pages_deploy.emulator.state.outcomes import OrderedOutcomes
from pages_deploy.emulator.state.records import Asset, Deployment, Environment, Project, Trigger
from pages_deploy.emulator.state.stages import Progress, StagePlan, progress
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.emulator.state.workers import worker_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.emulator.state.assets import AssetStore
    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.rows.deployments import DeploymentRows
    from pages_deploy.emulator.state.settings import EmulatorSettings


class DeploymentStore:
    """Deployments of all projects."""

    def __init__(
        self,
        database: Database,
        rows: DeploymentRows,
        *,
        assets: AssetStore,
        settings: EmulatorSettings,
    ) -> None:
        self._database = database
        self._rows = rows
        self._assets = assets
        self._settings = settings
        self._outcomes: OrderedOutcomes[tuple[StagePlan, tuple[str, ...]]] = OrderedOutcomes()

    def order_outcome(self, plan: StagePlan, *, error: str | None, times: int) -> None:
        """The next `times` deployments follow this plan; `error` is the reason in their logs."""
        with self._database.lock:
            self._outcomes.order((plan, () if error is None else (error,)), times=times)

    def create(self, project: Project, submission: Submission) -> Deployment:
        """A deployment of assets that should be there; if they are not, it ends in failure.

        So it does with a Worker that Cloudflare could not start, as far as that shows in its form.
        """
        found_errors = self._assets.manifest_errors(submission.manifest)
        found_errors += worker_errors(submission.special_files)
        with self._database.transaction():
            plan, errors = self._outcomes.take() or (
                StagePlan(policy=self._settings.stage_policy),
                (),
            )
            # A deployment that was to end otherwise anyway never gets to look at its assets.
            if found_errors and plan.status == "success":
                plan, errors = replace(plan, status="failure"), errors_for_log(found_errors)
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
                created_on=self._settings.now(),
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
                wrangler_config_hash=submission.wrangler_config_hash,
                pages_build_output_dir=submission.pages_build_output_dir,
            )
            return self._rows.add(
                deployment,
                manifest=submission.manifest,
                special_files=submission.special_files,
            )

    def retry(self, project: Project, deployment_id: str) -> Deployment:
        """A new deployment of the same files, for the same reason. Raises RefusalError 8000009."""
        return self.create(project, self._submission_of(self.get(project, deployment_id)))

    def rebuild(self, project: Project, branch: str | None) -> Deployment:
        """What a Git-connected project builds from a branch, or from the production branch.

        There is no repository here to build from: the files are those of the branch's last
        deployment, and for its first one there are none.
        """
        branch = branch or project.production_branch
        with self._database.lock:
            earlier = next(self._rows.select(project_id=project.id, branch=branch), None)
        if earlier is not None:
            return self.create(project, self._submission_of(earlier))
        return self.create(project, Submission(manifest={}, branch=branch))

    def _submission_of(self, deployment: Deployment) -> Submission:
        with self._database.lock:
            return Submission(
                manifest=self._rows.manifest(deployment.id),
                branch=deployment.trigger.branch,
                commit_hash=deployment.trigger.commit_hash,
                commit_message=deployment.trigger.commit_message,
                is_commit_dirty=deployment.trigger.commit_dirty,
                wrangler_config_hash=deployment.wrangler_config_hash,
                pages_build_output_dir=deployment.pages_build_output_dir,
                special_files=self._rows.special_files(deployment.id),
            )

    def rollback(self, project: Project, deployment_id: str) -> Deployment:
        """Let production serve this deployment from now on, until a newer one is ready.

        Raises RefusalError: 8000009 for an unknown one, another code for one that is no successful
        production deployment.
        """
        with self._database.transaction():
            deployment = self.get(project, deployment_id)
            live = self.canonical(project)
            is_target = deployment.environment == "production" and self.progress(deployment).is_live
            if live is None or not is_target:
                raise RefusalError(
                    400,
                    NOT_DOCUMENTED,
                    message="Only a successful production deployment can be rolled back to",
                )
            # Before what is live, not before everything: a newer deployment that is still under
            # way takes over when it is done.
            if live.id != deployment.id:
                self._rows.put_before(deployment.id, live.id)
            return deployment

    def delete(self, project: Project, deployment_id: str, *, is_forced: bool) -> None:
        """Delete a deployment with its files.

        An alias that led to it leads to the next newest deployment of its branch, or nowhere: Pages
        is documented to let an alias follow the newest deployment of its branch, and nothing says
        that a deletion ends this.

        Raises RefusalError: 8000009 for an unknown one, 8000034 for the one that production
        serves, 8000035 for one with an alias unless `is_forced`.
        """
        with self._database.transaction():
            deployment = self.get(project, deployment_id)
            live = self.canonical(project)
            if live is not None and live.id == deployment.id:
                raise RefusalError(
                    400, 8000034, message="You cannot delete the active production deployment"
                )
            if deployment.alias is not None and not is_forced:
                aliased = self.of_alias(project, deployment.alias)
                if aliased is not None and aliased.id == deployment.id:
                    raise RefusalError(
                        400,
                        8000035,
                        message="You cannot delete an aliased deployment without a `?force=true`"
                        " parameter in the API request URL",
                    )
            self._rows.delete(deployment.id)

    def delete_all(self, project: Project) -> None:
        """Delete every deployment of the project; the caller holds a transaction."""
        for deployment in tuple(self._rows.select(project_id=project.id)):
            self._rows.delete(deployment.id)

    def count(self, project: Project) -> int:
        """How many deployments the project has."""
        with self._database.lock:
            return self._rows.count(project.id)

    def _alias(self, project: Project, branch: str) -> str:
        # A branch keeps its alias even where the alias is partly random.
        earlier = self._rows.select(project_id=project.id, branch=branch)
        known = (deployment.alias for deployment in earlier if deployment.alias is not None)
        return next(known, None) or branch_alias(branch)

    def all(self, project: Project, *, environment: str | None = None) -> tuple[Deployment, ...]:
        """The project's deployments, the newest first."""
        where = {"project_id": project.id}
        if environment is not None:
            where["environment"] = environment
        with self._database.lock:
            return tuple(self._rows.select(**where))

    def latest(self, project: Project) -> Deployment | None:
        """The project's newest deployment, whatever became of it."""
        with self._database.lock:
            return next(self._rows.select(project_id=project.id), None)

    def get(self, project: Project, deployment_id: str) -> Deployment:
        """The project's deployment with this id. Raises RefusalError 8000009 if it has none."""
        with self._database.lock:
            found = next(self._rows.select(project_id=project.id, id=deployment_id), None)
        if found is None:
            raise RefusalError(404, 8000009, message="Deployment not found in this project")
        return found

    def poll(self, project: Project, deployment_id: str) -> Deployment:
        """The deployment, looked at once more: this can be what moves it on.

        Raises RefusalError 8000009 if the project has none with this id.
        """
        with self._database.transaction():
            deployment = self.get(project, deployment_id)
            self._rows.set_polls(deployment_id, deployment.polls + 1)
            return replace(deployment, polls=deployment.polls + 1)

    def progress(self, deployment: Deployment) -> Progress:
        """How far the deployment is now."""
        return progress(
            deployment.plan,
            created_on=deployment.created_on,
            now=self._settings.now(),
            polls=deployment.polls,
        )

    def canonical(
        self, project: Project, *, at: Callable[[Deployment], bool] = lambda _deployment: True
    ) -> Deployment | None:
        """What production serves: the deployment of the last rollback, or a newer one that came to
        a good end since then. `at` tells which ones have arrived where somebody looks."""
        with self._database.lock:
            candidates = self._rows.for_production(project.id)
            return self._first_live(filter(at, candidates))

    def of_alias(self, project: Project, alias: str) -> Deployment | None:
        """What the host of a branch serves."""
        return self._newest_live(project, alias=alias)

    def of_short_id(self, project: Project, short_id: str) -> Deployment | None:
        """What the host of one deployment serves."""
        return self._newest_live(project, short_id=short_id)

    def _newest_live(self, project: Project, **where: str) -> Deployment | None:
        with self._database.lock:
            return self._first_live(self._rows.select(project_id=project.id, **where))

    def _first_live(self, candidates: Iterator[Deployment]) -> Deployment | None:
        return next((one for one in candidates if self.progress(one).is_live), None)

    def asset_at(self, deployment: Deployment, path: str) -> Asset | None:
        """The asset that the deployment has at exactly this path."""
        with self._database.lock:
            key = self._rows.manifest_key(deployment.id, path)
        return None if key is None else self._assets.find(key)

    def files(
        self, deployment: Deployment, *, start: int, limit: int
    ) -> tuple[tuple[str, str], ...]:
        """Some entries of its manifest, path and asset key, in the order of their paths."""
        with self._database.lock:
            return self._rows.manifest_part(deployment.id, start=start, limit=limit)

    def special_files(self, deployment: Deployment) -> dict[str, bytes]:
        """`_headers`, `_redirects` and so on of a deployment, as they were sent."""
        with self._database.lock:
            return self._rows.special_files(deployment.id)

    def find(self, deployment_id: str) -> Deployment | None:
        """The deployment with this id, whosever it is; None if there is none."""
        with self._database.lock:
            return next(self._rows.select(id=deployment_id), None)
