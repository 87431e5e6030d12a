"""The asset hash: the name by which Cloudflare Pages stores the bytes of one served file.

1. Encode the content as standard base64 (padded, no line breaks).
2. Append the extension of the file's base name, as Node's `path.extname` finds it, without the dot.
3. Hash those characters with BLAKE3 and keep the first 32 hexadecimal digits.

Source: workers-sdk, `packages/wrangler/src/pages/hash.ts`; the tests hold hashes that wrangler's
own `blake3-wasm` computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pybase64
from blake3 import blake3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

# A multiple of three, so that every chunk but the last becomes base64 without padding; that is a
# piece of an upload's body (`net/bodies.py`), which is then sent without a copy.
CHUNK_BYTES = 3 * 32 * 1024

HASH_HEX_DIGITS = 32


def extension_of(name: str) -> str:
    """Return the extension of a file name as Node's `path.extname` does, without its dot.

    A dot in first place starts a hidden name, not an extension (`.env` has none); a trailing dot
    ends an empty one; letter case is kept.
    """
    dot = name.rfind(".")
    extension = name[dot + 1 :]
    return "" if dot < 1 or name[dot - 1] == "/" or "/" in extension else extension


def base64_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Encode chunks of any sizes as the base64 of their concatenation."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        whole = len(data) - len(data) % 3
        rest = data[whole:]
        if whole:
            yield pybase64.b64encode(data[:whole])
    if rest:
        yield pybase64.b64encode(rest)


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Read an open file to its end, `CHUNK_BYTES` at a time."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def hash_of_encoded(encoded: bytes, name: str) -> str:
    """Hash a content that is base64 as a whole already; as `asset_hash`."""
    hasher = blake3(encoded)
    hasher.update(extension_of(name).encode())
    return hasher.hexdigest(HASH_HEX_DIGITS // 2)


def asset_hash(chunks: Iterable[bytes], name: str) -> str:
    """Hash the content of an asset called `name`; returns 32 lower-case hexadecimal digits."""
    hasher = blake3()
    for encoded in base64_chunks(chunks):
        hasher.update(encoded)
    hasher.update(extension_of(name).encode())
    return hasher.hexdigest(HASH_HEX_DIGITS // 2)
