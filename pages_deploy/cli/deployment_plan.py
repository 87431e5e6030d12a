"""From settings to the plan of a deployment, for what makes it and for what only foretells it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pages_deploy.cli.commit_history import commit_order_of
from pages_deploy.cli.connection import check_way, connected
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.worker_presence import may_have_worker
from pages_deploy.deploy.plan import DomainsMode, Plan
from pages_deploy.deploy.purge import Purge
from pages_deploy.deploy.watcher import Watcher
from pages_deploy.errors import NotFoundError
from pages_deploy.proof.probe import TIMEOUT_SECONDS as PROBE_TIMEOUT_SECONDS
from pages_deploy.proof.proof import ProofMode
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

if TYPE_CHECKING:
    from pages_deploy.forge.forge import Forge
    from pages_deploy.worker.bundler import Compatibility

SKIPPED = (
    "Nothing is deployed: pull requests from forks and of Dependabot get no secrets, so there is "
    "no API token. REQUIRE_TOKEN makes this an error."
)


class PlanWatcher(Watcher):
    """Tells the console what happens, and holds the target against what the settings expect."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def step(self, text: str) -> None:
        """Say what happens now."""
        self._runtime.console.step(text)

    def warn(self, text: str) -> None:
        """Say what went wrong without harm."""
        self._runtime.console.warn(text)

    def notice(self, text: str) -> None:
        """Say what must be seen although nothing is wrong."""
        self._runtime.console.notice(text)

    def detail(self, text: str) -> None:
        """Say what only helps to find out why."""
        self._runtime.console.detail(text)

    def environment_known(self, environment: str) -> None:
        """Object to a deployment that would land where it is not expected."""
        self._settings.check_expectation(environment)


def plan_of(settings: Settings, runtime: Runtime, forge: Forge | None) -> Plan:
    """Return the deployment that the settings ask for, without its Worker.

    Raises SettingsError for what is missing or wrong, as far as that can be told without a network
    and before anything takes its time.
    """
    settings.check_credentials()
    check_way(settings, runtime)
    settings.required(options.DIRECTORY)
    what = settings.purge
    verifies_domains = settings.text(options.VERIFY_DOMAINS)
    if not verifies_domains:
        verifies_domains = "off" if settings.text(options.VERIFY) == "off" else "warn"
    return Plan(
        project_name=settings.required(options.PROJECT_NAME),
        branch=settings.branch,
        commit=settings.commit,
        creates_project=settings.switch(options.CREATE_PROJECT),
        production_branch=settings.text(options.PRODUCTION_BRANCH),
        skips_caching=settings.switch(options.SKIP_CACHING),
        concurrency=int(settings.number(options.CONCURRENCY)),
        timeout_seconds=settings.number(options.TIMEOUT),
        # One of each option's choices, as its check has seen to.
        proof=cast("ProofMode", settings.text(options.VERIFY)),
        verifies_domains=cast("DomainsMode", verifies_domains),
        proof_request_timeout_seconds=min(
            PROBE_TIMEOUT_SECONDS, settings.number(options.REQUEST_TIMEOUT)
        ),
        skips_unchanged=settings.text(options.IF_UNCHANGED) == "skip",
        rolls_back=settings.switch(options.ROLLBACK_ON_FAILURE),
        purge=None if what == "off" else Purge(settings.text(options.ZONE_ID), what),
        commit_order=commit_order_of(settings, runtime, forge),
    )


def with_worker(plan: Plan, settings: Settings, runtime: Runtime) -> Plan:
    """Return a plan with its Worker, compiled; raises WorkerError for what is wrong with it."""
    if not may_have_worker(settings):
        return plan
    # Imported where it is needed: most sites have no Worker code.
    from pages_deploy.cli.worker_code import read_worker  # noqa: PLC0415

    worker = read_worker(
        settings, runtime, project_compatibility=lambda: _compatibility(settings, runtime, plan)
    )
    return replace(plan, worker=worker)


def _compatibility(settings: Settings, runtime: Runtime, plan: Plan) -> Compatibility:
    """Return date and flags of the project as it is; raises ApiError."""
    with connected(settings, runtime) as client:
        try:
            project = client.projects.get(plan.project_name)
        except NotFoundError:
            # It is about to be created, or the deployment will say that it is missing.
            return "", ()
    own = project.environments.get(plan.environment_in(project))
    return ("", ()) if own is None else (own.compatibility_date, own.compatibility_flags)
