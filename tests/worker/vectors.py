"""The vectors of Worker code: trees, requests, and what wrangler's own bundle answers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data/worker"


def vectors() -> list[dict[str, Any]]:
    """Return all vectors, in the form that tests/data/README.md tells."""
    found = [
        vector
        for file in sorted(DATA.glob("*.json"))
        for vector in json.loads(file.read_text("utf-8"))
    ]
    assert found
    return found


def vector(name: str) -> dict[str, Any]:
    """Return the vector of a name."""
    (found,) = (one for one in vectors() if one["name"] == name)
    return found


def content_of(written: str | dict[str, str]) -> bytes:
    """Return the bytes of a file of a vector."""
    if isinstance(written, str):
        return written.encode()
    return base64.b64decode(written["base64"])


def lay(one: dict[str, Any], directory: Path) -> Path:
    """Write a vector's tree below a directory, which is its working directory; return that."""
    for name, written in one["files"].items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content_of(written))
    return directory


def assets_of(one: dict[str, Any]) -> dict[str, bytes]:
    """Return the assets of a vector: path, with a slash in front, to content."""
    return {path: content_of(one["files"][f"public{path}"]) for path in one["sent"]["manifest"]}
