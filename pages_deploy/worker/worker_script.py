"""`_worker.js` of the build directory, a file or a directory, becomes a Worker.

A file takes what it imports along. A directory is sent as it is, every module under its own name,
since frameworks write them so; of it only `index.js` is read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pages_deploy.errors import WorkerError
from pages_deploy.worker.javascript import SourceFile, read_javascript
from pages_deploy.worker.module_tree import (
    BUILT_IN,
    KINDS,
    MAX_FILES,
    MAX_SOURCE_BYTES,
    ModuleTree,
    is_file,
    plain_specifier,
    read_source,
    unreadable,
)
from pages_deploy.worker.modules import Module, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.worker.bundler import Bundler

FILE_NAME = "_worker.js"
INDEX_NAME = "index.js"
# https://developers.cloudflare.com/pages/functions/advanced-mode/
_NO_DEFAULT_HINT = "Export the Worker: export default { async fetch(request, env) { ... } }"


def compile_file(file: Path, bundler: Bundler) -> Script:
    """Make a Worker of one file and what it imports; raises WorkerError."""
    content, source = _read_main(file, bundler)
    if bundler.mode == "never":
        _refuse_imports(source, bundler.shown(file))
        return Script(Module(FILE_NAME, "esm", content))
    tree = ModuleTree(bundler.root)
    tree.add([file])
    if bundler.is_wanted(tree):
        return bundler.bundle_file(file)
    base = tree.common_directory()
    name = file.relative_to(base).as_posix()
    modules = {module.name: module for module in tree.modules(base)}
    main = modules.pop(name)
    return Script(main, tuple(modules.values()))


def compile_directory(directory: Path, bundler: Bundler) -> Script:
    """Make a Worker of a directory, whose `index.js` it begins with; raises WorkerError."""
    index = directory / INDEX_NAME
    others = tuple(_modules_of(directory, bundler))
    if not (index.is_symlink() or is_file(index)):
        raise WorkerError(
            f"{bundler.shown(index)}: this file is missing. A {FILE_NAME} directory needs it.",
            "Check that the build succeeded.",
        )
    _refuse_leaving(index, directory, bundler)
    content, source = _read_main(index, bundler)
    names = {module.name for module in others}
    needs = bundler.needs_of(source, index, names)
    if bundler.mode == "always" or (needs and bundler.mode == "auto"):
        bundled = bundler.bundle_file(index, siblings=directory)
        return Script(bundled.main, (*others, *bundled.others))
    _refuse_missing(source, bundler.shown(index), names)
    return Script(Module(INDEX_NAME, "esm", _without_suffixes(source, content)), others)


def _read_main(file: Path, bundler: Bundler) -> tuple[bytes, SourceFile]:
    shown = bundler.shown(file)
    content = read_source(file, shown)
    source = read_javascript(content, shown)
    exports = source.exports
    if source.mistake is not None:
        if not bundler.is_judge([source]):
            return content, source
        exports = bundler.exports_of([file])[file]
    if "default" not in exports:
        raise WorkerError(
            f"{shown}: the Worker has no default export, so it cannot answer a request.",
            _NO_DEFAULT_HINT,
        )
    return content, source


def _refuse_imports(source: SourceFile, shown: str) -> None:
    for wanted in source.imports:
        if not wanted.specifier.startswith(BUILT_IN):
            raise WorkerError(
                f"{shown}:{wanted.place.line}:{wanted.place.column}: '{wanted.specifier}' cannot "
                "be imported without bundling.",
                "Remove --no-bundle, or make _worker.js a directory with all its modules.",
            )


def _refuse_missing(source: SourceFile, shown: str, names: set[str]) -> None:
    for wanted in source.imports:
        name = os.path.normpath(plain_specifier(wanted.specifier)).replace(os.sep, "/")
        if wanted.specifier.startswith((".", "/")) and name not in names:
            raise WorkerError(
                f"{shown}:{wanted.place.line}:{wanted.place.column}: '{wanted.specifier}' does not "
                "exist.",
                "Check that the build succeeded.",
            )


def _without_suffixes(source: SourceFile, content: bytes) -> bytes:
    """Return the text of `index.js`, in which WebAssembly is imported as the runtime knows it."""
    for wanted in reversed(source.imports):
        plain = plain_specifier(wanted.specifier)
        if plain != wanted.specifier:
            text = json.dumps(plain, ensure_ascii=False).encode()
            content = content[: wanted.start] + text + content[wanted.end :]
    return content


def _modules_of(directory: Path, bundler: Bundler) -> Iterator[Module]:
    """Yield every file that is a module by its name, dot files and `node_modules` included."""

    def refuse(error: OSError) -> NoReturn:
        place = Path(error.filename)
        raise unreadable(place, bundler.shown(place), error) from error

    total = count = 0
    for place, directories, files in os.walk(directory, onerror=refuse):
        directories.sort()
        for name in sorted(files):
            file = Path(place, name)
            kind = KINDS.get(file.suffix) if file.suffix != ".json" else None
            if kind is None or file == directory / INDEX_NAME:
                continue
            _refuse_leaving(file, directory, bundler)
            content = read_source(file, bundler.shown(file))
            total, count = total + len(content), count + 1
            if total > MAX_SOURCE_BYTES or count > MAX_FILES:
                raise WorkerError(
                    f"{bundler.shown(directory)}: its modules have more than {MAX_SOURCE_BYTES} "
                    f"bytes (25 MiB) or {MAX_FILES} files.",
                    "Serve large files as files of the site, outside of this directory.",
                )
            yield Module(file.relative_to(directory).as_posix(), kind, content)


def _refuse_leaving(file: Path, directory: Path, bundler: Bundler) -> None:
    # Unlike Path.resolve, realpath takes a loop of links, which reading refuses.
    real = Path(os.path.realpath(file))
    if not real.is_relative_to(os.path.realpath(directory)):
        raise WorkerError(
            f"{bundler.shown(file)}: this link leads out of the directory.", "Copy the file there."
        )
