"""Opening what is in a build directory: the very things that the walk has seen, and no links.

1. The walk notes where each file really is, and what the system calls it (`FoundFile`).
2. It is opened there without following a link, and nothing is read before the system says that it
   is the same file: whatever was put in its place or in that of a directory above it is refused.
3. What the system refuses becomes a DirectoryError.
"""

from __future__ import annotations

import io
import os
import stat
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from pages_deploy.errors import DirectoryError

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# A pipe that was put in a file's place is not waited for. Windows would change line ends.
_FILE_FLAGS = os.O_RDONLY | _NO_LINKS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_DIRECTORY_FLAGS = os.O_RDONLY | _NO_LINKS | getattr(os, "O_DIRECTORY", 0)
_JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
# A directory on the way need not be one that may be listed.
_STEP_FLAGS = _DIRECTORY_FLAGS | getattr(os, "O_PATH", 0)


class FoundFile(NamedTuple):
    """One file as the walk has found it; a tuple is made in half the time of a frozen dataclass."""

    path: str
    """As in the address: starts with a slash, not percent-encoded."""
    directory: str
    """Where its directory is on this machine, with no link in it below the build directory."""
    size_bytes: int
    identity: int
    """By which the system knows the file."""
    target: str = ""
    """Where the file really is, if the path is that of a link."""

    # Made anew each time: a large site has more of this text than of any other.
    @property
    def place(self) -> str:
        """Where the file is on this machine."""
        if self.target:
            return self.target
        name = self.path[self.path.rindex("/") + 1 :]
        if not name.isascii():
            name = os.fsdecode(name.encode())
        return f"{self.directory}{os.sep}{name}"

    def open(self) -> io.FileIO:
        """Open it for reading; raises DirectoryError when it is gone or no longer the same."""
        # Without a buffer around it, a site of many files takes a fifth less.
        return io.FileIO(self._descriptor())

    def content(self) -> bytes:
        """Return what is in it, at once; one byte more than its size where it has grown.

        For small files, of which most sites consist. Raises DirectoryError as `open` does, OSError
        where it cannot be read.
        """
        descriptor = self._descriptor()
        try:
            most_bytes = self.size_bytes + 1
            data = os.read(descriptor, most_bytes)
            # A disk gives all that it is asked for, but nobody has to.
            while len(data) < self.size_bytes:
                more = os.read(descriptor, most_bytes - len(data))
                if not more:
                    break
                data += more
            return data
        finally:
            os.close(descriptor)

    def _descriptor(self) -> int:
        place = self.place
        try:
            descriptor = os.open(place, _FILE_FLAGS)
        except OSError as error:
            raise _gone(place, self.path, error) from error
        status = os.fstat(descriptor)
        if identity_of(status) != self.identity or not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise replaced(self.path)
        return descriptor


def entries_of(place: str, name: str, identity: int) -> list[tuple[str, os.stat_result]]:
    """Return the entries of a directory in the order of their names, links not followed.

    Raises DirectoryError, with the directory's `name`, where it cannot be read or is another one.
    """
    try:
        if os.scandir not in os.supports_fd:
            status = os.lstat(place)
            found = [
                (one.name, _status(one, f"{name}/{one.name}")) for one in Path(place).iterdir()
            ]
        else:
            descriptor = os.open(place, _DIRECTORY_FLAGS)
            try:
                status = os.fstat(descriptor)
                with os.scandir(descriptor) as entries:
                    found = [(one.name, _status(one, f"{name}/{one.name}")) for one in entries]
            finally:
                os.close(descriptor)
    except OSError as error:
        raise _gone(place, name, error) from error
    if identity_of(status) != identity:
        raise replaced(name)
    return sorted(found, key=itemgetter(0))


def _status(entry: os.DirEntry[str] | Path, name: str) -> os.stat_result:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError as error:
        raise unreadable(name, error) from error


def status_below(root: str, parts: tuple[str, ...], name: str, identity: int) -> os.stat_result:
    """Return the status of what is so many steps below a directory, which has the `identity`.

    Raises DirectoryError, with the `name`, where it cannot be reached or a step has become a link.
    """
    try:
        if os.open not in os.supports_dir_fd:
            status = Path(root, *parts).lstat()
        else:
            descriptor = os.open(root, _DIRECTORY_FLAGS)
            try:
                if identity_of(os.fstat(descriptor)) != identity:
                    raise replaced(name)
                for part in parts[:-1]:
                    inner = os.open(part, _STEP_FLAGS, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = inner
                if parts:
                    status = os.stat(parts[-1], dir_fd=descriptor, follow_symlinks=False)
                else:
                    status = os.fstat(descriptor)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise _gone(str(Path(root, *parts)), name, error) from error
    if is_link(status):
        raise replaced(name)
    return status


def is_link(status: os.stat_result) -> bool:
    """Whether it is the status of a link; Windows' junctions are links too."""
    if stat.S_ISLNK(status.st_mode):
        return True
    return _JUNCTION is not None and getattr(status, "st_reparse_tag", 0) == _JUNCTION


def _gone(place: str, name: str, error: OSError) -> DirectoryError:
    return replaced(name) if Path(place).is_symlink() else unreadable(name, error)


def identity_of(status: os.stat_result) -> int:
    """Return what tells one file from every other: its device, and its number there.

    One number of both takes a third of the memory of two.
    """
    return status.st_dev << 64 ^ status.st_ino


def file_of(root: Path, path: str) -> Path:
    """Return the file of an asset's path, spelled as this system's locale decodes its bytes."""
    return root / os.fsdecode(path.encode()).lstrip("/")


def unreadable(name: str, error: OSError) -> DirectoryError:
    """Return the error that says which file cannot be read, and why; to be raised."""
    return DirectoryError(
        f"Cannot read {name}: {error.strerror or error}.",
        "Check that the file exists, that its permissions allow reading it, and that nothing "
        "changes the build directory during the deployment.",
        path=name,
        code="unreadable",
    )


def replaced(name: str) -> DirectoryError:
    """Return the error for what is no longer what the walk has seen; to be raised."""
    return DirectoryError(
        f"{name} was replaced by something else while the build directory was read.",
        "Deploy after the build has finished, and let nothing write to the directory meanwhile.",
        path=name,
        code="replaced",
    )
