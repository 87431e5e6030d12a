"""A `functions/` directory becomes a Worker.

1. Find the files, breadth first and by their names, as wrangler does: their order decides.
2. Read what each exports: by the tree of modules, or by esbuild where TypeScript is among them.
3. Make the routes, and an entry module that gives them to the router.
4. Plain modules go as they are; where anything needs a bundler, everything is bundled.

Handlers are looked up when a request comes, so a module may export whatever it likes.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError
from pages_deploy.worker.javascript import read_javascript
from pages_deploy.worker.module_tree import TYPED, ModuleTree, read_source, unreadable
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.routes import EXTENSIONS, Route, Routes, is_path, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pages_deploy.worker.bundler import Bundler

# Names of plain letters, since nobody imports them by another.
ENTRY_NAME = "pages-functions.js"
ROUTER_NAME = "pages-router.js"
# More than any site has; a directory that leads into itself ends here.
MAX_FUNCTIONS = 5_000


@dataclass(frozen=True)
class Functions:
    """The Worker of a directory of functions."""

    script: Script
    routes: Routes


def compile_functions(directory: Path, bundler: Bundler) -> Functions | None:
    """Make a Worker of the functions in a directory; None where there is no route.

    Raises WorkerError for whatever is wrong with them, naming file, line and column.
    """
    shown = bundler.shown(directory)
    files = {_below(file, directory): file for file in find_functions(directory, shown)}
    routes = routes_of(_exports(files, bundler), directory=shown)
    if not routes.routes:
        bundler.warnings.append(
            f"{shown}/ has no Functions, so the site has no Worker: no file there exports a "
            "handler such as onRequest."
        )
        return None
    # Only what has handlers is a part of the Worker, whatever else lies there.
    used = {name: file for name, file in files.items() if _has_handlers(routes, name)}
    tree = ModuleTree(bundler.root)
    tree.add(used.values())
    bundler.warnings += [*routes.warnings, *_unreachable(routes, shown)]
    if not bundler.is_wanted(tree):
        return Functions(_plain(used, routes, tree), routes)
    below = os.path.relpath(directory, bundler.root).replace(os.sep, "/")
    specifiers = {name: f"./{below}/{name}" for name in used}
    # All in one text: esbuild is to read nothing that lies outside of the repository.
    router = _router().decode().replace("export function", "function")
    entry = entry_text(routes, specifiers, router)
    return Functions(bundler.bundle_functions(entry.encode()), routes)


def likely_routes(directory: Path, bundler: Bundler) -> Routes:
    """Return the routes of a directory as far as they can be told without esbuild.

    What esbuild alone can read counts as a handler. Raises WorkerError as `compile_functions` does.
    """
    shown = bundler.shown(directory)
    exports = {}
    for file in find_functions(directory, shown):
        names = frozenset({"onRequest"})
        if file.suffix not in TYPED:
            name = bundler.shown(file)
            source = read_javascript(read_source(file, name), name)
            names = source.exports if source.mistake is None else names
        exports[_below(file, directory)] = names
    return routes_of(exports, directory=shown)


def find_functions(directory: Path, shown: str) -> list[Path]:
    """Return the files that may export handlers, in the order in which wrangler finds them.

    Links are not followed; `shown` is how people name the directory. Raises WorkerError for a
    directory that cannot be read, for too many files, and for a name that is not UTF-8.
    """
    found: list[Path] = []
    waiting = [directory]
    for place in waiting:
        try:
            entries = sorted(os.scandir(place), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            below = "" if place == directory else f"/{_below(place, directory)}"
            raise unreadable(place, f"{shown}{below}", error) from error
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                waiting.append(place / entry.name)
            elif entry.name.endswith(EXTENSIONS):
                found.append(place / entry.name)
                _refuse_odd_name(_below(found[-1], directory), shown)
        if len(found) > MAX_FUNCTIONS:
            raise WorkerError(
                f"{shown}: there are more than {MAX_FUNCTIONS} files that could be Functions.",
                "Name the right directory with --functions, or turn Functions off with "
                "--no-functions.",
            )
    return found


def _refuse_odd_name(file: str, directory: str) -> None:
    try:
        file.encode()
    except UnicodeEncodeError as error:
        name = file.encode(errors="surrogateescape").decode(errors="replace")
        raise WorkerError(
            f"{directory}/{name}: the name is not UTF-8.", "Rename the file or the directory."
        ) from error


def entry_text(routes: Routes, specifiers: Mapping[str, str], router: str) -> str:
    """Return the entry module: the router or its import, then every file by its specifier."""
    names = {file: f"f{number}" for number, file in enumerate(specifiers)}
    lines = [router]
    lines += [
        f"import * as {names[file]} from {_quoted(specifier)};"
        for file, specifier in specifiers.items()
    ]
    lines += ["", "export default createRouter(["]
    lines += [f"  {_entry_of(route, names)}," for route in routes.routes]
    return "\n".join([*lines, "]);", ""])


def _entry_of(route: Route, names: Mapping[str, str]) -> str:
    facts = f"path: {_quoted(route.path)}, mount: {_quoted(route.mount)}"
    facts += f", method: {_quoted(route.method)}"
    for kind, handler in (("module", route.module), ("middleware", route.middleware)):
        if handler is not None:
            facts += f", {kind}: () => {names[handler.file]}.{handler.export}"
    return f"{{ {facts} }}"


def _exports(files: Mapping[str, Path], bundler: Bundler) -> dict[str, frozenset[str]]:
    """Return the names that each file exports, as its own text shows them."""
    read = {
        file: read_javascript(read_source(file, bundler.shown(file)), bundler.shown(file))
        for file in files.values()
        if file.suffix not in TYPED
    }
    is_judge = bundler.is_judge(read.values())
    unread = [
        file
        for file in files.values()
        if file not in read or (is_judge and read[file].mistake is not None)
    ]
    told = bundler.exports_of(unread) if unread else {}
    return {
        name: told[file] if file in told else read[file].exports for name, file in files.items()
    }


def _plain(used: Mapping[str, Path], routes: Routes, tree: ModuleTree) -> Script:
    base = tree.common_directory()
    others = tree.modules(base)
    taken = {module.name for module in others}
    entry, router = _free(ENTRY_NAME, taken), _free(ROUTER_NAME, taken)
    specifiers = {name: f"./{_below(file, base)}" for name, file in used.items()}
    importing = f"import {{ createRouter }} from {_quoted(f'./{router}')};"
    text = entry_text(routes, specifiers, importing)
    return Script(Module(entry, "esm", text.encode()), (Module(router, "esm", _router()), *others))


def _router() -> bytes:
    return (resources.files(__package__) / "router.js").read_bytes()


def _free(name: str, taken: set[str]) -> str:
    stem, number = name.removesuffix(".js"), 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.js"
    return name


def _has_handlers(routes: Routes, file: str) -> bool:
    return any(
        handler is not None and handler.file == file
        for route in routes.routes
        for handler in (route.module, route.middleware)
    )


def _unreachable(routes: Routes, directory: str) -> Iterator[str]:
    """Yield what no request ever reaches: paths are compared as they come, percent-encoded."""
    for route in routes.routes:
        handler = route.module or route.middleware
        if handler is not None and not is_path(route.path):
            yield (
                f"{directory}/{handler.file} is never reached: its name has characters that are "
                "percent-encoded in every address. Rename it."
            )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _below(file: Path, directory: Path) -> str:
    return file.relative_to(directory).as_posix()
