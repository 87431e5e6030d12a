"""One pass over a build directory: which of its files are assets, and how large they are.

1. Go through each directory in the order of its names.
2. Leave out what is ignored (`ignoring.py`, and by patterns `ignored.py`); set the special files of
   the root aside.
3. Follow links that stay inside of the directory (`links.py`); refuse all others, and loops.
4. Refuse what is no file, too large, or has a name that no address can have.

Names of files are bytes, and those of an address UTF-8: they are read so whatever the locale.

Nothing may be read that was put in the place of something else meanwhile: each directory is opened
without following a link, and has to be the one that was seen in the directory above it; what a link
leads to is looked up from the root, a step at a time.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.ignored import Ignored, Ignoring
from pages_deploy.site.ignoring import (
    IGNORE_FILE,
    NODE_MODULES,
    REPOSITORY,
    RESERVED_IN_ROOT,
    SPECIAL_FILES,
    WORKER_SCRIPT,
    LeftOutFiles,
    files_below,
    is_ignored,
)
from pages_deploy.site.links import Root
from pages_deploy.site.reading import FoundFile, entries_of, identity_of, is_link, unreadable
from pages_deploy.site.refusing import check_name, refuse, small_enough
from pages_deploy.site.special_files import read_ignore_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages_deploy.site.patterns import Pattern


@dataclass(frozen=True, slots=True)
class _Directory:
    """One directory to go through."""

    place: str
    """Where it really is on this machine."""
    path: str
    """As in the address, without a slash at its end; empty for the root."""
    identity: int
    ancestors: tuple[int, ...] = ()
    """The identities of the directories above it."""
    state: int = 0
    """What the patterns have seen of its path."""


_Entry = tuple[str, os.stat_result]


class Walk:
    """One pass over a directory tree; notes what it sets aside on the way.

    `exclude` are patterns of what to leave out beside those of `.assetsignore`; `on_problem` takes
    what Pages would not take, and raises it or lets the walk go on without it.
    """

    def __init__(
        self,
        root: Path,
        *,
        exclude: tuple[Pattern, ...] = (),
        on_problem: Callable[[DirectoryError], None] = refuse,
    ) -> None:
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
        self._exclude = exclude
        self._on_problem = on_problem
        self._ignoring: Ignoring | None = None

    @property
    def ignored(self) -> Ignored:
        """The files that patterns leave out."""
        return Ignored() if self._ignoring is None else self._ignoring.found

    def files(self) -> list[FoundFile]:
        """Return the file of each asset."""
        found: list[FoundFile] = []
        try:
            identity = identity_of(os.lstat(self._real_root))
        except OSError as error:
            self._on_problem(unreadable(str(self._root), error))
            return found
        self._links = Root(self._real_root, identity)
        try:
            self._find_in(_Directory(self._real_root, "", identity), found)
        except RecursionError as error:
            problem = DirectoryError(
                f"The build directory {self._root} has directories too deep within each other.",
                "Look for a build that copies its output into itself.",
                code="too-deep",
            )
            problem.__cause__ = error
            self._on_problem(problem)
        return found

    def _find_in(self, directory: _Directory, found: list[FoundFile]) -> None:
        try:
            entries: Sequence[_Entry] = self._entries(directory)
        except DirectoryError as problem:
            self._on_problem(problem)
            return
        if not directory.path:
            directory, entries = self._with_patterns(directory, entries)
        for name, status in entries:
            try:
                entry = self._entry(directory, name, status)
            except DirectoryError as problem:
                self._on_problem(problem)
                continue
            if isinstance(entry, _Directory):
                self._find_in(entry, found)
            elif entry is not None:
                found.append(entry)

    def _entries(self, directory: _Directory) -> Sequence[_Entry]:
        path = directory.path
        if directory.identity in directory.ancestors:
            raise DirectoryError(
                f"{path} is a link to a directory that contains it: a loop.",
                "Remove the link from the build directory.",
                path=path,
                code="link-loop",
            )
        return entries_of(directory.place, path or str(self._root), directory.identity)

    def _with_patterns(
        self, root: _Directory, entries: Sequence[_Entry]
    ) -> tuple[_Directory, Sequence[_Entry]]:
        """Read what the root says of files to leave out, and take that file out of its entries."""
        own = [status for name, status in entries if name == IGNORE_FILE]
        patterns: tuple[Pattern, ...] = ()
        if own:
            try:
                patterns = self._patterns(f"{root.place}{os.sep}{IGNORE_FILE}", own[0])
            except DirectoryError as problem:
                self._on_problem(problem)
            entries = [entry for entry in entries if entry[0] != IGNORE_FILE]
        if patterns or self._exclude:
            self._ignoring = Ignoring(patterns, self._exclude)
            root = replace(root, state=self._ignoring.start)
        return root, entries

    def _patterns(self, place: str, own_status: os.stat_result) -> tuple[Pattern, ...]:
        path = f"/{IGNORE_FILE}"
        real_place, status = self._links.resolved(place, path, own_status)
        if not stat.S_ISREG(status.st_mode):
            raise DirectoryError(
                f"{path} is not a file, and patterns of files to leave out belong there.",
                "Put them there, a line each, or remove it from the build directory.",
                path=path,
                code="not-a-file",
            )
        return read_ignore_file(
            FoundFile(path, self._real_root, status.st_size, identity_of(status), real_place)
        )

    def _entry(
        self, directory: _Directory, own_name: str, own_status: os.stat_result
    ) -> FoundFile | _Directory | None:
        """Return an asset or a directory; None for what is no asset, which is noted."""
        prefix, place = directory.path, f"{directory.place}{os.sep}{own_name}"
        name = own_name
        if not name.isascii():
            name = os.fsencode(own_name).decode(errors="surrogateescape")
        path = f"{prefix}/{name}"
        if is_ignored(name, is_in_root=not prefix, is_below_hidden="/." in prefix):
            self._note_ignored(place, path)
            return None
        if self._ignoring is not None and self._ignoring.leaves_out(
            path,
            place,
            directory.state,
            own_status,
            resolve=lambda: self._links.resolved(place, path, own_status)[1],
        ):
            return None
        if not name.isascii():
            check_name(path)
        target, status = "", own_status
        if is_link(own_status):
            target, status = self._links.resolved(place, path, own_status)
        file = FoundFile(path, directory.place, status.st_size, identity_of(status), target)
        if not prefix and name in RESERVED_IN_ROOT:
            self._set_aside(file, status.st_mode)
            return None
        if stat.S_ISDIR(status.st_mode):
            state = 0
            if self._ignoring is not None:
                state = self._ignoring.below(directory.state, own_name)
            above = (*directory.ancestors, directory.identity)
            return _Directory(target or place, path, file.identity, above, state)
        if stat.S_ISREG(status.st_mode):
            return small_enough(file)
        raise DirectoryError(
            f"{path} is neither a file nor a directory.",
            "Remove it from the build directory.",
            path=path,
            code="not-a-file",
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
            self.special.append(small_enough(file))
        else:
            self.left_out.append(name)
