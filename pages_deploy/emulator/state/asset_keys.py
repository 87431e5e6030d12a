"""The key of an asset: what the manifest calls its hash.

1. base64 of the content, standard alphabet, padded, one line;
2. then the extension of the file's name, without the dot;
3. BLAKE3 of the two together, in hex, the first 32 digits.

wrangler's formula: `packages/wrangler/src/pages/hash.ts` of
https://github.com/cloudflare/workers-sdk
"""

from __future__ import annotations

import re
from typing import Final

import pybase64
from blake3 import blake3

KEY_DIGITS: Final = 32
"""Length of a key in hex digits."""

_KEY = re.compile(r"[0-9a-f]{32}")


def is_key(text: str) -> bool:
    """Whether `text` has the form of an asset key: 32 lower-case hex digits."""
    return _KEY.fullmatch(text) is not None


def extension(path: str) -> str:
    """What follows the last dot of the file's name, its case kept.

    Empty without a dot, and where the only dot is the name's first character: `.env` has none.
    """
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot + 1 :] if dot > 0 else ""


def asset_key(content: bytes, suffix: str) -> str:
    """The key of `content` under a name whose extension is `suffix`."""
    hasher = blake3(pybase64.b64encode(content))
    hasher.update(suffix.encode())
    return hasher.hexdigest()[:KEY_DIGITS]
