"""The emulator as an object: start it, point a client at it, order faults, look at what happened.

`Emulator` is a context manager; `Emulator.environ()` is what a client's environment needs.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self, Unpack

from pages_deploy.emulator.errors import EmulatorError
from pages_deploy.emulator.http import faults
from pages_deploy.emulator.http.application import Application
from pages_deploy.emulator.http.connections import listen
from pages_deploy.emulator.http.host_answers import HOST_ANSWERS, HostAnswer
from pages_deploy.emulator.http.request_log import RecordedRequest, RequestLog, Watchers
from pages_deploy.emulator.http.routes import PREFIX
from pages_deploy.emulator.http.served import Served
from pages_deploy.emulator.http.worker_assets import WorkerAssets
from pages_deploy.emulator.sites.addresses import SiteAddress
from pages_deploy.emulator.sites.hosts import project_at
from pages_deploy.emulator.sites.workerd.process import Launch
from pages_deploy.emulator.sites.workerd.runner import WorkerRunner
from pages_deploy.emulator.state.domain_plans import DomainEnd, DomainPlan
from pages_deploy.emulator.state.names import SITE_SUFFIX, without_port
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.stages import EndStatus, StageName, StagePlan, StagePolicy
from pages_deploy.emulator.state.store import Store
from pages_deploy.emulator.state.workers import Worker, WorkerFaultError

if TYPE_CHECKING:
    import socket
    from pathlib import Path
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

_LOOPBACK: Final = "127.0.0.1"
_DEFAULT_SETTINGS: Final = EmulatorSettings()
# What to listen on for `localhost` to lead there.
_LOCALHOST: Final = frozenset({"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"})  # noqa: S104 - compared


@dataclass(frozen=True)
class _Running:
    store: Store
    application: Application
    served: tuple[Served, ...]
    workers: WorkerRunner | None
    port: int


class Emulator:
    """Cloudflare Pages behind one port of this machine.

    `port` 0 means any free one. `data` is a directory that keeps projects, deployments and assets
    for the next start; without one they end with the emulator. The watchers are called from any
    thread: `on_request` with each request before it takes effect, `log` with one line for each
    before its answer is sent. `start` raises EmulatorError if the port or the directory cannot be
    used; so does everything that needs a running emulator while it is not running.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        settings: EmulatorSettings = _DEFAULT_SETTINGS,
        **watchers: Unpack[Watchers],
    ) -> None:
        self.settings: Final = settings
        """How this Cloudflare is."""
        self._host = host
        self._wanted_port = port
        self._data = data
        self._faults = faults.Faults()
        self._requests = RequestLog(**watchers)
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Listen and answer in a background thread. When this returns, clients can connect.

        Raises EmulatorError if it runs already, and for a port or a directory it cannot use.
        """
        if self._running is not None:
            raise EmulatorError("the emulator is running already")
        with contextlib.ExitStack() as listeners:
            listener = listeners.enter_context(listen(self._host, self._wanted_port))
            inside = listeners.enter_context(listen(_LOOPBACK, 0))
            port = int(listener.getsockname()[1])
            named = self.settings.api_hosts | {self._host}
            store = Store(self._data, settings=replace(self.settings, api_hosts=named))
            workers = self._workers(store, inside)
            application = Application(
                store,
                sites=self._addresses(port),
                ordered_faults=self._faults,
                requests=self._requests,
                workers=workers,
            )
            served = [self._serve(listener, application)]
            if workers is not None:
                assets = WorkerAssets(store, workers, report=self._requests.report)
                served.append(self._serve(inside, assets))
        self._running = _Running(store, application, tuple(served), workers, port)

    def _workers(self, store: Store, assets: socket.socket) -> WorkerRunner | None:
        if self.settings.workerd is None:
            return None
        launch = Launch(
            program=self.settings.workerd,
            environ=self.settings.workerd_environ,
            assets_port=int(assets.getsockname()[1]),
            start_seconds=self.settings.worker_start_seconds,
            on_line=self._requests.worker_said,
        )
        return WorkerRunner(store, launch)

    def _serve(self, listener: socket.socket, application: WSGIApplication) -> Served:
        return Served(
            listener,
            application,
            report=self._requests.report,
            max_body_bytes=self.settings.max_body_bytes,
        )

    def close(self) -> None:
        """Stop answering, end every connection and thread, let go of the data directory."""
        running, self._running = self._running, None
        if running is None:
            return
        running.application.closing.set()
        for served in running.served:
            served.stop_accepting()
        if running.workers is not None:
            # Who waits for a Worker stops waiting.
            running.workers.close()
        for served in running.served:
            served.close()
        running.store.close()

    def _addresses(self, port: int) -> SiteAddress:
        # What listens there can be reached as `localhost`, where the sites are.
        if self._host in _LOCALHOST:
            return SiteAddress(port)
        return SiteAddress(port, self._host_in_url)

    def _need(self) -> _Running:
        if self._running is None:
            raise EmulatorError("the emulator is not running")
        return self._running

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._need().port

    @property
    def store(self) -> Store:
        """Its state: to look at, and to add what no call of the API can add."""
        return self._need().store

    @property
    def api_base_url(self) -> str:
        """The value for CLOUDFLARE_API_BASE_URL."""
        return f"http://{self._host_in_url}:{self.port}{PREFIX}"

    @property
    def page_url(self) -> str:
        """Where people see what is deployed, in a browser."""
        return self._addresses(self.port).page_url

    @property
    def _host_in_url(self) -> str:
        return f"[{self._host}]" if ":" in self._host else self._host

    @property
    def api_token(self) -> str:
        """The first API token of the settings."""
        return next(iter(self.settings.api_tokens))

    @property
    def account_id(self) -> str:
        """The first account of the settings."""
        return next(iter(self.settings.accounts))

    @property
    def zone_id(self) -> str:
        """The first zone of the settings."""
        return next(iter(self.settings.zones))

    def environ(self) -> dict[str, str]:
        """The environment variables that point a client at this emulator."""
        return {
            "CLOUDFLARE_API_BASE_URL": self.api_base_url,
            "CLOUDFLARE_API_TOKEN": self.api_token,
            "CLOUDFLARE_ACCOUNT_ID": self.account_id,
        }

    def site_url(self, host_label: str) -> str:
        """The URL of a site by the labels before `.localhost`: `demo`, `staging.demo`."""
        return SiteAddress(self.port).url(host_label)

    def worker_of(self, deployment_id: str) -> Worker | None:
        """The Worker of a deployment: its modules, metadata and routes; None if it has none.

        Raises EmulatorError for an unknown deployment, and for a Worker that cannot be read.
        """
        deployment = self.store.deployments.find(deployment_id)
        if deployment is None:
            raise EmulatorError(f"no deployment has the id {deployment_id!r}")
        try:
            return self.store.workers.of(deployment)
        except WorkerFaultError as fault:
            raise EmulatorError(str(fault)) from fault

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """Every request so far, in the order of arrival."""
        return self._requests.all()

    def fail_next(
        self, method: str, path_pattern: str, fault: faults.Fault, *, times: int | None = 1
    ) -> None:
        """The next `times` matching requests get the fault; None means all from now on.

        Method `*` matches every method; the pattern is explained in `faults`.
        """
        self._faults.order(method, path_pattern, fault=fault, times=times)

    def stop_failing(self) -> None:
        """Forget the faults that were ordered and have not happened."""
        self._faults.cancel_all()

    def outcome_next(
        self,
        *,
        stage: StageName = "deploy",
        status: EndStatus = "success",
        policy: StagePolicy | None = None,
        error: str | None = None,
        times: int = 1,
    ) -> None:
        """The next `times` deployments end at `stage` with `status`; `active` means never.

        They move at the pace of `policy`, or of the settings. `error` is the reason that the log
        gives for a failure, or that `skip_reason` gives for `skipped` or `idle`. Raises ValueError
        for a plan that no deployment can have.
        """
        plan = StagePlan(stage, status, policy or self.settings.stage_policy)
        self.store.deployments.order_outcome(plan, error=error, times=times)

    def domain_outcome_next(
        self,
        *,
        status: DomainEnd = "active",
        polls: int | None = None,
        verification_error: str | None = None,
        validation_error: str | None = None,
        times: int = 1,
    ) -> None:
        """The next `times` custom domains end with `status`, `pending` means never.

        So do those whose checks a client has made again. They get there at the pace of `polls`, or
        of the settings. The errors are what the two checks show. Raises ValueError for a plan that
        no domain can have.
        """
        plan = DomainPlan(
            status=status,
            polls=self.settings.domain_polls if polls is None else polls,
            verification_error=verification_error,
            validation_error=validation_error,
        )
        self.store.domains.order_outcome(plan, times=times)

    def lag(self, host: str, *, seconds: float | None = None) -> None:
        """Production arrives late at a host: so many seconds after its creation, with None never.

        Till then the host serves what is live now, and nothing before the first. It is the label of
        a project's own host, such as `demo`, or a custom domain. Raises EmulatorError for others.
        """
        host = _host(host)
        store = self.store
        project = project_at(host, store)
        if project is None:
            raise EmulatorError(f"{host} is neither a project's own host nor a custom domain")
        known = frozenset(deployment.id for deployment in store.deployments.all(project))
        store.lags.order(host, seconds=seconds, known=known)

    def domain_answers(self, host: str, answer: HostAnswer) -> None:
        """From now on this answers at a host, named as in `lag`, whatever is asked there.

        `stop_failing` ends it.
        """
        self.fail_next("*", f"{_host(host)}/*", HOST_ANSWERS[answer], times=None)


def _host(name: str) -> str:
    host = without_port(name)
    return host if "." in host else f"{host}{SITE_SUFFIX}"
