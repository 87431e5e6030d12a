"""A server that only reads: it answers as the API does, and throws away what it gets.

It is a process of its own, of the standard library alone. What a deployment takes against it is
what the client takes. It can be slow on purpose:

- latency: each answer comes that much later;
- bandwidth: it reads a connection's bodies no faster than that, so that the client cannot send
  faster for long.

`GET /bench/calls` returns, as JSON, the calls since it was last asked. The server ends with its
standard input.

Usage: python -I bench/server.py [--latency SECONDS] [--bytes-per-second N] [--holds-everything]
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

PIECE_BYTES = 256 * 1024
# Slow reading is done by small pieces, so that the bytes come evenly.
SLOW_PIECE_BYTES = 32 * 1024
# A sleep that lasted too long is made good by the next one, up to this much.
CREDIT_SECONDS = 0.01
MAX_HEAD_BYTES = 64 * 1024
# More than any site here has, so that no client stops at the 20,000 of the free plan.
MAX_FILES = 200_000
STAMP = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Manner:
    """How the server is, for all of its life."""

    latency_seconds: float
    bytes_per_second: int
    """Of each connection; 0 is without limit."""

    holds_everything: bool
    """Whether no asset is missing; otherwise all are."""


@dataclass
class Call:
    """One call, with times of `time.monotonic`."""

    name: str
    connection: int
    begin: float
    end: float = 0.0
    """Just before the answer is sent."""

    body_bytes: int = 0


@dataclass
class Calls:
    """The calls that have been answered, with a lock: each connection has a thread."""

    answered: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        with self.lock:
            self.answered.append(call)

    def taken(self) -> list[Call]:
        with self.lock:
            taken, self.answered = self.answered, []
        return taken


class Connection:
    """One client's connection, served to its end."""

    def __init__(self, peer: socket.socket, number: int, manner: Manner, calls: Calls) -> None:
        self._peer = peer
        self._number = number
        self._manner = manner
        self._calls = calls
        self._buffer = memoryview(bytearray(PIECE_BYTES))
        self._due = 0.0
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self) -> None:
        with self._peer, contextlib.suppress(ConnectionError):
            while self._answer_one():
                pass

    def _answer_one(self) -> bool:
        head, rest = self._head()
        if not head:
            return False
        line, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        headers = {
            name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
        }
        call = Call(f"{method} {target.partition('?')[0]}", self._number, time.monotonic())
        if headers.get("expect") == "100-continue":
            self._peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        call.body_bytes = int(headers.get("content-length", 0))
        body = self._body(rest, call.body_bytes, is_kept=call.name.endswith("/check-missing"))
        if call.name == "GET /bench/calls":
            result: Any = [asdict(one) for one in self._calls.taken()]
        else:
            time.sleep(self._manner.latency_seconds)
            result = answer(call.name, body, self._manner, self._peer.getsockname()[1])
            call.end = time.monotonic()
            self._calls.add(call)
        if "transfer-encoding" in headers:
            self._send("411 Length Required", {"success": False})
            return False
        self._send("200 OK", {"success": True, "errors": [], "messages": [], "result": result})
        return True

    def _head(self) -> tuple[bytes, bytes]:
        """Return a request's head, and what came with it of the body; nothing at the end."""
        data = b""
        while b"\r\n\r\n" not in data and len(data) < MAX_HEAD_BYTES:
            count = self._peer.recv_into(self._buffer)
            if not count:
                return b"", b""
            data += self._buffer[:count]
        head, _, rest = data.partition(b"\r\n\r\n")
        self._wait_for(len(rest))
        return head, rest

    def _body(self, rest: bytes, length: int, *, is_kept: bool) -> bytes:
        kept = bytearray(rest)
        left = length - len(rest)
        piece = SLOW_PIECE_BYTES if self._manner.bytes_per_second else PIECE_BYTES
        while left > 0:
            count = self._peer.recv_into(self._buffer, min(piece, left))
            if not count:
                raise ConnectionError("the client has gone")
            if is_kept:
                kept += self._buffer[:count]
            left -= count
            self._wait_for(count)
        return bytes(kept)

    def _wait_for(self, count: int) -> None:
        """Wait as long as a line of this bandwidth takes for so many bytes."""
        if self._manner.bytes_per_second:
            now = time.monotonic()
            self._due = max(self._due, now - CREDIT_SECONDS) + count / self._manner.bytes_per_second
            time.sleep(max(0.0, self._due - now))

    def _send(self, status: str, envelope: dict[str, Any]) -> None:
        body = json.dumps(envelope).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self._peer.sendall(head.encode() + b"\r\n\r\n" + body)


def answer(name: str, body: bytes, manner: Manner, port: int) -> Any:
    """Return the `result` of a call."""
    method, _, path = name.partition(" ")
    if path.endswith("/upload-token"):
        return {"jwt": upload_token()}
    if path.endswith("/check-missing"):
        return [] if manner.holds_everything else json.loads(body)["hashes"]
    if "/deployments" in path:
        is_list = method == "GET" and path.endswith("/deployments")
        return [] if is_list else deployment(port)
    if "/projects/" in path and not path.endswith("/domains"):
        return project()
    return None if path.startswith("/client/v4/pages/assets/") else []


def upload_token() -> str:
    """Return a token in the form of a JWT, whose claims clients read; nobody signs it."""
    claims = {"exp": int(time.time()) + 3600, "max_file_count_allowed": MAX_FILES}
    parts = ({"alg": "none"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return ".".join([*(part.decode() for part in encoded), "none"])


def project() -> dict[str, Any]:
    return {
        "id": "project",
        "name": "demo",
        "subdomain": "demo.pages.dev",
        "domains": ["demo.pages.dev"],
        "production_branch": "main",
        "created_on": STAMP,
        "deployment_configs": {"production": {}, "preview": {}},
        "source": None,
    }


def deployment(port: int) -> dict[str, Any]:
    """Return a preview that has succeeded already."""
    address = f"http://127.0.0.1:{port}"
    metadata = {"branch": "topic", "commit_hash": "", "commit_message": "", "commit_dirty": False}
    stage = {"name": "deploy", "status": "success", "started_on": STAMP, "ended_on": STAMP}
    return {
        "id": "0a1b2c3d-0000-4000-8000-000000000000",
        "short_id": "0a1b2c3d",
        "project_name": "demo",
        "environment": "preview",
        "url": address,
        "aliases": [address],
        "created_on": STAMP,
        "latest_stage": stage,
        "stages": [stage],
        "deployment_trigger": {"type": "ad_hoc", "metadata": metadata},
        "env_vars": {},
        "build_config": {},
        "source": None,
    }


def accept(listener: socket.socket, manner: Manner) -> None:
    """Serve each connection in a thread of its own, without end."""
    calls = Calls()
    number = 0
    while True:
        peer, _ = listener.accept()
        number += 1
        connection = Connection(peer, number, manner, calls)
        threading.Thread(target=connection.serve, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--bytes-per-second", type=int, default=0)
    parser.add_argument("--holds-everything", action="store_true")
    given = parser.parse_args()
    manner = Manner(given.latency, given.bytes_per_second, given.holds_everything)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=accept, args=(listener, manner), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
