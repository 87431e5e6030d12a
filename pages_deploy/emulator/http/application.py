"""One request through the emulator, as a WSGI application.

1. tell site, API and page for people apart, by host and path;
2. record the request;
3. do what an ordered fault says, before, instead of or after the real answer;
4. record the status, then answer.
"""

from __future__ import annotations

import threading
import traceback
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pages_deploy.emulator.errors import UNKNOWN_ERROR, RefusalError
from pages_deploy.emulator.http import fault_answers
from pages_deploy.emulator.http.api import Api
from pages_deploy.emulator.http.destinations import Destination, destination
from pages_deploy.emulator.http.envelopes import refusal_response
from pages_deploy.emulator.http.request_log import RecordedRequest, RequestLog
from pages_deploy.emulator.http.routes import PREFIX
from pages_deploy.emulator.http.site_requests import site_request, target_of, worker_request
from pages_deploy.emulator.pages.pages import Pages
from pages_deploy.emulator.sites import hosts
from pages_deploy.emulator.state.names import without_port

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from pages_deploy.emulator.http.faults import Fault, Faults
    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.sites.workerd.runner import WorkerRunner
    from pages_deploy.emulator.state.records import Deployment
    from pages_deploy.emulator.state.store import Store

# wrangler sends about a dozen parts; Werkzeug's own limit is no concern of Pages.
_MAX_FORM_PARTS = 1000


@dataclass(frozen=True, kw_only=True)
class _Visit:
    request: Request
    host: str
    """Without the port."""
    target: str
    """Path and query as sent, still encoded; raw non-ASCII bytes are percent-encoded."""
    destination: Destination

    @property
    def path(self) -> str:
        """What the request is recorded and matched as."""
        if self.destination.kind == "api":
            return self.request.path.removeprefix(PREFIX)
        return f"{self.host}{self.target.partition('?')[0] or '/'}"


class Application:
    """The API, the page for people and the sites of one emulator behind one port.

    `sites` is where they answer, and `workers` runs what is beside a site's files, if anything
    does.
    """

    def __init__(
        self,
        store: Store,
        *,
        sites: SiteAddress,
        ordered_faults: Faults,
        requests: RequestLog,
        workers: WorkerRunner | None = None,
    ) -> None:
        self._store = store
        self._sites = sites
        self._api = Api(store, sites=sites)
        self._pages = Pages(store, sites=sites)
        self._faults = ordered_faults
        self._requests = requests
        self._workers = workers
        self.closing = threading.Event()
        """Once it is set, stalled requests end."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        visit = self._visit(environ)
        request = visit.request
        recorded = RecordedRequest(
            method=request.method,
            path=visit.path,
            query=request.query_string.decode(errors="replace"),
            content_length=request.content_length,
        )
        number = self._requests.arrived(recorded)
        try:
            response = self._answer(visit, self._faults.take(request.method, visit.path))
        finally:
            # A form may have left its file parts in temporary files.
            request.close()
        # The emulator's clock, not the machine's. An ordered answer may bring its own.
        response.headers.setdefault("Date", http_date(self._store.settings.now()))
        self._requests.answered(number, recorded, status=response.status_code)
        return response(environ, start_response)

    def _visit(self, environ: WSGIEnvironment) -> _Visit:
        request = Request(environ)
        # A manifest is one text part of several megabytes.
        request.max_form_memory_size = self._store.settings.max_body_bytes
        request.max_form_parts = _MAX_FORM_PARTS
        return _Visit(
            request=request,
            host=without_port(request.host),
            target=target_of(environ),
            destination=destination(request, self._store),
        )

    def _answer(self, visit: _Visit, fault: Fault | None) -> Response:
        if fault is None:
            return self._process(visit)
        return fault_answers.answer(
            fault, visit.request, process=partial(self._process, visit), closing=self.closing
        )

    @staticmethod
    def _run(workers: WorkerRunner, visit: _Visit, deployment: Deployment) -> Response:
        return workers.answer(worker_request(visit.request), deployment)

    def _process(self, visit: _Visit) -> Response:
        try:
            return self._answer_of(visit)
        # Whatever it is, a client under test must get an answer, and its author the reason.
        except Exception as error:  # noqa: BLE001
            self._requests.report(traceback.format_exc())
            return refusal_response(
                RefusalError(500, UNKNOWN_ERROR, message=f"The emulator failed: {error!r}")
            )

    def _answer_of(self, visit: _Visit) -> Response:
        match visit.destination.kind:
            case "site":
                run = None if self._workers is None else partial(self._run, self._workers, visit)
                return hosts.answer(
                    site_request(visit.request),
                    self._store,
                    host=visit.destination.site_host,
                    page_url=self._sites.page_url,
                    run=run,
                )
            case "api":
                return self._api.answer(visit.request)
            case "page":
                return self._pages.answer(visit.request)
            case "nothing":
                return self._pages.unknown_host(visit.request)
