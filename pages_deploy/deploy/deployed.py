"""What a deployment has reached: its result, and the errors that carry it where it is not good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import DeploymentError, PagesDeployError, VerificationError
from pages_deploy.proof.proof import NO_PROOF

if TYPE_CHECKING:
    from pages_deploy.api.models import Deployment, Project
    from pages_deploy.proof.changes import Changes
    from pages_deploy.proof.proof import Proof
    from pages_deploy.upload.upload import Uploaded


@dataclass(frozen=True)
class Deployed:
    """A deployment, and what came of it."""

    deployment: Deployment
    """As it was when it was last asked for."""
    project: Project
    """As it was before the deployment."""
    files: int
    """How many paths the manifest has."""
    uploaded: Uploaded
    """What Pages lacked."""
    duration_seconds: float
    """From the first question about the project to here, without any hashing."""
    proof: Proof = NO_PROOF
    """What is known of how it is served."""
    is_wrong: bool = False
    """Whether the proof failed, or the deployment itself."""
    rolled_back_to: str = ""
    """The id of the deployment that production went back to."""
    production_url: str = ""
    """The address of production that people share, without a final slash."""
    changes: Changes | None = None
    """How its pages differ from production's; None where nobody asked."""
    passed_over: Literal["", "unchanged", "superseded"] = ""
    """Why not this run's files but `deployment`, which was live, is live: it has the same files, or
    a newer commit; empty where this run's own is."""

    @property
    def status(self) -> str:
        """`success`, `unchanged` or `superseded`; of one that failed, its stage's status."""
        return self.passed_over or self.deployment.latest_stage.status

    @property
    def alias(self) -> str:
        """The address people should be given: production's, or a preview's branch alias."""
        if self.deployment.environment == "production":
            return self.production_url or self.deployment.url
        return next(iter(self.deployment.aliases), self.deployment.url)


class FailedDeploymentError(DeploymentError):
    """Cloudflare ended the deployment without success; `deployed` is what was reached."""

    def __init__(self, error: DeploymentError, deployed: Deployed) -> None:
        super().__init__(
            error.message,
            _hint(error, deployed),
            deployment_id=error.deployment_id,
            url=error.url,
            stage=error.stage,
            log_lines=error.log_lines,
        )
        self.deployed = deployed

    def rolled_back(self, deployment_id: str) -> FailedDeploymentError:
        """Return the error to raise once production has gone back to an earlier deployment."""
        return FailedDeploymentError(self, replace(self.deployed, rolled_back_to=deployment_id))


class UnservedDeploymentError(VerificationError):
    """The deployment does not serve what was sent; `deployed` is what was reached."""

    def __init__(self, error: VerificationError, deployed: Deployed) -> None:
        super().__init__(error.message, _hint(error, deployed), broken=error.broken)
        self.deployed = deployed

    def rolled_back(self, deployment_id: str) -> UnservedDeploymentError:
        """Return the error to raise once production has gone back to an earlier deployment."""
        return UnservedDeploymentError(self, replace(self.deployed, rolled_back_to=deployment_id))


class UnservedDomainError(UnservedDeploymentError):
    """A custom domain does not serve what was sent, although Pages does."""


class UnaddressedDeploymentError(PagesDeployError):
    """The API names no address of the deployment that could be one; `deployed` is what it made."""

    def __init__(self, deployed: Deployed) -> None:
        deployment = deployed.deployment
        super().__init__(
            f"Deployment {deployment.id} of project '{deployed.project.name}' succeeded, but "
            "the API gives no usable address for it, so it could not be checked.",
            "Check the project's page in the dashboard; a proxy or gateway may have changed the "
            "answers of the API.",
        )
        self.deployed = deployed


class SupersededDeploymentError(PagesDeployError):
    """Production serves a newer commit, which the plan takes for a failure.

    `deployed` has the deployment that is live.
    """

    def __init__(self, message: str, deployed: Deployed) -> None:
        super().__init__(
            message,
            "To make the older commit live anyway, run again with --if-older deploy.",
        )
        self.deployed = deployed


def _hint(error: DeploymentError | VerificationError, deployed: Deployed) -> str:
    if not deployed.rolled_back_to:
        return error.hint
    return f"Production now serves {deployed.rolled_back_to}. {error.hint}"
