"""Reading the files of a build directory: what the system refuses becomes a DirectoryError."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError

if TYPE_CHECKING:
    from pathlib import Path


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
