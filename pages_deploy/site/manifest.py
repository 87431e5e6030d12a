"""A build directory becomes a Manifest: its assets by path, and its special files.

1. Walk the directory in the order of its names, following links that stay inside.
2. Leave out what wrangler leaves out; set the special files of the root aside.
3. Refuse, by name, what Pages would not take or what would be lost in silence.
4. Hash each file, reading a piece at a time, so that no file is ever held whole.

The list of names left out is wrangler's (workers-sdk, `packages/wrangler/src/pages/validate.ts`).
"""

from __future__ import annotations

import io
import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pages_deploy.errors import DirectoryError
from pages_deploy.site.asset_hash import CHUNK_BYTES, asset_hash, read_chunks
from pages_deploy.site.content_types import content_type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# https://developers.cloudflare.com/pages/platform/limits/#file-size
MAX_FILE_BYTES = 25 * 1024 * 1024
# The limit of the free plan, for when the upload token does not state the account's own.
DEFAULT_MAX_FILES = 20_000

SPECIAL_FILES = ("_headers", "_redirects", "_routes.json")
WORKER_SCRIPT = "_worker.js"
FUNCTIONS = "functions"
# Left out at any depth, but not below a directory whose name starts with a dot: wrangler's
# patterns do not reach there, and one directory must give one manifest with either tool.
IGNORED_NAMES = frozenset({".DS_Store", ".git", "node_modules"})
IGNORED_IN_ROOT = frozenset({".wrangler"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One served file."""

    # As in the address: starts with a slash, not percent-encoded.
    path: str
    size_bytes: int
    # The asset hash, 32 hexadecimal digits.
    hash: str
    content_type: str


@dataclass(frozen=True)
class Manifest:
    """What one deployment consists of."""

    root: Path
    assets: tuple[Asset, ...]
    # `_headers`, `_redirects`, `_routes.json` of the root, raw; an empty one is left out.
    special_files: Mapping[str, bytes]
    # Entries of the root that are not deployed although a user may expect it.
    left_out: tuple[str, ...] = ()

    @property
    def total_bytes(self) -> int:
        return sum(asset.size_bytes for asset in self.assets)

    def by_hash(self) -> dict[str, Asset]:
        """Return one asset for each distinct hash: identical bytes are uploaded once."""
        return {asset.hash: asset for asset in reversed(self.assets)}

    def open(self, asset: Asset) -> BinaryIO:
        """Open an asset's file for reading; raises DirectoryError when it is gone."""
        try:
            return (self.root / asset.path[1:]).open("rb")
        except OSError as error:
            raise unreadable(asset.path, error) from error


def build_manifest(
    directory: Path,
    *,
    on_file: Callable[[int, int], None] = lambda _done, _total: None,
    look: Callable[[str, bytes], None] = lambda _path, _head: None,
) -> Manifest:
    """Walk and hash a build directory.

    `on_file` is called with the files hashed so far and their total number, `look` with the path of
    each file and how its content begins, `CHUNK_BYTES` of it or all. Raises DirectoryError for
    everything that stands in the way, naming the file.
    """
    _check_directory(directory)
    walk = _Walk(directory)
    files = sorted(walk.files())
    special = {name: content for name in walk.special if (content := _read(directory / name))}
    if not files and not special:
        raise DirectoryError(
            f"The build directory {directory} contains no file to deploy.",
            "Check that the build wrote its output there.",
        )
    for name, content in special.items():
        look(f"/{name}", content[:CHUNK_BYTES])
    assets = []
    for number, (path, size_bytes) in enumerate(files, 1):
        assets.append(_hash_file(directory, path, size_bytes, look))
        on_file(number, len(files))
    return Manifest(directory, tuple(assets), special, tuple(walk.left_out))


def refuse_functions_beside(working_directory: Path, directory: Path) -> None:
    """Refuse a `functions` directory of the working directory, where wrangler would compile it.

    Raises DirectoryError when there is one with any entry in it.
    """
    beside = working_directory / FUNCTIONS
    if beside == directory:
        return
    try:
        with os.scandir(beside) as entries:
            empty = next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreadable(FUNCTIONS, error) from error
    if not empty:
        raise DirectoryError(
            f"{beside} looks like Pages Functions, which are not supported yet.",
            "Deploy without it by --no-functions (input noFunctions), or use wrangler for it.",
        )


def unreadable(name: str, error: OSError) -> DirectoryError:
    """Say which file cannot be read and why."""
    return DirectoryError(
        f"Cannot read {name}: {error.strerror or error}.",
        "Check that the file exists, that its permissions allow reading it, and that nothing "
        "changes the build directory during the deployment.",
    )


def _check_directory(directory: Path) -> None:
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


class _Walk:
    """One pass over the directory tree; notes what it sets aside on the way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.real_root = Path(os.path.realpath(root))
        self.special: list[str] = []
        self.left_out: list[str] = []

    def files(self) -> Iterator[tuple[str, int]]:
        """Yield the path (with its leading slash) and the size of each asset."""
        try:
            yield from self._directory(self.root, "", ancestors=(), hidden=False)
        except RecursionError as error:
            raise DirectoryError(
                f"The build directory {self.root} has directories too deep within each other.",
                "Look for a build that copies its output into itself.",
            ) from error

    def _directory(
        self, directory: Path, prefix: str, *, ancestors: tuple[tuple[int, int], ...], hidden: bool
    ) -> Iterator[tuple[str, int]]:
        try:
            here = directory.stat()
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            raise unreadable(prefix or str(directory), error) from error
        identity = (here.st_dev, here.st_ino)
        if identity in ancestors:
            raise DirectoryError(
                f"{prefix} is a link to a directory that contains it: a loop.",
                "Remove the link from the build directory.",
            )
        for entry in entries:
            path = f"{prefix}/{entry.name}"
            if self._set_aside(entry, prefix, hidden=hidden):
                continue
            status = self._status(entry, path)
            if stat.S_ISDIR(status.st_mode):
                yield from self._directory(
                    directory / entry.name,
                    path,
                    ancestors=(*ancestors, identity),
                    hidden=hidden or entry.name.startswith("."),
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

    def _set_aside(self, entry: os.DirEntry[str], prefix: str, *, hidden: bool) -> bool:
        """Tell whether an entry is no asset; refuse the names that would mean Worker code."""
        name = entry.name
        if name in IGNORED_NAMES:
            return not hidden
        if prefix:
            return False
        if name in IGNORED_IN_ROOT:
            return True
        if name not in {WORKER_SCRIPT, FUNCTIONS, *SPECIAL_FILES}:
            return False
        mode = self._status(entry, f"/{name}").st_mode
        if name == WORKER_SCRIPT or (name == FUNCTIONS and stat.S_ISDIR(mode)):
            raise DirectoryError(
                f"The build directory contains {name}: Worker code, which is not supported yet.",
                f"Remove {name} from the build output to deploy the static files alone, or use "
                "wrangler for this project.",
            )
        usable = name in SPECIAL_FILES and stat.S_ISREG(mode)
        (self.special if usable else self.left_out).append(name)
        return True

    def _status(self, entry: os.DirEntry[str], path: str) -> os.stat_result:
        """Stat an entry, links followed, after making sure that a link stays inside the root."""
        try:
            entry.name.encode()
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
        if not target.is_relative_to(self.real_root):
            raise DirectoryError(
                f"{path} is a link that leaves the build directory.",
                "Copy the file into the build directory: a link could publish anything that this "
                "machine can read.",
            )


def _hash_file(root: Path, path: str, size_bytes: int, look: Callable[[str, bytes], None]) -> Asset:
    try:
        # Without a buffer around it, a site of many files takes a fifth less.
        with io.FileIO(f"{root}{path}") as file:
            head = file.read(CHUNK_BYTES)
            digest = asset_hash(itertools.chain((head,), read_chunks(file)), path)
    except OSError as error:
        raise unreadable(path, error) from error
    look(path, head)
    return Asset(path, size_bytes, digest, content_type_of(path[1:]))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(f"/{file.name}", error) from error
