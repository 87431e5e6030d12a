"""The body of one upload request, produced while it is sent.

Its length is known beforehand from the sizes in the manifest, so it goes out with a
Content-Length although no file is ever held whole. Each file is hashed once more on its way: bytes
that changed since the manifest was made would be stored under a name that is not theirs.

Several bodies go out at once, and each is waiting for its line most of the time; but they take
turns to make a piece. Python's own lock is let go with each file that is opened, read or closed:
threads that work on files at once hand it to and fro, which took an eighth of all processor time.
The price: a disk that hangs at one file holds up all of them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import pybase64
from blake3 import blake3

from pages_deploy.errors import DirectoryError
from pages_deploy.net.bodies import in_pieces
from pages_deploy.net.threads import Stopped
from pages_deploy.site.asset_hash import (
    CHUNK_BYTES,
    HASH_HEX_DIGITS,
    base64_chunks,
    extension_of,
    hash_of_encoded,
    read_chunks,
)
from pages_deploy.site.reading import unreadable

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from pages_deploy.site.manifest import Asset, Manifest
    from pages_deploy.site.reading import FoundFile
    from pages_deploy.upload.batches import Batch


class UploadBody:
    """A JSON array with one object an asset, in the shape of a KV bulk write.

    Iterating raises Stopped once `stop` is set, and DirectoryError for a file that changed or
    cannot be read. `on_asset` is called with each asset that has gone out. Whoever makes a piece
    holds `turn`, which the bodies of one upload share.
    """

    def __init__(
        self,
        manifest: Manifest,
        batch: Batch,
        *,
        stop: threading.Event,
        turn: threading.Lock,
        on_asset: Callable[[Asset], None],
    ) -> None:
        self._manifest = manifest
        self._batch = batch
        self._stop = stop
        self._turn = turn
        self._on_asset = on_asset

        entries = sum(
            len(_before(asset)) + _base64_length(asset.size_bytes) + len(_after(asset.content_type))
            for asset in batch
        )
        self._length = entries + len(batch) + 1

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        pieces = in_pieces(self._contents())
        while True:
            with self._turn:
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def _contents(self) -> Iterator[bytes]:
        separator = b"["
        for asset in self._batch:
            if self._stop.is_set():
                raise Stopped
            yield separator + _before(asset)
            if asset.size_bytes <= CHUNK_BYTES and asset.file is not None:
                yield _small_content(asset, asset.file)
            else:
                yield from self._content(asset)
            yield _after(asset.content_type)
            self._on_asset(asset)
            separator = b","
        yield b"]"

    def _content(self, asset: Asset) -> Iterator[bytes]:
        hasher = blake3()
        sent = 0
        with self._manifest.open(asset) as file:
            for encoded in base64_chunks(_read(asset, file)):
                if self._stop.is_set():
                    raise Stopped
                hasher.update(encoded)
                sent += len(encoded)
                if sent > _base64_length(asset.size_bytes):
                    raise _changed(asset)
                yield encoded
        hasher.update(extension_of(asset.path).encode())
        if hasher.hexdigest(HASH_HEX_DIGITS // 2) != asset.hash:
            raise _changed(asset)


def _small_content(asset: Asset, found: FoundFile) -> bytes:
    """Return a file in base64; one that is read at once, which most are, costs half as much."""
    try:
        content = found.content()
    except OSError as error:
        raise unreadable(asset.path, error) from error
    encoded = pybase64.b64encode(content)
    if len(content) != asset.size_bytes or hash_of_encoded(encoded, asset.path) != asset.hash:
        raise _changed(asset)
    return encoded


def _read(asset: Asset, file: BinaryIO) -> Iterator[bytes]:
    """Read a file; its trouble must not be taken for the connection's."""
    try:
        yield from read_chunks(file)
    except OSError as error:
        raise unreadable(asset.path, error) from error


def _changed(asset: Asset) -> DirectoryError:
    return DirectoryError(
        f"{asset.path} changed while it was being uploaded.",
        "Deploy after the build has finished, and let nothing write to the directory meanwhile.",
    )


def _before(asset: Asset) -> bytes:
    return b'{"key":"%s","value":"' % asset.hash.encode()


@lru_cache
def _after(content_type: str) -> bytes:
    shown = json.dumps(content_type).encode()
    return b'","metadata":{"contentType":%s},"base64":true}' % shown


def _base64_length(size_bytes: int) -> int:
    return (size_bytes + 2) // 3 * 4
