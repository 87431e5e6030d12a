"""Whether a Worker has to be bundled, and the way to the program that does it.

Plain modules go as they are. What no runtime understands (TypeScript, JSX, packages) goes through
esbuild, which is looked for only then.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import WorkerError
from pages_deploy.worker import esbuild
from pages_deploy.worker.module_tree import (
    BUILT_IN,
    TRIED_EXTENSIONS,
    TYPED,
    Need,
    is_file,
    plain_specifier,
)
from pages_deploy.worker.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pages_deploy.worker.javascript import SourceFile
    from pages_deploy.worker.module_tree import ModuleTree
    from pages_deploy.worker.modules import Script
    from pages_deploy.worker.programs import Search, Tool

BundlingMode = Literal["auto", "always", "never"]
Compatibility = tuple[str, tuple[str, ...]]
"""Compatibility date, empty for none, and flags."""
# With one of them the runtime has Node's modules.
NODE_FLAGS = frozenset({"nodejs_compat", "nodejs_compat_v2", "nodejs_als"})
FUNCTIONS_NAME = "functionsWorker.js"
SCRIPT_NAME = "bundledWorker.mjs"
_ASKED_FOR = Need("--bundle", "bundling was asked for")
_NOT_READ = "pages-deploy cannot read all of its JavaScript without esbuild"


@dataclass
class Bundler:
    """How the Worker of one deployment is bundled, where it has to be."""

    search: Search
    """Where esbuild is looked for. Files are named from its directory, the working directory."""
    mode: BundlingMode = "auto"
    """`auto` bundles what needs it, `always` everything, `never` nothing."""
    compatibility: Callable[[], Compatibility] = lambda: ("", ())
    """Tells date and flags; asked only where they matter, since that may take a request."""
    source_maps: bool = False
    """Whether a bundled Worker takes its source map along."""
    warnings: list[str] = field(default_factory=list)
    """What people should know of the code so far, a sentence each."""

    def __post_init__(self) -> None:
        # Why esbuild is looked for: the error that misses it names the first.
        self._needs = [_ASKED_FOR]

    @property
    def root(self) -> Path:
        """The working directory, which files are named from."""
        return self.search.directory

    def shown(self, file: Path) -> str:
        """Return a file as people name it."""
        return os.path.relpath(file, self.root).replace(os.sep, "/")

    def is_wanted(self, tree: ModuleTree) -> bool:
        """Whether the files of a tree are to be bundled; notes what they import of Node's.

        Raises WorkerError where they would have to be, and may not.
        """
        is_judge = self.is_judge(tree.scripts.values())
        self._note_node_imports(tree.node_imports)
        if self.mode == "never":
            for need in tree.needs[:1]:
                raise WorkerError(
                    f"{need.file}: {need.reason}, so the Worker has to be bundled, but bundling is "
                    "turned off.",
                    "Remove --no-bundle (or `no_bundle` from the configuration file), or bundle "
                    "the Worker in your build.",
                )
        self._needs = tree.needs or [_ASKED_FOR]
        return self.mode == "always" or bool(tree.needs) or is_judge

    def is_judge(self, sources: Iterable[SourceFile]) -> bool:
        """Whether esbuild has to say if what our grammar does not expect is JavaScript.

        Without an esbuild the first mistake is raised. In a file that a program has written it is
        a warning, since such a file has been parsed before.
        """
        doubtful = [(one, one.mistake) for one in sources if one.mistake is not None]
        if not doubtful:
            return False
        if self.mode != "never" and find_program(esbuild.ESBUILD, self.search) is not None:
            return True
        for source, mistake in doubtful:
            if not source.is_generated:
                raise mistake
            warning = (
                f"{mistake.message} The file looks like the output of a build tool, so it is sent "
                "as it is."
            )
            if warning not in self.warnings:
                self.warnings.append(warning)
        return False

    def needs_of(self, source: SourceFile, file: Path, siblings: Collection[str]) -> list[Need]:
        """Return what of a directory's `index.js` no runtime finds among its siblings."""
        needs = []
        for wanted in source.imports:
            place = f"{self.shown(file)}:{wanted.place.line}:{wanted.place.column}"
            plain = plain_specifier(wanted.specifier)
            name = os.path.normpath(plain).replace(os.sep, "/")
            if wanted.specifier.startswith("node:"):
                self._note_node_imports([Need(place, wanted.specifier)])
            if wanted.specifier.startswith(BUILT_IN) or name in siblings:
                continue
            is_relative = wanted.specifier.startswith((".", "/"))
            is_there = is_relative and _is_there(file.parent / plain)
            if not is_relative or is_there:
                needs.append(Need(place, f"'{wanted.specifier}' is not a module of this directory"))
        if source.jsx is not None:
            needs.append(Need(f"{self.shown(file)}:{source.jsx.line}", "it contains JSX"))
        if self.is_judge([source]):
            needs.append(Need(self.shown(file), _NOT_READ))
        self._needs = needs or [_ASKED_FOR]
        return needs

    def exports_of(self, files: Sequence[Path]) -> Mapping[Path, frozenset[str]]:
        """Return the names that files export, as their own text shows them to esbuild.

        Raises WorkerError for a file that it cannot read, at its line and column.
        """
        typed = [file for file in files if not file.name.endswith((".d.ts", ".d.mts"))]
        if not typed:
            return dict.fromkeys(files, frozenset[str]())
        self._needs = [
            Need(
                self.shown(file),
                f"it is {TYPED[file.suffix]}" if file.suffix in TYPED else _NOT_READ,
            )
            for file in typed
        ]
        told = esbuild.exports_of(self._program, typed)
        return {file: told.get(file, frozenset()) for file in files}

    def bundle_functions(self, entry: bytes) -> Script:
        """Bundle functions, given the text of a module that imports them from the root."""
        return self._bundled(entry, FUNCTIONS_NAME)

    def bundle_file(self, file: Path, *, siblings: Path | None = None) -> Script:
        """Bundle a Worker from its file; `siblings` is a directory whose modules stay apart."""
        return self._bundled(file, SCRIPT_NAME, siblings)

    def _bundled(self, entry: Path | bytes, name: str, siblings: Path | None = None) -> Script:
        # Without it there is no need to ask anybody for date and flags.
        program = self._program
        bundling = esbuild.Bundling(
            name,
            *self._compatibility,
            source_map=self.source_maps,
            siblings=siblings,
        )
        bundled = esbuild.bundle(program, entry, bundling)
        self.warnings += bundled.warnings
        return bundled.script

    @cached_property
    def _program(self) -> Tool:
        return esbuild.find_esbuild(self.search, self._needs)

    @cached_property
    def _compatibility(self) -> Compatibility:
        return self.compatibility()

    def _note_node_imports(self, imports: Sequence[Need]) -> None:
        if not imports or NODE_FLAGS & set(self._compatibility[1]):
            return
        self.warnings += [
            f"{need.file}: '{need.reason}' works only with the compatibility flag nodejs_compat."
            for need in imports
        ]


def _is_there(path: Path) -> bool:
    """Whether a bundler finds a file for an import: itself, by an extension, or in a directory."""
    tried = [Path(f"{path}{extension}") for extension in TRIED_EXTENSIONS]
    inside = [path / f"index{extension}" for extension in TRIED_EXTENSIONS]
    return any(map(is_file, (path, *tried, *inside)))
