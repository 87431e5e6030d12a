"""A site that was deployed before, at an address of its own, served as Pages serves it.

Written from Cloudflare's documentation; it shares nothing with the code under test.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from tests.raw_server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.site.manifest import Asset, Manifest
    from tests.raw_server import Received

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class OldSite:
    """Serves a manifest; `says` has other answers by decoded path, `*` stands for all."""

    manifest: Manifest
    says: dict[str, Callable[[Received], Answer | None]] = field(default_factory=dict)
    etag: str = '"{}"'
    asked: list[str] = field(default_factory=list)
    on_asked: Callable[[], None] = lambda: None
    port: int = 0

    def __post_init__(self) -> None:
        self._files = {asset.path: asset for asset in self.manifest.assets}
        self._moved: dict[str, str] = {}
        self._served: dict[str, Asset] = {}
        # The one that comes later counts: an index yields to a page, a page to a plain file.
        for kind in ("/index.html", ".html", ""):
            for path, asset in self._files.items():
                if kind == "/index.html" and path.endswith(kind):
                    folder = path.removesuffix("index.html")
                    self._served[folder] = asset
                    self._moved |= {path: folder, f"{folder}index": folder, folder[:-1]: folder}
                elif kind == ".html" and path.endswith(kind) and not path.endswith("/index.html"):
                    page = path.removesuffix(kind)
                    self._served[page] = asset
                    self._moved |= {path: page}
                    self._moved.setdefault(f"{page}/", page)
                elif not kind and not path.endswith(".html"):
                    self._served[path] = asset

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked_at(self, path: str) -> list[str]:
        return [line.split()[0] for line in self.asked if line.split(" ", 1)[1] == path]

    def answer(self, received: Received) -> bytes:
        path = unquote(received.target)
        self.asked.append(f"{received.method} {path}")
        self.on_asked()
        say = self.says.get(path, self.says.get("*"))
        own = None if say is None else say(received)
        status, headers, body = self._serve(path) if own is None else own
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        return head if received.method == "HEAD" else head + body

    def _serve(self, path: str) -> Answer:
        asset = self._served.get(path)
        if asset is None and path in self._moved:
            return 308, {"Location": quote(self._moved[path])}, b""
        if asset is None and "/404.html" in self._files:
            return 404, {"Content-Type": "text/html; charset=utf-8"}, b"not here"
        # Every unknown address of a site without an error page has its home page.
        asset = asset or self._files.get("/index.html")
        if asset is None:
            return 404, {}, b""
        headers = {"Content-Type": asset.content_type}
        if self.etag:
            headers["ETag"] = self.etag.format(asset.hash)
        return 200, headers, (self.manifest.root / asset.path[1:]).read_bytes()


@contextlib.contextmanager
def old_site(manifest: Manifest) -> Iterator[OldSite]:
    """Serve a manifest."""
    site = OldSite(manifest)
    with serving(site.answer) as port:
        site.port = port
        yield site


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[Received], Answer]:
    """Return what always gives one answer; in names of headers `_` stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _received: (status, named, body)
