"""A Worker in the real runtime, with a site behind it, asked over HTTP.

    with Runtime(workerd, script, metadata, assets) as runtime:
        assert runtime.ask("GET", "/").status == 200

In front of the Worker stands a small one, which says in `x-served-by` whether the Worker answered
(`worker`) or threw (`exception`, with the message as the body and the status 500).
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pages_deploy.worker.workerd import variables, worker_config
from tests.worker import asset_server
from tests.worker.asset_server import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from pages_deploy.worker.modules import Script
    from pages_deploy.worker.programs import Tool

# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
# What is not compared: it belongs to the connection, or to the clock.
OF_THE_CONNECTION = {"date", "content-length", "connection", "transfer-encoding", "keep-alive"}
HOST = "site.test"
CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = %s),
    (name = "assets", external = (address = "127.0.0.1:%d", http = (style = host))),
    (name = "front", worker = (
      compatibilityDate = "2024-01-01",
      bindings = [(name = "WORKER", service = "main")],
      modules = [(name = "front", esModule = embed "front.js")],
    )),
    (name = "cache", worker = (
      compatibilityDate = "2024-01-01",
      modules = [(name = "cache", esModule = embed "cache.js")],
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (style = host), service = "front")],
);
"""
FRONT = """export default {
  async fetch(request, env) {
    try {
      const answer = await env.WORKER.fetch(request, { redirect: "manual" });
      const made = new Response(answer.body, answer);
      made.headers.set("x-served-by", "worker");
      return made;
    } catch (error) {
      return new Response(error.message, { status: 500, headers: { "x-served-by": "exception" } });
    }
  },
};
"""
# `caches.default` with nothing in it, as the runtime asks it; adapters of frameworks look there
# first. https://github.com/cloudflare/workerd/blob/main/src/workerd/api/cache.c++
CACHE = """export default {
  async fetch(request) {
    if (request.method === "PUT") return new Response(null, { status: 204 });
    if (request.method === "PURGE") return new Response(null, { status: 404 });
    return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  },
};
"""


class Runtime:
    """workerd with a Worker, until the end of the block; then both have ended."""

    def __init__(
        self,
        workerd: Tool,
        script: Script,
        metadata: Mapping[str, Any],
        assets: Mapping[str, bytes],
    ) -> None:
        self._workerd = workerd
        self._script = script
        self._metadata = metadata
        self._assets = _AssetServer(assets)
        self._process: subprocess.Popen[bytes] | None = None
        self._directory = tempfile.TemporaryDirectory(prefix="worker-")
        self.port = 0

    def __enter__(self) -> Self:
        self._assets.start()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send one request, its path as it is written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            sent = {"Host": HOST, **(headers or {})}
            if body:
                sent["Content-Length"] = str(len(body))
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            told: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                if key not in OF_THE_CONNECTION:
                    told[key] = f"{told[key]}, {value}" if key in told else value
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def close(self) -> None:
        """End everything that was started."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._assets.close()
        self._directory.cleanup()

    def _start(self) -> None:
        directory = Path(self._directory.name)
        bindings = [
            *variables(self._metadata).values(),
            '(name = "ASSETS", service = "assets")',
        ]
        worker = worker_config(self._script, self._metadata, directory, bindings)
        worker = worker.removesuffix(")") + ', cacheApiOutbound = "cache")'
        (directory / "front.js").write_text(FRONT, "utf-8")
        (directory / "cache.js").write_text(CACHE, "utf-8")
        config = directory / "config.capnp"
        config.write_text(CONFIG % (worker, self._assets.port), "utf-8")
        reading, writing = os.pipe()
        try:
            with (directory / "said").open("wb") as said:
                self._process = subprocess.Popen(
                    [self._workerd.file, "serve", f"--control-fd={writing}", config],
                    env=dict(self._workerd.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    pass_fds=[writing],
                )
        finally:
            os.close(writing)
        # It closes its end when it fails, so that nobody waits here for ever.
        with os.fdopen(reading, encoding="utf-8") as told:
            line = told.readline()
        assert line, (directory / "said").read_text("utf-8", errors="replace")
        self.port = int(json.loads(line)["port"])


class _AssetServer:
    """The site's assets, on a port of their own."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                # Methods are whatever is asked, PROPFIND as well.
                if name.startswith("do_"):
                    return self._answer
                raise AttributeError(name)

            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                # As it was sent: `path` has fewer slashes at its beginning.
                target = self.raw_requestline.split()[1].decode("latin-1")
                given = asset_server.answer(assets, self.command, target, headers)
                self.send_response_only(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                if given.status != 304:
                    self.send_header("content-length", str(len(given.body)))
                if "chunked" in self.headers.get("transfer-encoding", ""):
                    # A body that nobody has read must not be taken for the next request.
                    self.send_header("connection", "close")
                    self.close_connection = True
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(given.body)

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - its name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.port = self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
