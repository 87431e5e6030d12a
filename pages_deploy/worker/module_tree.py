"""From the files that a Worker begins with to all the modules that it is made of.

1. Read a file, and note what it imports; then what those files import, each file once.
2. A relative import names a file; without an extension, or of a directory, it goes to the file that
   bundlers take, by a small module of that name that passes everything on.
3. Whatever no runtime understands as it stands is noted with its place and its reason: then a
   bundler has to do the work.
4. Modules are named by their place below the directory that they all share.
"""

from __future__ import annotations

import errno
import json
import os
import posixpath
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError
from pages_deploy.worker.javascript import Import, Place, SourceFile, read_javascript
from pages_deploy.worker.modules import Module, ModuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KINDS: dict[str, ModuleKind] = {
    ".js": "esm",
    ".mjs": "esm",
    ".json": "esm",
    ".txt": "text",
    ".html": "text",
    ".sql": "text",
    ".bin": "data",
    ".wasm": "wasm",
}
TYPED = {".ts": "TypeScript", ".tsx": "TypeScript", ".mts": "TypeScript", ".jsx": "JSX"}
# In the order in which esbuild tries them.
TRIED_EXTENSIONS = (".tsx", ".ts", ".jsx", ".js", ".json")
# What the runtime has itself.
BUILT_IN = ("cloudflare:", "node:", "workerd:")
# A bundle has at most as much: https://developers.cloudflare.com/pages/platform/limits/
MAX_SOURCE_BYTES = 25 * 1024 * 1024
# Far more than any Worker that was written by hand has.
MAX_FILES = 10_000
# A pipe is not waited for.
_FILE_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Need:
    """Why a bundler is needed."""

    file: str
    """As people name it, with line and column where there are some."""
    reason: str


