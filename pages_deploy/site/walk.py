"""One pass over a build directory: which of its files are assets, and how large they are.

1. Go through each directory in the order of its names.
2. Leave out what is ignored; set the special files of the root aside.
3. Follow links that stay inside of the directory; refuse all others, and loops.
4. Refuse what is no file, too large, or has a name that no address can have.

Names of files are bytes, and those of an address UTF-8: they are read so whatever the locale.

Nothing may be read that was put in the place of something else meanwhile: each directory is opened
without following a link, and has to be the one that was seen in the directory above it; what a link
leads to is looked up from the root, a step at a time.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.ignoring import (
    NODE_MODULES,
    REPOSITORY,
    RESERVED_IN_ROOT,
    SPECIAL_FILES,
    WORKER_SCRIPT,
    LeftOutFiles,
    files_below,
    is_ignored,
)
from pages_deploy.site.limits import MAX_FILE_BYTES
from pages_deploy.site.reading import (
    FoundFile,
    entries_of,
    identity_of,
    is_link,
    status_below,
    unreadable,
)

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
        self.special: list[FoundFile] = []
        """The special files of the root."""
        self.left_out: list[str] = []
        """Entries of the root that are not deployed although a user may expect it."""
        self.has_worker = False
        """Whether the root has `_worker.js`."""
        self.below_node_modules = LeftOutFiles()
        """The files that are not deployed since they are below a `node_modules`."""
        self.is_repository = False
        """Whether the root is that of a repository, with its sources."""
        self._root = root
        self._real_root = os.path.realpath(root)
        self._identity = (0, 0)

    def files(self) -> Iterator[FoundFile]:
        """Yield the file of each asset.

        Raises DirectoryError for what Pages would not take, naming it.
        """
        try:
            self._identity = identity_of(os.lstat(self._real_root))
        except OSError as error:
            raise unreadable(str(self._root), error) from error
        try:
            yield from self._directory(self._real_root, "", self._identity, ancestors=())
        except RecursionError as error:
            raise DirectoryError(
                f"The build directory {self._root} has directories too deep within each other.",
                "Look for a build that copies its output into itself.",
            ) from error

    def _directory(
        self,
        place: str,
        prefix: str,
        identity: tuple[int, int],
        *,
        ancestors: tuple[tuple[int, int], ...],
    ) -> Iterator[FoundFile]:
        if identity in ancestors:
            raise DirectoryError(
                f"{prefix} is a link to a directory that contains it: a loop.",
                "Remove the link from the build directory.",
            )
        for own_name, own_status in entries_of(place, prefix or str(self._root), identity):
            name = os.fsencode(own_name).decode(errors="surrogateescape")
            path, at = f"{prefix}/{name}", f"{place}{os.sep}{own_name}"
            if is_ignored(name, is_in_root=not prefix, is_below_hidden="/." in prefix):
                self._note_ignored(at, path)
                continue
            real_place, status = self._resolved(at, path, own_status)
            if not prefix and name in RESERVED_IN_ROOT:
                self._set_aside(_found(path, real_place, status), status.st_mode)
            elif stat.S_ISDIR(status.st_mode):
                inner = identity_of(status)
                yield from self._directory(
                    real_place, path, inner, ancestors=(*ancestors, identity)
                )
            elif stat.S_ISREG(status.st_mode):
                yield _small_enough(_found(path, real_place, status))
            else:
                raise DirectoryError(
                    f"{path} is neither a file nor a directory.",
                    "Remove it from the build directory.",
                )

    def _note_ignored(self, place: str, path: str) -> None:
        name = path.rpartition("/")[2]
        if name == NODE_MODULES:
            self.below_node_modules += files_below(Path(place), path)
        elif path == f"/{REPOSITORY}":
            self.is_repository = True

    def _set_aside(self, file: FoundFile, mode: int) -> None:
        """Note an entry of the root whose name Pages reserves."""
        name = file.path[1:]
        if name == WORKER_SCRIPT:
            self.has_worker = True
        elif name in SPECIAL_FILES and stat.S_ISREG(mode):
            self.special.append(_small_enough(file))
        else:
            self.left_out.append(name)

    def _resolved(
        self, place: str, path: str, status: os.stat_result
    ) -> tuple[str, os.stat_result]:
        """Return where an entry really is and its status, after a look at its name."""
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise DirectoryError(
                f"The file name {path.encode(errors='surrogateescape')!r} is not valid UTF-8.",
                "Rename the file: addresses on the web are UTF-8.",
            ) from error
        if not is_link(status):
            return place, status
        target = self._target(Path(place), path)
        return str(target), status_below(
            self._real_root, target.relative_to(self._real_root).parts, path, self._identity
        )

    def _target(self, link: Path, path: str) -> Path:
        """Return what a link leads to, as long as that is inside of the root."""
        try:
            target = link.resolve(strict=True)
        except FileNotFoundError as error:
            raise DirectoryError(
                f"{path} is a link to something that does not exist.",
                "Remove the link, or create what it points to.",
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
        return target


def _found(path: str, place: str, status: os.stat_result) -> FoundFile:
    return FoundFile(path, place, status.st_size, identity_of(status))


def _small_enough(file: FoundFile) -> FoundFile:
    """Return the file; raises DirectoryError where Pages takes none of its size."""
    if file.size_bytes > MAX_FILE_BYTES:
        raise DirectoryError(
            f"{file.path} has {file.size_bytes} bytes; Pages takes at most {MAX_FILE_BYTES} "
            "(25 MiB) in a file.",
            "Make it smaller, or serve it from elsewhere, for example from R2.",
        )
    return file
