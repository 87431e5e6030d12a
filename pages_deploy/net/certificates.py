"""Whether a file of certificates can be what servers are trusted by."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from pathlib import Path

# OpenSSL finds a certificate in a directory by the hash of its subject (`openssl rehash`).
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def unusable_bundle(path: str) -> str:
    """Say why a CA file cannot be used; nothing where all is well.

    A directory is right where its certificates have the names by which OpenSSL finds them.
    """
    try:
        if reason := _wrong_kind(Path(path)):
            return reason
        if Path(path).is_dir():
            return ""
        status = Path(path).stat()
        return _wrong_content(path, (status.st_ino, status.st_mtime_ns, status.st_size))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is not a path"


# Reading a file takes longer than anything else before the first request, and a run asks twice.
@lru_cache
def _wrong_content(path: str, _state: tuple[int, int, int]) -> str:
    """Say why a file's content cannot be used; raises OSError where it cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        return "it is not a certificate in PEM"
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
