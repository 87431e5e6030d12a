"""One pass over a build directory: which of its files are assets, and how large they are.

1. Go through each directory in the order of its names.
2. Leave out what is ignored; set the special files of the root aside.
3. Follow links that stay inside of the directory; refuse all others, and loops.
4. Refuse what is no file, too large, or has a name that no address can have.

Names of files are bytes, and those of an address UTF-8: they are read so whatever the locale.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.ignoring import (
    RESERVED_IN_ROOT,
    SPECIAL_FILES,
    WORKER_SCRIPT,
    is_ignored,
)
from pages_deploy.site.limits import MAX_FILE_BYTES
from pages_deploy.site.reading import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator


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
        )


class Walk:
    """One pass over a directory tree; notes what it sets aside on the way."""

    def __init__(self, root: Path) -> None:
        self.special: list[str] = []
        """The special files of the root."""
        self.left_out: list[str] = []
        """Entries of the root that are not deployed although a user may expect it."""
        self.has_worker = False
        """Whether the root has `_worker.js`."""
        self._root = root
        self._real_root = Path(os.path.realpath(root))

    def files(self) -> Iterator[tuple[str, int]]:
        """Yield the path (with its leading slash) and the size in bytes of each asset.

        Raises DirectoryError for what Pages would not take, naming it.
        """
        try:
            yield from self._directory(self._root, "", ancestors=(), hidden=False)
        except RecursionError as error:
            raise DirectoryError(
                f"The build directory {self._root} has directories too deep within each other.",
                "Look for a build that copies its output into itself.",
            ) from error

    def _directory(
        self, directory: Path, prefix: str, *, ancestors: tuple[tuple[int, int], ...], hidden: bool
    ) -> Iterator[tuple[str, int]]:
        try:
            here = directory.stat()
            entries = sorted(os.scandir(directory), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            raise unreadable(prefix or str(directory), error) from error
        identity = (here.st_dev, here.st_ino)
        if identity in ancestors:
            raise DirectoryError(
                f"{prefix} is a link to a directory that contains it: a loop.",
                "Remove the link from the build directory.",
            )
        for entry in entries:
            name = os.fsencode(entry.name).decode(errors="surrogateescape")
            path = f"{prefix}/{name}"
            if is_ignored(name, is_in_root=not prefix, is_below_hidden=hidden):
                continue
            if not prefix and self._is_set_aside(entry):
                continue
            status = self._status(entry, path)
            if stat.S_ISDIR(status.st_mode):
                yield from self._directory(
                    directory / entry.name,
                    path,
                    ancestors=(*ancestors, identity),
                    hidden=hidden or name.startswith("."),
                )
            elif not stat.S_ISREG(status.st_mode):
                raise DirectoryError(
                    f"{path} is neither a file nor a directory.",
                    "Remove it from the build directory.",
                )
            elif status.st_size > MAX_FILE_BYTES:
                raise DirectoryError(
                    f"{path} has {status.st_size} bytes; Pages takes at most {MAX_FILE_BYTES} "
                    "(25 MiB) in a file.",
                    "Make it smaller, or serve it from elsewhere, for example from R2.",
                )
            else:
                yield path, status.st_size

    def _is_set_aside(self, entry: os.DirEntry[str]) -> bool:
        """Note an entry of the root whose name Pages reserves."""
        name = entry.name
        if name not in RESERVED_IN_ROOT:
            return False
        mode = self._status(entry, f"/{name}").st_mode
        if name == WORKER_SCRIPT:
            self.has_worker = True
        else:
            is_usable = name in SPECIAL_FILES and stat.S_ISREG(mode)
            (self.special if is_usable else self.left_out).append(name)
        return True

    def _status(self, entry: os.DirEntry[str], path: str) -> os.stat_result:
        """Stat an entry, links followed, after making sure that a link stays inside the root."""
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise DirectoryError(
                f"The file name {path.encode(errors='surrogateescape')!r} is not valid UTF-8.",
                "Rename the file: addresses on the web are UTF-8.",
            ) from error
        try:
            # Windows' junctions are links too; before 3.12 Python does not tell them apart.
            if entry.is_symlink() or getattr(entry, "is_junction", lambda: False)():
                self._check_link(Path(entry.path), path)
            return entry.stat()
        except OSError as error:
            raise unreadable(path, error) from error

    def _check_link(self, link: Path, path: str) -> None:
        try:
            target = link.resolve(strict=True)
        except FileNotFoundError as error:
            raise DirectoryError(
                f"{path} is a link to something that does not exist.",
                "Remove the link, or build what it points to.",
            ) from error
        except (OSError, RuntimeError) as error:
            # Python up to 3.12 raises RuntimeError for a loop of links, later ones OSError.
            raise DirectoryError(
                f"{path} is a link that leads back to itself: a loop.",
                "Remove the link from the build directory.",
            ) from error
        if not target.is_relative_to(self._real_root):
            raise DirectoryError(
                f"{path} is a link that leaves the build directory.",
                "Copy the file into the build directory: a link could publish anything that this "
                "machine can read.",
            )
