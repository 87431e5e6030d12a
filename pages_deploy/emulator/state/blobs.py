"""The bytes of assets by key: in memory, or one file each in a directory."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from pathlib import Path


PIECE_BYTES: Final = 64 * 1024
"""What is in memory of a file that is sent."""

Pieces = tuple[int, Iterable[bytes]]
"""How many bytes, and the bytes."""


class Blobs(Protocol):
    """Bytes by asset key."""

    def read(self, key: str) -> bytes | None:
        """The bytes, or None if there are none under this key."""

    def pieces(self, key: str) -> Pieces | None:
        """The same, piece by piece, with their number."""

    def write(self, key: str, content: bytes) -> bool:
        """Keep the bytes; whether this changed what the key stood for."""


class MemoryBlobs:
    """Bytes that end with the process."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def read(self, key: str) -> bytes | None:
        """As `Blobs.read`."""
        return self._contents.get(key)

    def pieces(self, key: str) -> Pieces | None:
        """As `Blobs.pieces`."""
        content = self._contents.get(key)
        return None if content is None else (len(content), [content])

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

    def pieces(self, key: str) -> Pieces | None:
        """As `Blobs.pieces`; the file is opened with the first piece."""
        path = self._path(key)
        try:
            return path.stat().st_size, _pieces_of(path)
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


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
