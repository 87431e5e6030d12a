"""Compile ahead what the image runs; the root file system may be read-only, and starts are many.

Usage, while the image is built: python3 -I scripts/image_bytecode.py ROOT HOME

1. ROOT/HOME holds the package and what it needs. All of it is compiled, but for Pygments, whose 500
   lexers nobody loads here. The files never change, so Python need not compare them with their
   sources: that also holds where a builder rewrites the times of files.
2. The official images come without byte-code of the standard library, so that every start would
   compile some 150 modules anew. Those that the package loads are compiled into ROOT, at the paths
   where Python looks. They are compared with their sources by content, since an image that is built
   on this one may bring other sources.
"""

from __future__ import annotations

import compileall
import importlib
import importlib.util
import pkgutil
import py_compile
import re
import sys
import sysconfig
from pathlib import Path


def main(root: Path, home: str) -> None:
    program = root / home.lstrip("/")
    sys.path.insert(0, str(program))
    sys.dont_write_bytecode = True
    compiled = compileall.compile_dir(
        program,
        quiet=1,
        rx=re.compile(r"/pygments/"),
        stripdir=str(root),
        prependdir="/",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise SystemExit("Not everything could be compiled.")
    load("pages_deploy")
    for file in sorted(standard_library()):
        target = root / importlib.util.cache_from_source(str(file)).lstrip("/")
        py_compile.compile(
            str(file),
            cfile=str(target),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )


def load(name: str) -> None:
    """Import a package with every module in it."""
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)


def standard_library() -> set[Path]:
    """Return the sources of the standard library's modules that have been loaded."""
    library = Path(sysconfig.get_path("stdlib"))
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    sources = {Path(file) for file in files if file and file.endswith(".py")}
    return {file for file in sources if file.is_relative_to(library)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
