"""What Workers know as `env.ASSETS`, as a WSGI application behind a port of its own.

Every request is answered by the assets of the deployment whose Worker asks, with its `_headers` and
`_redirects`. Which one that is shows the secret of its process; who has none gets nothing. What is
asked here is no visitor's request: none is recorded, and none gets an ordered fault.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pages_deploy.emulator.http.site_requests import site_request
from pages_deploy.emulator.sites import hosts
from pages_deploy.emulator.sites.workerd.config import SECRET_HEADER
from pages_deploy.emulator.state.names import without_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from pages_deploy.emulator.sites.workerd.runner import WorkerRunner
    from pages_deploy.emulator.state.store import Store


class WorkerAssets:
    """The assets behind the Workers of one emulator; `report` gets what goes wrong inside."""

    def __init__(
        self, store: Store, workers: WorkerRunner, *, report: Callable[[str], None]
    ) -> None:
        self._store = store
        self._workers = workers
        self._report = report

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        # As for visitors: whoever asks must get an answer, and its author the reason.
        except Exception as error:  # noqa: BLE001
            self._report(traceback.format_exc())
            response = Response(f"The emulator failed: {error!r}\n", status=500)
        response.headers.setdefault("Date", http_date(self._store.settings.now()))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        deployment = self._workers.deployment_of(request.headers.get(SECRET_HEADER, ""))
        if deployment is None:
            return Response("Only Workers of the emulator are answered here.\n", status=403)
        host = without_port(request.host)
        return hosts.answer_by_assets(site_request(request), deployment, self._store, host=host)
