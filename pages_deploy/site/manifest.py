"""A build directory becomes a Manifest: its assets by path, and its special files.

1. Walk the directory (`walk.py`), leaving out and refusing what is no asset (`ignoring.py`), and
   what patterns leave out (`ignored.py`).
2. Hash each file (`hashing.py`), a piece at a time, so that no large file is ever held whole.
3. Have each file's beginning searched, for secrets, where a glance at it says so.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Protocol

import pybase64

from pages_deploy.errors import DirectoryError
from pages_deploy.site.asset_hash import CHUNK_BYTES, asset_hash, hash_of_encoded, read_chunks
from pages_deploy.site.content_types import HTML, content_type_of
from pages_deploy.site.file_rules import NO_RULES, FileRules, TypeChoice, TypeRule
from pages_deploy.site.hashing import hash_all
from pages_deploy.site.ignored import Ignored
from pages_deploy.site.ignoring import LeftOutFiles
from pages_deploy.site.reading import FoundFile, file_of, unreadable
from pages_deploy.site.refusing import check_directory, refuse
from pages_deploy.site.special_files import read_special_file
from pages_deploy.site.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


# So much of a file is read at once, which is all of most, and is shown to the search.
HEAD_BYTES = 2 * CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Asset:
    """One served file."""

    path: str
    """As in the address: starts with a slash, not percent-encoded."""
    size_bytes: int
    hash: str
    """The asset hash, 32 hexadecimal digits in lower case."""
    content_type: str
    """As it is uploaded, such as `text/html`; that of a name is without a charset."""
    file: FoundFile | None = field(default=None, compare=False, repr=False)
    """The file as the walk has found it; None for an asset that was made without one."""
    is_retyped: bool = False
    """Whether CONTENT_TYPE says its type. Pages keeps that of the first upload of its bytes."""

    @property
    def is_page(self) -> bool:
        """Whether its type is that of HTML."""
        return self.content_type.partition(";")[0].rstrip().lower() == HTML


class Search(Protocol):
    """Who wants to see how files begin: `HEAD_BYTES` of each, or all."""

    def glance(self, path: str, head: bytes) -> bool:
        """Whether a file needs a search. Changes nothing: another process may call it."""

    def search(self, path: str, head: bytes) -> None:
        """Search a file."""


@dataclass(frozen=True)
class Manifest:
    """What one deployment consists of."""

    root: Path
    """The build directory; the assets' files are in it until the upload has ended."""
    assets: tuple[Asset, ...]
    """Every served file, in the order of the paths."""
    special_files: Mapping[str, bytes]
    """`_headers`, `_redirects`, `_routes.json` of the root, raw; an empty one is left out."""
    left_out: tuple[str, ...] = ()
    """Entries of the root that are not deployed although a user may expect it."""
    below_node_modules: LeftOutFiles = field(default_factory=LeftOutFiles)
    """What is not deployed since it is below a `node_modules`, which wrangler leaves out too."""
    is_repository: bool = False
    """Whether the build directory is the root of a repository, with its sources."""
    ignored: Ignored = field(default_factory=Ignored)
    """What is not deployed since a pattern of `.assetsignore` or EXCLUDE leaves it out."""
    unused_types: tuple[TypeRule, ...] = ()
    """The lines of CONTENT_TYPE that say the type of no file."""

    @property
    def total_bytes(self) -> int:
        """The size of all assets, identical ones counted as often as they are there."""
        return sum(asset.size_bytes for asset in self.assets)

    def by_hash(self) -> dict[str, Asset]:
        """Return one asset for each distinct hash: identical bytes are uploaded once."""
        return {asset.hash: asset for asset in reversed(self.assets)}

    def open(self, asset: Asset) -> BinaryIO:
        """Open an asset's file for reading.

        Raises DirectoryError when it is gone, or no longer the file that the walk has seen.
        """
        if asset.file is not None:
            return asset.file.open()
        try:
            return file_of(self.root, asset.path).open("rb")
        except OSError as error:
            raise unreadable(asset.path, error) from error


