"""What Pages would not take of a build directory, and what nobody could: refused by name."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.ignoring import SPECIAL_FILES
from pages_deploy.site.limits import MAX_FILE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.site.reading import FoundFile


def check_directory(directory: Path) -> None:
    """Raise DirectoryError for what is no directory or cannot be searched."""
    try:
        reason = "" if stat.S_ISDIR(directory.stat().st_mode) else "is not a directory"
    except FileNotFoundError:
        reason = "does not exist"
    except (OSError, ValueError) as error:
        reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if reason:
        raise DirectoryError(
            f"The build directory {directory} {reason}.",
            "Run the build first, and name its output directory relative to the working directory.",
            code="no-directory",
        )


def refuse(problem: DirectoryError) -> None:
    """Stop at a problem: raises it."""
    raise problem


def check_name(path: str) -> None:
    """Raise DirectoryError for a path that no address can have, with surrogates for its bytes."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        name = path.encode(errors="surrogateescape")
        raise DirectoryError(
            f"The file name {name!r} is not valid UTF-8.",
            "Rename the file: addresses on the web are UTF-8.",
            path=name.decode(errors="backslashreplace"),
            code="name-not-utf8",
        ) from error


def small_enough(file: FoundFile) -> FoundFile:
    """Return the file; raises DirectoryError where Pages takes none of its size."""
    if file.size_bytes > MAX_FILE_BYTES:
        is_special = file.path[1:] in SPECIAL_FILES
        raise DirectoryError(
            f"{file.path} has {file.size_bytes} bytes; Pages takes at most {MAX_FILE_BYTES} "
            "(25 MiB) in a file.",
            "Make it smaller, or serve it from elsewhere, for example from R2.",
            path=file.path,
            code="special-file-too-large" if is_special else "file-too-large",
        )
    return file
