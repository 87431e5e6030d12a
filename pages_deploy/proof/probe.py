"""Ask a site for one asset, and tell what is served in its place.

1. Ask by HEAD at the asset's path; redirects are followed within the host only. A path that a rule
   of the site's own `_redirects` answers proves nothing either way.
2. The ETag of Pages is the asset hash, weak or strong (workers-sdk,
   `packages/pages-shared/asset-server/handler.ts`). Where there is none, or the site's `_headers`
   set it, the body decides; of HTML, which Cloudflare may rewrite, status and type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.proof.served import ACCESS_LOGIN, CHALLENGE, Served
from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.site.asset_hash import CHUNK_BYTES, asset_hash
from pages_deploy.site.content_types import HTML, content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pages_deploy.net.received import Received
    from pages_deploy.net.sessions import Session
    from pages_deploy.rules.routes_json import RoutesRules
    from pages_deploy.site.manifest import Asset, Manifest

# The longest silence of a site within one request.
TIMEOUT_SECONDS = 10.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Of a body that is compared.
SLOWEST_BYTES_PER_SECOND = 1_000_000
# HEAD is not everywhere welcome.
NO_HEAD = frozenset({405, 501})
UNMARKED_PAGE = "a page without an ETag of Pages"
_LOCAL, _PAGES = ".localhost", ".pages.dev"
_ETAG = re.compile(r'(?:W/)?"([0-9a-f]{32})"')


class Probe:
    """Asks one site what it serves of a manifest; may be used by several threads.

    `url` is the site's root; `timeout_seconds` is the longest silence within one request;
    `worker_rules` say which paths a Worker answers in the place of the assets.
    """

    def __init__(
        self,
        session: Session,
        url: str,
        manifest: Manifest,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        worker_rules: RoutesRules | None = None,
    ) -> None:
        self.url = url
        self.manifest = manifest
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._worker_rules = worker_rules
        self._host = urlsplit(url).netloc
        special = {
            name: content.decode("utf-8", "replace")
            for name, content in manifest.special_files.items()
        }
        self._redirects = read_redirects(special.get("_redirects", ""))
        self._headers = read_headers(special.get("_headers", ""))

    def is_ruled(self, path: str) -> bool:
        """Whether the site's own redirects or its Worker answer a path of the manifest."""
        address = quote(path)
        shown = address.removesuffix("index.html").removesuffix(".html")
        return self._answers_itself(address) or self._is_workers(shown or "/")

    def status_at(self, path: str) -> int:
        """Return the status with which a path answers to GET; raises NoAnswerError."""
        seconds = self._timeout_seconds
        request = Request(
            "GET",
            self.url.rstrip("/") + path,
            connect_timeout_seconds=seconds,
            read_timeout_seconds=seconds,
        )
        with self._session.opened(request) as response:
            return response.status

    def ask(self, asset: Asset) -> Served:
        """Return what is served for an asset, whatever goes wrong with the request."""
        try:
            return self._request("HEAD", self.url.rstrip("/") + quote(asset.path), asset)
        except NoAnswerError as error:
            reason = f"no answer ({error.failure.reason})"
            has_no_way = not error.failure.sent
            return Served("blocked", reason, is_silence=error.failure.silent or has_no_way)
        except ValueError as error:
            return Served("blocked", f"an address that cannot be asked ({type(error).__name__})")

    def _request(self, method: str, address: str, asset: Asset) -> Served:
        for _ in range(MOST_REDIRECTS + 1):
            patience = self._timeout_seconds
            if method == "GET":
                patience += asset.size_bytes / SLOWEST_BYTES_PER_SECOND
            request = Request(
                method,
                address,
                connect_timeout_seconds=self._timeout_seconds,
                read_timeout_seconds=patience,
            )
            with self._session.opened(request) as response:
                if response.status not in REDIRECTS:
                    served = self._judge(response, address, asset)
                    break
                if response.is_access_login:
                    return Served("guarded", ACCESS_LOGIN, response.status)
                address = urljoin(address, response.location)
                if (elsewhere := self._elsewhere(address, response.status)) is not None:
                    return elsewhere
        else:
            return Served("broken", "too many redirects", response.status)
        return self._request("GET", address, asset) if served is None else served

    def _elsewhere(self, address: str, status: int) -> Served | None:
        """Return what is found where a redirect leads out of what can be compared."""
        parts = urlsplit(address)
        if parts.netloc == self._host:
            return Served("ruled") if self._answers_itself(parts.path) else None
        found = f"a redirect to {parts.hostname or 'nowhere'}"
        return Served("blocked", found, status, leads_to=parts.netloc)

    def _answers_itself(self, path: str) -> bool:
        return self._redirects.matches(path) or self._is_workers(path)

    def _is_workers(self, path: str) -> bool:
        return self._worker_rules is not None and self._worker_rules.matches(path)

    def _judge(self, response: Received, address: str, asset: Asset) -> Served | None:
        """Return what an answer is; None where only the answer to a GET can tell."""
        is_head = response.request.method == "HEAD"
        if response.status != 200:
            without_head = is_head and response.status in NO_HEAD
            return None if without_head else _refused(response)
        tag = self._tag(response, address)
        if tag is None and asset.is_retyped:
            # Pages keeps the type of the first upload, so that it may be either.
            is_page = asset.is_page or content_type_of(asset.path[1:]) == HTML
            if is_page and response.header("Content-Type").startswith(HTML):
                return Served("right", UNMARKED_PAGE, 200)
        elif tag is None and asset.is_page:
            return self._as_page(response, address)
        if tag is None and is_head:
            return None
        found = tag
        if found is None:
            pieces = _enough(response.pieces(CHUNK_BYTES), asset.size_bytes)
            found = asset_hash(pieces, asset.path)
        is_right = found == asset.hash
        return Served(
            "right" if is_right else "broken",
            status=200,
            content=found,
            is_of_pages=is_right or tag is not None,
        )

    def _tag(self, response: Received, address: str) -> str | None:
        """Return the asset hash that an answer names, unless the site says what it names."""
        match = _ETAG.fullmatch(response.header("ETag"))
        if match is None or self._own(address, "etag"):
            return None
        return match[1]

    def _as_page(self, response: Received, address: str) -> Served:
        served = response.header("Content-Type")
        if served.startswith(HTML) or self._own(address, "content-type"):
            return Served("right", UNMARKED_PAGE, 200)
        return Served("broken", f"the type {served or 'of nothing'}", 200)

    def _own(self, address: str, header: str) -> bool:
        """Whether the site's `_headers` set a header at an address."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        # An emulator's site is matched by the name that it would have at Pages.
        of_pages = host.removesuffix(_LOCAL) + _PAGES if host.endswith(_LOCAL) else host
        return any(
            self._headers.sets(parts.path, header, host=name) is not None
            for name in {host, of_pages}
        )


def _enough(pieces: Iterable[bytes], size_bytes: int) -> Iterator[bytes]:
    """Yield a body until it is longer than an asset, and so another one, or to its end."""
    received = 0
    for piece in pieces:
        yield piece
        received += len(piece)
        if received > size_bytes:
            return


def _refused(response: Received) -> Served:
    status = response.status
    found = f"HTTP {status}"
    if response.is_access_login:
        return Served("guarded", ACCESS_LOGIN, status)
    if "challenge" in response.header("cf-mitigated"):
        return Served("blocked", CHALLENGE, status)
    if status in {401, 403, 407, 429, 511}:
        return Served("blocked", found, status)
    return Served("missing" if status in {404, 410} else "broken", found, status)
