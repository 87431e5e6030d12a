"""Worker code on the wire, written by hand, as wrangler 4.164 writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping

Modules = Mapping[str, tuple[str, bytes]]
JAVASCRIPT = "application/javascript+module"
HELLO: Modules = {"index.js": (JAVASCRIPT, b"export default {}\n")}
BOUNDARY = "----formdata-undici-081154132440"


def part(name: str, content: bytes, content_type: str = "") -> bytes:
    """One part of a form, with the boundary in front of it."""
    file_name = f'; filename="{name}"' if content_type else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n'
    head += f"Content-Type: {content_type}\r\n" if content_type else ""
    return head.encode() + b"\r\n" + content + b"\r\n"


def bundle(modules: Modules = HELLO, **metadata: object) -> bytes:
    """A `_worker.bundle`; the first module is the main one unless the metadata says otherwise."""
    shown = metadata or {"main_module": next(iter(modules))}
    parts = [part("metadata", json.dumps(shown).encode())]
    parts += [part(name, content, kind) for name, (kind, content) in modules.items()]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def rules(*include: str, exclude: tuple[str, ...] = ()) -> bytes:
    """A `_routes.json`."""
    return json.dumps({"version": 1, "include": include, "exclude": exclude}).encode()
