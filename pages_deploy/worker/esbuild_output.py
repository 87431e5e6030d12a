"""What esbuild's program has written: the main module, what it has copied beside it, the map.

1. What was read must lie in the repository, or be a package.
2. The main module, files that were copied, and the map become modules.
3. Names that hold for the directory that was written to are put right: those of sibling modules
   that were left out, and those of the map's sources.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundle import MAX_BUNDLE_BYTES
from pages_deploy.worker.module_tree import KINDS, repository_of
from pages_deploy.worker.modules import Module, Script

if TYPE_CHECKING:
    from collections.abc import Mapping

METAFILE = "metafile.json"


@dataclass(frozen=True)
class Written:
    """A directory that esbuild has written to."""

    output: Path
    """The directory, with nothing but this in it; no link on the way."""
    directory: Path
    """Where esbuild ran, and where its names begin."""
    name: str
    """The main module's name."""
    siblings: Path | None = None
    """The directory whose modules were left out."""

    def script(self) -> Script:
        """Return the Worker; raises WorkerError for what is too large, or of elsewhere."""
        metafile = json.loads((self.output / METAFILE).read_bytes())
        self._check_inputs(metafile)
        files = self._files()
        main = files.pop(self.name)
        for copied in files:
            # That it is a module is told by its type; by the name with the suffix there is none.
            main = main.replace(f'./{copied}?module"'.encode(), f'./{copied}"'.encode())
        main = self._beside_siblings(main, metafile)
        source_map = files.pop(f"{self.name}.map", None)
        others = [
            Module(f"./{copied}", KINDS[Path(copied).suffix], content)
            for copied, content in files.items()
        ]
        if source_map is not None:
            others.append(Module(f"{self.name}.map", "source-map", self._named(source_map)))
        return Script(Module(self.name, "esm", main), tuple(others))

    def _check_inputs(self, metafile: Mapping[str, Any]) -> None:
        """Refuse what is not in the repository, but for packages, which may be kept anywhere."""
        boundary = repository_of(self.directory)
        for name in metafile["inputs"]:
            if name.startswith("<"):
                continue
            file = (self.directory / name.removesuffix("?module")).resolve()
            if not file.is_relative_to(boundary) and "node_modules" not in file.parts:
                raise WorkerError(
                    f"{name}: the Worker imports this file from outside of the repository. Such "
                    "files are never published.",
                    "Copy the file into the repository.",
                )

    def _files(self) -> dict[str, bytes]:
        """Return what was written, by name, in the order of names."""
        files = sorted(file for file in self.output.iterdir() if file.name != METAFILE)
        sizes = {file: file.stat().st_size for file in files}
        # A source map has its sources in it, so it may be larger than the rest.
        if sum(sizes.values()) > 2 * MAX_BUNDLE_BYTES:
            largest = max(files, key=lambda file: sizes[file])
            raise WorkerError(
                f"The Worker is too large: {largest.name} alone has {sizes[largest]} bytes, and "
                f"Pages accepts at most {MAX_BUNDLE_BYTES} (25 MiB) for all of it.",
                "Import less, or serve large files from the build directory.",
            )
        return {file.name: file.read_bytes() for file in files}

    def _beside_siblings(self, main: bytes, metafile: Mapping[str, Any]) -> bytes:
        """Let the main module import its siblings from where it will be: beside them."""
        if self.siblings is None:
            return main
        siblings = self.siblings.absolute()
        imported = {
            one["path"]
            for name, output in metafile["outputs"].items()
            if Path(name).name == self.name
            for one in output["imports"]
            if one.get("external")
        }
        for path in imported:
            target = Path(os.path.normpath(self.output / path))
            if target.is_relative_to(siblings):
                beside = f"./{target.relative_to(siblings).as_posix()}"
                for quote in "\"'`":
                    main = main.replace(
                        f"{quote}{path}{quote}".encode(), f"{quote}{beside}{quote}".encode()
                    )
        return main

    def _named(self, source_map: bytes) -> bytes:
        """Name a map's sources from the working directory, and the module that it is of."""
        told = json.loads(source_map)
        told["sources"] = [
            os.path.relpath(os.path.normpath(self.output / source), self.directory).replace(
                os.sep, "/"
            )
            for source in told["sources"]
        ]
        told = {"file": self.name, **told}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
