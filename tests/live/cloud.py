"""A Cloudflare with one project to try the contract on: the emulator, or the real one.

What is made is unmade at the end, also after a failure and after Ctrl-C.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.api.call import Call
from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit
from pages_deploy.api.projects import projects_path
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.emulator.server import Emulator
from pages_deploy.errors import ApiResponseError, NotFoundError
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.net.sessions import new_session
from pages_deploy.site.manifest import build_manifest
from pages_deploy.worker.bundler import Bundler
from pages_deploy.worker.programs import Search
from pages_deploy.worker.worker import WorkerSources, find_worker
from tests.live.checks import Checks
from tests.world import FakeTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.net.sessions import Session
    from tests.live.report import Report

PREFIX = "pages-deploy-live-"
PRODUCTION_BRANCH = "main"
# A new project may take a minute until its certificate is everywhere.
LIVE_PATIENCE_SECONDS = 120.0
# What is there already may still be asked for at an edge that has not heard of it.
LIVE_DELAY_SECONDS = 15.0
LEFTOVER_AGE = timedelta(days=1)
# Headers of the connection and of the network, which no deployment decides.
NOT_OF_THE_SITE = frozenset(
    {
        *("alt-svc", "cf-ray", "cf-cache-status", "connection", "content-encoding"),
        *("content-length", "date", "nel", "report-to", "server", "server-timing", "set-cookie"),
        *("speculation-rules", "transfer-encoding", "vary"),
    }
)
COMMIT = Commit("0123456789abcdef0123456789abcdef01234567", "say hello", dirty=True)


@dataclass(frozen=True)
class Cloud:
    """One account with one project, and what is done with it."""

    client: PagesClient
    session: Session
    """Asks the sites; it has no credentials."""
    report: Report
    project_name: str
    patience_seconds: float = 0.0
    """How long a site may take until it serves what is new."""
    delay_seconds: float = 0.0
    """How long anything else may take to be seen."""

    @property
    def run(self) -> str:
        """A word that no other run has, so that its files are new to the asset store."""
        return self.project_name.removeprefix(PREFIX)

    def checks(self, contract: str, *, is_new_site: bool = False) -> Checks:
        """Begin a part of the contract."""
        seconds = self.patience_seconds if is_new_site else self.delay_seconds
        timer = self.client.transport.timer
        return Checks(self.report, contract, timer=timer, patience_seconds=seconds)

    def deploy(
        self,
        files: Mapping[str, str],
        *,
        branch: str = PRODUCTION_BRANCH,
        functions: Mapping[str, str] | None = None,
    ) -> Deployed:
        """Deploy files, and Worker code if there is some, and wait for the end."""
        with tempfile.TemporaryDirectory() as scratch:
            site = write(Path(scratch) / "site", files)
            worker = None
            if functions is not None:
                sources = WorkerSources(
                    site,
                    Bundler(Search(Path(scratch)), mode="never"),
                    functions=write(Path(scratch) / "functions", functions),
                )
                found = find_worker(sources)
                worker = None if found is None else PlannedWorker(found)
            plan = Plan(self.project_name, branch, COMMIT, worker=worker)
            return deploy(self.client, build_manifest(site), plan)

    # Any: JSON of the API as it comes.
    def document(self, path: str = "", **query: str) -> Any:
        """Return the result of a GET below the project, as the API writes it."""
        whole = f"{projects_path(self.client.account_id)}/{self.project_name}{path}"
        return self.client.transport.request(
            Call("GET", whole, f"look at {path or 'the project'}", query=query), lambda it: it
        )

    def canonical(self) -> str:
        """Return the id of the deployment that production serves."""
        live = self.client.projects.get(self.project_name).canonical_deployment
        return "" if live is None else live.id

    def visit(
        self, url: str, path: str = "/", *, method: str = "GET", **headers: str
    ) -> dict[str, Any]:
        """Ask a site; returns status, body and all that the deployment decides of the headers.

        Without any answer the status is 0.
        """
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        # A compressed answer would have another ETag.
        fields.setdefault("Accept-Encoding", "identity")
        request = Request(method, url.rstrip("/") + path, headers=fields)
        try:
            answer = self.session.send(request)
        except NoAnswerError as error:
            return {"status": 0, "body": error.failure.reason}
        shown = {
            name.lower(): answer.header(name)
            for name in answer.headers
            if name.lower() not in NOT_OF_THE_SITE
        }
        return {"status": answer.status, "body": answer.content.decode("utf-8", "replace"), **shown}


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files into a new directory."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return root


@contextlib.contextmanager
def emulated(report: Report) -> Iterator[Cloud]:
    """Start an emulator, where everything is there at once."""
    with Emulator() as emulator:
        client = PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=emulator.api_base_url,
            timer=FakeTime().timer,
        )
        with client, new_session() as session, temporary_project(client, report) as name:
            yield Cloud(client, session, report, name)


@contextlib.contextmanager
def real(environ: Mapping[str, str], report: Report) -> Iterator[Cloud]:
    """Connect to the account that the environment names."""
    # A CI that cancels a job sends this one; the project goes away as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with PagesClient.from_environment(environ) as client:
            _name_leftovers(client, report)
            with (
                new_session(ca_bundle=client.ca_bundle) as session,
                temporary_project(client, report) as name,
            ):
                yield Cloud(
                    client, session, report, name, LIVE_PATIENCE_SECONDS, LIVE_DELAY_SECONDS
                )
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def temporary_project(client: PagesClient, report: Report) -> Iterator[str]:
    """Create a project of a random name, and delete it at the end."""
    name = PREFIX + secrets.token_hex(4)
    try:
        client.projects.create(name, production_branch=PRODUCTION_BRANCH)
        yield name
    finally:
        try:
            remove_project(client, name)
        except BaseException:
            report.note(f"Project {name} is left. Delete it: pages-deploy projects delete {name}")
            raise


def remove_project(client: PagesClient, name: str) -> None:
    """Delete a project, and before it its deployments where it has too many of them."""
    try:
        client.projects.delete(name)
    except NotFoundError:
        return
    except ApiResponseError:
        for deployment in list(client.deployments.list(name)):
            # The live one cannot be deleted but with its project.
            with contextlib.suppress(ApiResponseError):
                client.deployments.delete(name, deployment.id, force=True)
        client.projects.delete(name)


def _name_leftovers(client: PagesClient, report: Report) -> None:
    """Tell of projects that earlier runs could not delete; a young one may be in use."""
    before = datetime.now(UTC) - LEFTOVER_AGE
    for project in client.projects.list():
        is_old = project.created_on is not None and project.created_on < before
        if project.name.startswith(PREFIX) and is_old:
            report.note(
                f"An earlier run has left project {project.name}, made {project.created_on}. "
                f"Delete it: pages-deploy projects delete {project.name}"
            )
