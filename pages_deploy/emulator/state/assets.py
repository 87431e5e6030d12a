"""The store of assets: what is there, what comes in, and whether a manifest tells the truth."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.emulator.state import asset_keys
from pages_deploy.emulator.state.records import Asset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.emulator.state.blobs import Blobs, Pieces
    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.rows.assets import AssetRows


@dataclass(frozen=True, kw_only=True)
class UploadedAsset:
    """One asset of an upload, decoded."""

    key: str
    """32 hex digits; whether the content has that key shows with the first manifest."""

    content: bytes
    """Of any length, also none."""

    content_type: str
    """As declared, printable ASCII."""


class AssetStore:
    """Assets by key. Bytes are handled outside the lock, so that uploads run side by side."""

    def __init__(self, database: Database, rows: AssetRows, *, blobs: Blobs) -> None:
        self._lock = threading.Lock()
        self._database = database
        self._rows = rows
        self._blobs = blobs
        # key -> extensions under which its bytes were found to have that key
        self._verified: dict[str, set[str]] = {}

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of `keys` that have no asset, each once, in their order."""
        wanted = dict.fromkeys(keys)
        with self._database.lock:
            stored = self._rows.stored_keys(filter(asset_keys.is_key, wanted))
        return tuple(key for key in wanted if key not in stored)

    def put(self, uploads: Iterable[UploadedAsset]) -> None:
        """Store them; of one key, the last content and content type stay."""
        stored = []
        for upload in uploads:
            if self._blobs.write(upload.key, upload.content):
                with self._lock:
                    self._verified.pop(upload.key, None)
            stored.append(Asset(key=upload.key, content_type=upload.content_type))
        with self._database.transaction():
            self._rows.put(stored)

    def refresh(self, keys: Iterable[str], *, refreshed_on: float) -> None:
        """Note that somebody wanted these assets at that time, in seconds since 1970.

        Unknown keys are passed over.
        """
        with self._database.transaction():
            self._rows.refresh(keys, refreshed_on=refreshed_on)

    def find(self, key: str) -> Asset | None:
        """What is known about the asset with this key; None if there is none."""
        with self._database.lock:
            return self._rows.find(key)

    def content(self, key: str) -> bytes | None:
        """The bytes of an asset; None if there is none with this key."""
        return self._blobs.read(key)

    def pieces(self, key: str) -> Pieces:
        """The length of an asset and its bytes, piece by piece; an unknown one has none."""
        return self._blobs.pieces(key) or (0, [])

    def manifest_errors(self, manifest: Mapping[str, str]) -> tuple[str, ...]:
        """What is wrong with a manifest (path -> key), one sentence for each such path.

        Only here can a key be checked: it depends on the extension, and an upload has no names.
        """
        missing = set(self.missing(manifest.values()))
        errors = []
        for path, key in manifest.items():
            if key in missing:
                errors.append(f"{path}: the asset {key} was never uploaded")
            elif not self._has_key(path, key):
                errors.append(f"{path}: the uploaded bytes do not have the key {key}")
        return tuple(errors)

    def _has_key(self, path: str, key: str) -> bool:
        extension = asset_keys.extension(path)
        with self._lock:
            if extension in self._verified.get(key, ()):
                return True
        content = self._blobs.read(key)
        if content is None or asset_keys.asset_key(content, extension) != key:
            return False
        with self._lock:
            self._verified.setdefault(key, set()).add(extension)
        return True
