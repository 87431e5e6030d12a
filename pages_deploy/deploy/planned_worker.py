"""The Worker of a planned deployment, and what is sent of it once the project is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pages_deploy.api.deployments import WorkerParts
from pages_deploy.worker.bundle import bundle_bytes

if TYPE_CHECKING:
    from pages_deploy.api.models import Project
    from pages_deploy.errors import DeploymentError
    from pages_deploy.proof.worker_route import WorkerRoute
    from pages_deploy.worker.configuration import Environment, WorkerConfiguration
    from pages_deploy.worker.worker import Worker


# As the log has it: Uncaught Error: No such module "x". imported from "y".
_NO_MODULE = "No such module"
_SHOWN_NAMES = 100


@dataclass(frozen=True)
class PlannedWorker:
    """A Worker that was compiled, and how it is to be deployed."""

    worker: Worker
    configuration: WorkerConfiguration | None = None
    """The configuration file of a Pages project; without one, the project's own counts."""
    routes: tuple[WorkerRoute, ...] = ()
    """What it has to answer after the deployment."""

    # Any: an object of JSON.
    def metadata(self, environment: Environment, project: Project | None) -> dict[str, Any]:
        """Return the metadata of the bundle, but for the main module's name.

        Date and flags are the project's where the file has none; None is a project to be created.
        """
        if self.configuration is None:
            return {}
        own = None if project is None else project.environments.get(environment)
        return self.configuration.metadata(
            environment,
            project_date="" if own is None else own.compatibility_date,
            project_flags=() if own is None else own.compatibility_flags,
        )

    def explained(self, error: DeploymentError) -> DeploymentError:
        """Return the error of a deployment that failed, with what its log leaves open.

        Where Cloudflare misses a module, the names of those that were sent are told.
        """
        if not any(_NO_MODULE in line for line in error.log_lines):
            return error
        script = self.worker.script
        names = [module.name for module in (script.main, *script.others)]
        shown = ", ".join(names[:_SHOWN_NAMES])
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        return error.with_hint(f"{error.hint} The modules that were sent: {shown}{more}.")

    def parts(self, environment: Environment, project: Project) -> WorkerParts:
        """Return what is sent beside the assets; raises WorkerError for a bundle too large."""
        return WorkerParts(
            bundle_bytes(self.worker.script, self.metadata(environment, project)),
            self.worker.routing_config,
            self.worker.routes_json,
        )
