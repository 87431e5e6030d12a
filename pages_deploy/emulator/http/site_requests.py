"""A request as the sites of an emulator are asked: by their assets, and by their Workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes

from pages_deploy.emulator.sites.serving import SiteRequest
from pages_deploy.emulator.sites.workerd.exchange import WorkerRequest
from pages_deploy.rules.requests import read_address

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.wrappers import Request

RAW_TARGET: Final = "pages_deploy.raw_target"
"""Key of the WSGI environment: path and query as bytes, still encoded, as sent."""

RAW_FIELDS: Final = "pages_deploy.raw_fields"
"""Key of the WSGI environment: the header fields as sent, without Host."""

_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
# Who asks, as the Worker is told: what the visitor says of himself does not count.
# https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip
_VISITOR: Final = "CF-Connecting-IP"


def target_of(environ: WSGIEnvironment) -> str:
    """Path and query as sent; raw bytes above ASCII are percent-encoded."""
    return quote_from_bytes(environ[RAW_TARGET], safe=_ASCII)


def site_request(request: Request) -> SiteRequest:
    """The request as the assets answer it."""
    return SiteRequest(
        method=request.method,
        address=read_address(request.host, target_of(request.environ)),
        fields={name.lower(): value for name, value in request.headers.items()},
    )


def worker_request(request: Request) -> WorkerRequest:
    """The request as the Worker gets it."""
    fields = [
        (name, value)
        for name, value in request.environ[RAW_FIELDS]
        if name.lower() != _VISITOR.lower()
    ]
    return WorkerRequest(
        method=request.method,
        target=target_of(request.environ),
        host=request.host,
        fields=(*fields, (_VISITOR, request.remote_addr or "127.0.0.1")),
        body=request.environ["wsgi.input"],
    )
