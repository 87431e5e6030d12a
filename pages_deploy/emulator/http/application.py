"""One request through the emulator, as a WSGI application.

1. tell API from site by the host;
2. record the request;
3. do what an ordered fault says, before, instead of or after the real answer;
4. record the status, then answer.
"""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http import faults, wire
from pages_deploy.emulator.http.api import PREFIX, Api
from pages_deploy.emulator.http.request_log import RecordedRequest, RequestLog
from pages_deploy.emulator.sites import sites
from pages_deploy.emulator.sites.serving import SiteRequest
from pages_deploy.emulator.state import names

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from pages_deploy.emulator.state.settings import EmulatorSettings
    from pages_deploy.emulator.state.store import Store

RAW_TARGET = "pages_deploy.raw_target"
"""Key of the WSGI environment: path and query as bytes, still encoded, as sent."""

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
# wrangler sends about a dozen parts; Werkzeug's own limit is no concern of Pages.
_MAX_FORM_PARTS = 1000


class WithheldAnswerError(ConnectionError):
    """The connection is gone on purpose: nothing may be written to it."""


@dataclass(frozen=True, kw_only=True)
class _Visit:
    request: Request
    host: str
    """Without the port."""
    target: str
    """The path as sent, still encoded; raw non-ASCII bytes are percent-encoded."""
    is_site: bool

    @property
    def path(self) -> str:
        """What the request is recorded and matched as."""
        if self.is_site:
            return f"{self.host}{self.target}"
        return self.request.path.removeprefix(PREFIX)


class Application:
    """The API and the sites of one emulator behind one port."""

    def __init__(
        self,
        store: Store,
        *,
        settings: EmulatorSettings,
        site_address: names.SiteAddress,
        ordered_faults: faults.Faults,
        requests: RequestLog,
        closing: threading.Event,
        log: Callable[[str], None],
        on_request: Callable[[RecordedRequest], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._api = Api(store, settings=settings, sites=site_address)
        self._faults = ordered_faults
        self._requests = requests
        self._closing = closing
        self._log = log
        self._on_request = on_request

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
        self._on_request(recorded)
        try:
            response = self._answer(visit, self._faults.take(request.method, visit.path))
        finally:
            # A form may have left its file parts in temporary files.
            request.close()
        # The emulator's clock, not the machine's. An ordered answer may bring its own.
        response.headers.setdefault("Date", http_date(self._settings.now()))
        self._requests.answered(number, status=response.status_code)
        self._log(f"{request.method} {visit.path} {response.status_code}")
        return response(environ, start_response)

    def _visit(self, environ: WSGIEnvironment) -> _Visit:
        request = Request(environ)
        request.max_content_length = self._settings.max_body_bytes
        # A manifest is one text part of several megabytes.
        request.max_form_memory_size = self._settings.max_body_bytes
        request.max_form_parts = _MAX_FORM_PARTS
        host = names.without_port(request.host)
        return _Visit(
            request=request,
            host=host,
            target=quote_from_bytes(environ[RAW_TARGET], safe=_ASCII).partition("?")[0] or "/",
            is_site=sites.is_site(host, self._store),
        )

    def _answer(self, visit: _Visit, fault: faults.Fault | None) -> Response:
        connection: socket.socket = visit.request.environ["werkzeug.socket"]
        match fault:
            case None:
                return self._real_answer(visit)
            case faults.Answer():
                if fault.is_processed:
                    self._real_answer(visit)
                return Response(fault.body, status=fault.status, headers=dict(fault.headers))
            case faults.ExpiredUploadToken():
                return wire.expired_token_response()
            case faults.ConnectionReset():
                faults.reset(connection)
                raise WithheldAnswerError
            case faults.LostAnswer():
                self._real_answer(visit)
                if fault.is_reset:
                    faults.reset(connection)
                raise WithheldAnswerError
            case faults.Stall():
                # With the body out of the way, what is left to read is the sender's goodbye. A
                # body that cannot be read is for the real answer to complain about.
                with contextlib.suppress(HTTPException):
                    visit.request.get_data(cache=True)
                response = self._real_answer(visit) if fault.is_processed else None
                if self._closing.wait(fault.seconds) or faults.has_left(connection):
                    raise WithheldAnswerError
                return self._real_answer(visit) if response is None else response
            case faults.TruncatedAnswer():
                return _truncated(self._real_answer(visit))

    def _real_answer(self, visit: _Visit) -> Response:
        try:
            if not visit.is_site:
                return self._api.answer(visit.request)
            request = SiteRequest(
                method=visit.request.method, path=visit.target, headers=visit.request.headers
            )
            return sites.answer(request, self._store, host=visit.host)
        # Whatever it is, a client under test must get an answer, and its author the reason.
        except Exception as error:  # noqa: BLE001
            self._log(traceback.format_exc())
            return wire.refusal_response(
                RefusalError(500, 8000000, message=f"The emulator failed: {error!r}")
            )


def _truncated(response: Response) -> Response:
    body = response.get_data()
    cut = Response(body[: len(body) // 2], status=response.status, headers=response.headers)
    cut.automatically_set_content_length = False
    # At least one byte short, even where there was no body.
    cut.headers["Content-Length"] = str(max(len(body), 1))
    cut.headers["Connection"] = "close"
    return cut
