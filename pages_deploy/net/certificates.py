"""Whether a file of certificates can be what servers are trusted by."""

from __future__ import annotations

import re
import ssl
from functools import cache
from pathlib import Path

# OpenSSL finds a certificate in a directory by the hash of its subject (`openssl rehash`).
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")


# Reading them takes longer than anything else before the first request.
@cache
def unusable_bundle(path: str) -> str:
    """Say why a CA file cannot be used; nothing where all is well.

    A directory is right where its certificates have the names by which OpenSSL finds them.
    """
    try:
        if reason := _wrong_kind(Path(path)):
            return reason
        if Path(path).is_dir():
            return ""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(path)
    except ssl.SSLError:
        return "it is not a certificate in PEM"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is not a path"
    return "" if context.cert_store_stats()["x509"] else "it has no certificate in it"


def _wrong_kind(file: Path) -> str:
    """Say why what is at a path cannot be read as certificates, whatever is in it."""
    if file.is_dir():
        is_hashed = any(_HASHED_NAME.fullmatch(entry.name) for entry in file.iterdir())
        return "" if is_hashed else "it is a directory, not a file"
    if not file.exists():
        return f"there is no such file{_unexpanded(str(file))}"
    if not file.is_file():
        return "it is not a file"
    return "" if file.stat().st_size else "it is empty"


def _unexpanded(path: str) -> str:
    """Say what a shell would have replaced, had it been asked to."""
    if path.startswith("~"):
        return ": the '~' was not expanded"
    if path[:1] in {"'", '"'}:
        return ": the quotes count as part of its name"
    if "$" in path or "%" in path:
        return ": the variable in it was not expanded"
    return ""