@dataclass
class ModuleTree:
    """The files behind some entry files, and what is known of each."""

    root: Path
    """The directory that files are named from, in messages too: the working directory."""
    scripts: dict[Path, SourceFile] = field(default_factory=dict)
    """What was read of each JavaScript file."""
    contents: dict[Path, tuple[ModuleKind, bytes]] = field(default_factory=dict)
    """Every file that is a module."""
    aliases: dict[Path, Path] = field(default_factory=dict)
    """Names without an extension, or of directories, and the files that they mean."""
    rewrites: dict[Path, list[tuple[int, int, str]]] = field(default_factory=dict)
    """What the runtime would not find under the name that is written there: from, to, its name."""
    needs: list[Need] = field(default_factory=list)
    """Why a bundler has to do the work; empty where the files go as they are."""
    node_imports: list[Need] = field(default_factory=list)
    """Imports of `node:` modules, which work only with the flag for it."""

    def add(self, entries: Iterable[Path]) -> None:
        """Read entry files and all that they import; raises WorkerError naming the place."""
        waiting = list(entries)
        while waiting:
            file = waiting.pop()
            if file not in self.contents:
                waiting += self._read(file)
        self._check_names()

    def common_directory(self) -> Path:
        """Return the directory that all modules share."""
        files = [*self.contents, *self.aliases]
        return Path(os.path.commonpath([str(file.parent) for file in files]))

    def modules(self, base: Path) -> tuple[Module, ...]:
        """Return all modules, named from a directory above them all, in the order of their names.

        Only where nothing is in `needs` is this the whole Worker.
        """
        made = [
            Module(_relative(file, base), kind, self._rewritten(file, content))
            for file, (kind, content) in self.contents.items()
        ]
        made += [self._passing_on(name, file, base) for name, file in self.aliases.items()]
        return tuple(sorted(made, key=lambda module: module.name))

    def name_of(self, file: Path) -> str:
        """Return a file as people name it."""
        return _relative(file, self.root)

    def _read(self, file: Path) -> Iterator[Path]:
        extension = file.suffix
        shown = self.name_of(file)
        if extension in TYPED:
            self.needs.append(Need(shown, f"it is {TYPED[extension]}"))
            self.contents[file] = ("esm", b"")
            return
        content = self._content(file)
        if extension == ".json":
            content = b"export default " + _checked_json(content, shown) + b";\n"
        self.contents[file] = (KINDS.get(extension, "esm"), content)
        if KINDS.get(extension, "esm") != "esm" or extension == ".json":
            return
        script = read_javascript(content, shown)
        self.scripts[file] = script
        if script.jsx is not None:
            self.needs.append(Need(_at(shown, script.jsx), "it contains JSX"))
        for wanted in script.imports:
            if (target := self._target(file, wanted)) is not None:
                yield target

    def _content(self, file: Path) -> bytes:
        content = read_source(file, self.name_of(file))
        total = len(content) + sum(len(one) for _, one in self.contents.values())
        if total > MAX_SOURCE_BYTES or len(self.contents) >= MAX_FILES:
            raise WorkerError(
                f"The modules of the Worker are too large or too many: {self.name_of(file)} is "
                f"over the limit of {MAX_SOURCE_BYTES} bytes (25 MiB) and {MAX_FILES} files.",
                "Import less, or serve large files from the build directory.",
            )
        return content

    def _target(self, file: Path, wanted: Import) -> Path | None:
        specifier, place = wanted.specifier, _at(self.name_of(file), wanted.place)
        if specifier.startswith("node:"):
            self.node_imports.append(Need(place, specifier))
        if specifier.startswith(BUILT_IN):
            return None
        if specifier.startswith("assets:"):
            raise WorkerError(
                f"{place}: '{specifier}' are static files of a Pages plugin, which are not "
                "supported.",
                "Copy them into the build directory.",
            )
        if not specifier.startswith(("./", "../")):
            self.needs.append(Need(place, f"'{specifier}' is a package or a module of Node.js"))
            return None
        plain = plain_specifier(specifier)
        if plain != specifier:
            self.rewrites.setdefault(file, []).append((wanted.start, wanted.end, plain))
        found = self._found(Path(os.path.normpath(file.parent / plain)))
        if found is not None and not found.resolve().is_relative_to(repository_of(self.root)):
            raise WorkerError(
                f"{place}: '{specifier}' is a file outside of the repository. Such files are never "
                "published.",
                "Copy the file into the repository.",
            )
        if plain.endswith("/"):
            self.needs.append(Need(place, f"'{specifier}' is a directory"))
        if found is None:
            raise WorkerError(
                f"{place}: '{specifier}' does not exist.", "Correct the import, or add the file."
            )
        if found.suffix == ".json" and (
            wanted.has_attributes or any(name != "default" for name, _ in wanted.names)
        ):
            self.needs.append(Need(place, "it imports more of a JSON file than its default export"))
        if found.suffix not in KINDS and found.suffix not in TYPED:
            self.needs.append(
                Need(place, f"'{specifier}' is of a kind that a Worker cannot import")
            )
            return None
        return found

    def _found(self, path: Path) -> Path | None:
        """Return the file that an import means, and note the name that it is imported by."""
        if is_file(path):
            return path
        tried = [Path(f"{path}{extension}") for extension in TRIED_EXTENSIONS]
        inside = [path / f"index{extension}" for extension in TRIED_EXTENSIONS]
        for candidate in [*tried, *inside]:
            if is_file(candidate):
                self.aliases[path] = candidate
                return candidate
        return None

    def _check_names(self) -> None:
        """Refuse to import what the other module does not export."""
        for file, script in self.scripts.items():
            for wanted in () if script.mistake is not None else script.imports:
                exports = self._exports_of(self._meant(file, wanted.specifier))
                for name, place in wanted.names if exports is not None else ():
                    if name not in (exports or ()):
                        raise WorkerError(
                            f"{_at(self.name_of(file), place)}: '{wanted.specifier}' does not "
                            f"export '{name}'.",
                            "Correct the name, or export it there.",
                        )

    def _meant(self, file: Path, specifier: str) -> Path:
        path = Path(os.path.normpath(file.parent / plain_specifier(specifier)))
        return self.aliases.get(path, path)

    def _exports_of(self, file: Path, seen: tuple[Path, ...] = ()) -> frozenset[str] | None:
        """Return all that a module exports; None where that cannot be told."""
        script = self.scripts.get(file)
        if script is None:
            # Of a JSON file a bundler takes single names too.
            is_known = file in self.contents and file.suffix not in {".json", *TYPED}
            return frozenset({"default"}) if is_known else None
        if script.mistake is not None:
            return None
        exports = set(script.exports)
        for specifier in script.reexported:
            target = self._meant(file, specifier)
            if target in seen or target == file:
                continue
            others = self._exports_of(target, (*seen, file))
            if others is None:
                return None
            exports |= others - {"default"}
        return frozenset(exports)

    def _rewritten(self, file: Path, content: bytes) -> bytes:
        for start, end, name in sorted(self.rewrites.get(file, ()), reverse=True):
            text = json.dumps(name, ensure_ascii=False).encode()
            content = content[:start] + text + content[end:]
        return content

    def _passing_on(self, name: Path, file: Path, base: Path) -> Module:
        specifier = json.dumps("./" + posixpath.relpath(file.as_posix(), name.parent.as_posix()))
        text = f"export * from {specifier};\n"
        if file not in self.scripts or "default" in self.scripts[file].exports:
            text += f"export {{ default }} from {specifier};\n"
        return Module(_relative(name, base), "esm", text.encode())


