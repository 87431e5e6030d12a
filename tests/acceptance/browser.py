"""Chromium without a window, told what to do by its DevTools protocol over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol/. A command is JSON that a NUL byte ends, and so
is each answer and each event; `--remote-debugging-pipe` reads at descriptor 3 and writes at 4.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
# Moves the two pipes to where Chromium looks for them, over copies that are in nobody's way.
STARTER = """
import os, sys
ends = [os.dup(os.dup(os.dup(int(text)))) for text in sys.argv[1:3]]
for place, end in zip((3, 4), ends):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""
FLAGS = (
    *("--headless", "--remote-debugging-pipe", "--hide-scrollbars", "--disable-gpu"),
    # Tests may run as root, and where nobody may make namespaces; they open their own pages alone.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
)


class Browser:
    """One Chromium with one tab."""

    def __init__(self, program: str, profile: Path) -> None:
        command_end, self._commands = os.pipe()
        self._events, event_end = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", STARTER, str(command_end), str(event_end)),
                *(program, *FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(command_end, event_end),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_end)
        os.close(event_end)
        self._heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        self._number = 0
        self._session = ""
        self._statuses: list[int] = []
        self.requested: list[str] = []
        """Every address that was asked for, by pages and by what is in them."""
        self.complaints: list[str] = []
        """What the console has shown as an error or a warning, and what the scripts threw."""

    def open_tab(self) -> None:
        """Attach to the tab that is there."""
        found = self.call("Target.getTargets")["targetInfos"]
        (tab,) = (one["targetId"] for one in found if one["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._send("Browser.close", {})
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        self._reader.join()
        os.close(self._events)

    # Any: what the protocol has, here and below.
    def call(self, method: str, **parameters: Any) -> Any:
        """Do what a command says; its result."""
        number = self._send(method, parameters)
        message = self._next(lambda one: one.get("id") == number)
        assert "error" not in message, f"{method}: {message['error']}"
        return message["result"]

    def open(self, url: str) -> int:
        """Open a page and wait until it is there; its status."""
        with self.loading() as statuses:
            failure = self.call("Page.navigate", url=url).get("errorText")
            assert failure is None, f"{url}: {failure}"
        return statuses[-1]

    @contextlib.contextmanager
    def loading(self) -> Iterator[list[int]]:
        """Wait at the end of the block for the page that was asked for in it; with its statuses."""
        statuses: list[int] = []
        self._statuses = statuses
        yield statuses
        self._next(lambda one: one.get("method") == "Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; of a promise, what it promises."""
        done = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def resize(self, width: int, height: int, *, scale: int = 1) -> None:
        """Be a window of this size; a narrow one is a phone's. `scale` is dots for each pixel."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 500,
        )

    def picture(self, file: Path) -> None:
        """Take a picture of the whole page."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(taken["data"]))

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        return self._number

    def _listen(self) -> None:
        rest = b""
        while piece := os.read(self._events, 65536):
            *messages, rest = (rest + piece).split(b"\0")
            for message in messages:
                self._heard.put(json.loads(message))
        self._heard.put(None)

    def _next(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message = self._heard.get(timeout=PATIENCE_SECONDS)
            assert message is not None, "the browser has ended"
            self._note(message)
            if is_wanted(message):
                return message

    def _note(self, message: dict[str, Any]) -> None:
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Log.entryAdded" and parameters["entry"]["level"] in {"warning", "error"}:
            entry = parameters["entry"]
            self.complaints.append(f"{entry.get('url', '')} {entry['text']}")
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in {"warning", "error"}:
            self.complaints.append(str(parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        elif method == "Network.requestWillBeSent":
            self.requested.append(parameters["request"]["url"])
        elif method == "Network.responseReceived" and parameters["type"] == "Document":
            self._statuses.append(int(parameters["response"]["status"]))
