"""The bytes of assets by key: in memory, or one file each in a directory."""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Blobs(Protocol):
    """Bytes by asset key."""

    def read(self, key: str) -> bytes | None:
        """The bytes, or None if there are none under this key."""

    def write(self, key: str, content: bytes) -> bool:
        """Keep the bytes; whether this changed what the key stood for."""


class MemoryBlobs:
    """Bytes that end with the process."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def read(self, key: str) -> bytes | None:
        """As `Blobs.read`."""
        return self._contents.get(key)

    def write(self, key: str, content: bytes) -> bool:
        """As `Blobs.write`."""
        is_new = self._contents.get(key) != content
        self._contents[key] = content
        return is_new


class DirectoryBlobs:
    """Bytes in files `<first two digits>/<key>`. Raises OSError where the directory fails."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        for byte in range(256):
            (directory / f"{byte:02x}").mkdir(parents=True, exist_ok=True)

    def read(self, key: str) -> bytes | None:
        """As `Blobs.read`."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, key: str, content: bytes) -> bool:
        """As `Blobs.write`; a reader sees the old bytes or the new ones, nothing between."""
        if self.read(key) == content:
            return False
        path = self._path(key)
        # Renaming is what makes it atomic. No fsync: after a power cut a damaged file shows when
        # the next deployment that names it recomputes its key.
        temporary = path.with_name(f".{key}-{uuid.uuid4().hex}")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        return True

    def _path(self, key: str) -> Path:
        return self._directory / key[:2] / key