def build_manifest(
    directory: Path,
    *,
    rules: FileRules = NO_RULES,
    on_file: Callable[[int, int], None] = lambda _done, _total: None,
    search: Search | None = None,
    on_problem: Callable[[DirectoryError], None] = refuse,
) -> Manifest:
    """Walk and hash a build directory.

    `rules` say which files to leave out, and the types of some. `on_file` is called with the files
    hashed so far and their total number. `search` is shown each file. Everything that stands in the
    way is a DirectoryError that names the file: it is raised, or `on_problem` takes it, and the
    manifest is made without that file. Raises it in any case for what is no directory.

    On Linux a process of a single thread forks another one for many files, which reads and hashes
    some of them, and ends with this call.
    """
    check_directory(directory)
    walk = Walk(directory, exclude=rules.exclude, on_problem=on_problem)
    files = sorted(walk.files(), key=lambda file: file.path)
    special = dict(_special_files(walk.special, on_problem))
    # A Worker may do without any.
    if not files and not special and not walk.has_worker:
        on_problem(_nothing_in(directory, walk.ignored))
    if search is not None:
        for name, content in special.items():
            search.search(f"/{name}", content[:HEAD_BYTES])
    assets = []
    hashes = hash_all(files, partial(_hash_at_once, search), lambda done: on_file(done, len(files)))
    for file, at_once in zip(files, hashes, strict=True):
        try:
            digest = at_once or _hash_with_care(file, search)
        except DirectoryError as problem:
            on_problem(problem)
        else:
            content_type = content_type_of(file.path[1:])
            assets.append(Asset(file.path, file.size_bytes, digest, content_type, file))
    unused_types: tuple[TypeRule, ...] = ()
    if rules.content_types:
        choice = TypeChoice(rules)
        assets = [_with_type(asset, choice.type_of(asset.path)) for asset in assets]
        unused_types = choice.unused
    return Manifest(
        directory,
        tuple(assets),
        special,
        tuple(walk.left_out),
        walk.below_node_modules,
        walk.is_repository,
        walk.ignored,
        unused_types,
    )


def _special_files(
    found: list[FoundFile], on_problem: Callable[[DirectoryError], None]
) -> Iterator[tuple[str, bytes]]:
    """Yield the special files that say something."""
    for file in found:
        try:
            content = read_special_file(file)
        except DirectoryError as problem:
            on_problem(problem)
            continue
        if content:
            yield file.path[1:], content


def _nothing_in(directory: Path, ignored: Ignored) -> DirectoryError:
    if ignored.count:
        return DirectoryError(
            f"The build directory {directory} contains no file to deploy: {ignored.words}.",
            "Let the patterns leave something; a line that begins with ! brings back.",
            code="nothing-to-deploy",
        )
    return DirectoryError(
        f"The build directory {directory} contains no file to deploy.",
        "Check that the build wrote its output there.",
        code="nothing-to-deploy",
    )


def _with_type(asset: Asset, content_type: str | None) -> Asset:
    if content_type is None:
        return asset
    return replace(asset, content_type=content_type, is_retyped=True)


def _hash_at_once(search: Search | None, found: FoundFile) -> str | None:
    """Return the hash of a file with which nothing is wrong, None for any other."""
    try:
        digest, head = _hashed(found)
    except DirectoryError:
        return None
    return None if search is not None and search.glance(found.path, head) else digest


def _hash_with_care(found: FoundFile, search: Search | None) -> str:
    """Return the hash of a file that is searched, too. Raises DirectoryError."""
    digest, head = _hashed(found)
    if search is not None:
        search.search(found.path, head)
    return digest


def _hashed(found: FoundFile) -> tuple[str, bytes]:
    """Return a file's hash and how its content begins. Raises DirectoryError."""
    path = found.path
    try:
        head = found.content() if found.size_bytes <= HEAD_BYTES else None
        if head is not None and len(head) <= found.size_bytes:
            return hash_of_encoded(pybase64.b64encode(head), path), head
        with found.open() as file:
            head = file.read(HEAD_BYTES)
            return asset_hash(itertools.chain((head,), read_chunks(file)), path), head
    except OSError as error:
        raise unreadable(path, error) from error
