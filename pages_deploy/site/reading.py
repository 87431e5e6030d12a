"""Reading the files of a build directory: what the system refuses becomes a DirectoryError."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError

if TYPE_CHECKING:
    from pathlib import Path


def file_of(root: Path, path: str) -> Path:
    """Return the file of an asset's path, spelled as this system's locale decodes its bytes."""
    return root / os.fsdecode(path.encode()).lstrip("/")


def unreadable(name: str, error: OSError) -> DirectoryError:
    """Return the error that says which file cannot be read, and why; to be raised."""
    return DirectoryError(
        f"Cannot read {name}: {error.strerror or error}.",
        "Check that the file exists, that its permissions allow reading it, and that nothing "
        "changes the build directory during the deployment.",
    )


def read_whole(file: Path) -> bytes:
    """Read a short file of the root; raises DirectoryError."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(f"/{file.name}", error) from error