def plain_specifier(specifier: str) -> str:
    """Return what an import names, without the suffix by which some bundlers mark WebAssembly."""
    return specifier.removesuffix("?module") if specifier.endswith(".wasm?module") else specifier


def read_source(file: Path, shown: str) -> bytes:
    """Return the content of a file, or the beginning of one that is too large.

    Raises WorkerError where it cannot be read.
    """
    try:
        descriptor = os.open(file, _FILE_FLAGS)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                with os.fdopen(descriptor, "rb", closefd=False) as opened:
                    return opened.read(MAX_SOURCE_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(file, shown, error) from error
    raise WorkerError(f"{shown}: this is not a file.", "Replace it with a file, or remove it.")


def unreadable(place: Path, shown: str, error: OSError) -> WorkerError:
    """Return the error of a file or directory that cannot be read."""
    if error.errno in {errno.ENOENT, errno.ELOOP} and place.is_symlink():
        return WorkerError(
            f"{shown}: is a link to something that does not exist.",
            "Remove the link, or create what it points to.",
        )
    return WorkerError(f"{shown}: cannot be read: {error.strerror}.", "Check its permissions.")


def is_file(path: Path) -> bool:
    """Whether a path that code has written is that of a file, however odd or long it is."""
    try:
        return path.is_file()
    except OSError:
        return False


def repository_of(root: Path) -> Path:
    """Return the repository that a directory belongs to, or else the directory itself."""
    real = root.resolve()
    return next((one for one in (real, *real.parents) if (one / ".git").exists()), real)


def _checked_json(content: bytes, shown: str) -> bytes:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        # As text: bytes may be UTF-16 too, which no module is.
        json.loads(content.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorkerError(
            f"{shown}:{line}:1: this is not UTF-8.", "Save the file as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise WorkerError(
            f"{shown}:{line}:{column}: this is not valid JSON.", "Correct the file."
        ) from error
    return content.strip()


def _refuse_constant(name: str) -> float:
    """Refuse NaN and the like, which Python takes and JSON does not have."""
    raise ValueError(name)


def _relative(file: Path, base: Path) -> str:
    return os.path.relpath(file, base).replace(os.sep, "/")


def _at(file: str, place: Place) -> str:
    return f"{file}:{place.line}:{place.column}"
