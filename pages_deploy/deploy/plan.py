"""What a deployment is to be, as one value: settings make it, and `deploy` carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.waiting import DEFAULT_TIMEOUT_SECONDS
from pages_deploy.proof.probe import TIMEOUT_SECONDS as PROBE_TIMEOUT_SECONDS
from pages_deploy.upload.missing import DEFAULT_CONCURRENCY, UploadPlan

if TYPE_CHECKING:
    from pages_deploy.api.models import Project
    from pages_deploy.deploy.commit_order import CommitOrder
    from pages_deploy.deploy.planned_worker import PlannedWorker
    from pages_deploy.deploy.purge import Purge
    from pages_deploy.proof.proof import ProofMode

NO_COMMIT = Commit()

DomainsMode = Literal["off", "warn", "fail"]
DOMAINS_MODES: tuple[DomainsMode, ...] = get_args(DomainsMode)


@dataclass(frozen=True)
class Plan:
    """What a deployment is to be, but for its files: those are the manifest's."""

    project_name: str
    """The project that it goes to."""
    branch: str = ""
    """Decides between production and preview; without one it is production."""
    commit: Commit = NO_COMMIT
    """What it is made from, as the dashboard will show it."""
    creates_project: bool = False
    """Whether a project that is missing is created."""
    production_branch: str = "main"
    """That of a project that is created; one that exists keeps its own."""
    skips_caching: bool = False
    """Whether every file is uploaded, also those that Pages holds."""
    concurrency: int = DEFAULT_CONCURRENCY
    """How many upload requests run at once."""
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    """How long it may take from its creation to its end."""
    proof: ProofMode = "off"
    """Of which files it is proved that they are served as they were sent."""
    proof_request_timeout_seconds: float = PROBE_TIMEOUT_SECONDS
    """The longest silence of the site within one request of the proof."""
    skips_unchanged: bool = False
    """Whether nothing is created where exactly these files, rules and Worker code are live."""
    verifies_domains: DomainsMode = "off"
    """Whether the same is proved at every active custom domain, and what comes of one that is
    wrong: after a production deployment, also where nothing else is proved."""
    rolls_back: bool = False
    """Whether production goes back to what was live before, where it came out wrong."""
    worker: PlannedWorker | None = None
    """The Worker code that answers some of its paths."""
    purge: Purge | None = None
    """What to drop from a zone's cache after a good production deployment."""
    compares_pages: bool = False
    """Whether to find out which pages differ from what production served before."""
    commit_order: CommitOrder | None = None
    """How to see to it that production stays at the newest commit; None to deploy regardless."""

    @property
    def upload(self) -> UploadPlan:
        """How what Pages lacks is sent."""
        return UploadPlan(self.project_name, self.concurrency, skips_caching=self.skips_caching)

    def environment_in(self, project: Project | None) -> Literal["production", "preview"]:
        """Return where in a project the branch leads to; None is one that is to be created."""
        production = self.production_branch if project is None else project.production_branch
        return "production" if self.branch in {"", production} else "preview"
