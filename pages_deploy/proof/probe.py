"""Ask a site for one asset, and tell what is served in its place.

1. Ask by HEAD at the asset's path; redirects are followed within the host only. A path that a rule
   of the site's own `_redirects` answers proves nothing either way.
2. The ETag of Pages is the asset hash, weak or strong (workers-sdk,
   `packages/pages-shared/asset-server/handler.ts`). Where there is none, or the site's `_headers`
   set it, the body decides; of HTML, which Cloudflare may rewrite, status and type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urljoin, urlsplit

import requests

from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.site.asset_hash import CHUNK_BYTES, asset_hash

if TYPE_CHECKING:
    from pages_deploy.site.manifest import Asset, Manifest

# The longest silence of a site within one request.
TIMEOUT_SECONDS = 10.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# HEAD is not everywhere welcome.
NO_HEAD = frozenset({405, 501})
_ETAG = re.compile(r'(?:W/)?"([0-9a-f]{32})"')

# ruled: the site's own _redirects answer. guarded: Cloudflare Access asks who is there. blocked:
# nobody is let in, for whatever reason. missing: nothing is there. broken: the server fails, or
# serves other content.
Kind = Literal["right", "ruled", "guarded", "blocked", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """What is served for an asset; `found` says it in words."""

    kind: Kind
    found: str = ""


class Probe:
    """Asks one site; may be used by several threads."""

    def __init__(
        self,
        session: requests.Session,
        url: str,
        manifest: Manifest,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._url = url.rstrip("/")
        self._host = urlsplit(url).netloc
        special = {
            name: content.decode("utf-8", "replace")
            for name, content in manifest.special_files.items()
        }
        self._redirects = read_redirects(special.get("_redirects", ""))
        self._headers = read_headers(special.get("_headers", ""))

    def is_ruled(self, path: str) -> bool:
        """Whether the site itself redirects a path of the manifest."""
        return self._redirects.matches(quote(path))

    def look(self, asset: Asset) -> Finding:
        """Ask for an asset."""
        try:
            return self._ask("HEAD", self._url + quote(asset.path), asset)
        except requests.RequestException as error:
            return Finding("blocked", f"no answer ({type(error).__name__})")
        except (OSError, ValueError) as error:
            return Finding("blocked", f"an address that cannot be asked ({type(error).__name__})")

    def _ask(self, method: str, address: str, asset: Asset) -> Finding:
        for _ in range(MOST_REDIRECTS + 1):
            response = self._session.request(
                method, address, timeout=self._timeout_seconds, allow_redirects=False, stream=True
            )
            with response:
                if response.status_code not in REDIRECTS:
                    finding = self._judge(response, address, asset)
                    break
                address = urljoin(address, response.headers.get("Location", ""))
                if (elsewhere := self._elsewhere(address)) is not None:
                    return elsewhere
        else:
            return Finding("broken", "one redirect after another")
        return self._ask("GET", address, asset) if finding is None else finding

    def _elsewhere(self, address: str) -> Finding | None:
        """Return what is found where a redirect leads out of what can be compared."""
        parts = urlsplit(address)
        if parts.netloc == self._host:
            return Finding("ruled") if self._redirects.matches(parts.path) else None
        host = parts.hostname or "nowhere"
        if host.endswith(".cloudflareaccess.com"):
            return Finding("guarded", "the login page of Cloudflare Access")
        return Finding("blocked", f"a redirect to {host}")

    def _judge(self, response: requests.Response, address: str, asset: Asset) -> Finding | None:
        """Return what an answer is; None where only the answer to a GET can tell."""
        is_head = response.request.method == "HEAD"
        if response.status_code != 200:
            without_head = is_head and response.status_code in NO_HEAD
            return None if without_head else _refused(response)
        found = self._tag(response, address)
        if found is None and asset.content_type == "text/html":
            return self._as_page(response, address)
        if found is None and is_head:
            return None
        if found is None:
            found = asset_hash(response.iter_content(CHUNK_BYTES), asset.path)
        return Finding("right") if found == asset.hash else Finding("broken", f"content {found}")

    def _tag(self, response: requests.Response, address: str) -> str | None:
        """Return the asset hash that an answer names, unless the site says what it names."""
        match = _ETAG.fullmatch(response.headers.get("ETag", ""))
        if match is None or self._own(address, "etag"):
            return None
        return match[1]

    def _as_page(self, response: requests.Response, address: str) -> Finding:
        served = response.headers.get("Content-Type", "")
        if served.startswith("text/html") or self._own(address, "content-type"):
            return Finding("right")
        return Finding("broken", f"the type {served or 'of nothing'}")

    def _own(self, address: str, header: str) -> bool:
        """Whether the site's `_headers` set a header at an address."""
        return self._headers.sets(urlsplit(address).path, header) is not None


def _refused(response: requests.Response) -> Finding:
    status = response.status_code
    found = f"HTTP {status}"
    if "challenge" in response.headers.get("cf-mitigated", ""):
        return Finding("blocked", "a challenge for browsers")
    if status in {401, 403, 407, 429, 511}:
        return Finding("blocked", found)
    return Finding("missing" if status in {404, 410} else "broken", found)
