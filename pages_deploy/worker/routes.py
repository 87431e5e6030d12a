"""The routes of a `functions/` directory: which file answers which path, in which order.

1. A file's place is its path: `index` stands for its directory, `[name]` for one segment, and
   `[[name]]` for any number of them.
2. Each handler that a file exports gives an entry; `_middleware` gives middleware instead of a
   module. Entries of one path and one method become one route, the later ones winning.
3. The most specific route comes first.

https://developers.cloudflare.com/pages/functions/routing/ and workers-sdk,
`packages/pages-functions/src/routing/`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

# What a file may export, and the method that it answers; empty for every method.
HANDLERS = {
    "onRequest": "",
    **{
        f"onRequest{method.capitalize()}": method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
    },
}
EXTENSIONS = (".js", ".mjs", ".ts", ".tsx", ".jsx")
# https://developers.cloudflare.com/pages/functions/routing/#create-a-_routesjson-file
MAX_RULES = 100
MAX_RULE_LENGTH = 100
_CATCH_ALL = re.compile(r"\[\[([^\[\]]*)\]\]")
_PARAMETER = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"[A-Za-z0-9_]+")
# Punctuation in the order of the Unicode root collation, which JavaScript's `localeCompare` has.
_PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_RANKS = {letter: rank for rank, letter in enumerate(_PUNCTUATION)}


@dataclass(frozen=True)
class Handler:
    """An exported handler."""

    file: str
    """The file below the functions' directory, with `/` between its parts."""
    export: str
    """The name that it is exported by."""

    def __str__(self) -> str:
        return f"{self.file}:{self.export}"


@dataclass(frozen=True)
class Route:
    """What answers one path for one method."""

    path: str
    """With parameters as `:name`, and `:name*` for any number of segments."""
    mount: str
    """The path of the file's directory."""
    method: str
    """Empty for every method."""
    module: Handler | None = None
    """What answers, where nobody before has."""
    middleware: Handler | None = None
    """What goes before everything at the path and below it."""


@dataclass(frozen=True)
class Routes:
    """All routes of a directory, the most specific one first."""

    routes: tuple[Route, ...]
    warnings: tuple[str, ...] = ()
    """Handlers that lose against others in silence."""

    @property
    def config(self) -> bytes:
        """The routing file that wrangler sends along, which the dashboard shows."""
        return json.dumps(
            {"routes": [_as_config(route) for route in self.routes], "baseURL": "/"},
            ensure_ascii=False,
        ).encode()


def routes_of(exports: Mapping[str, Collection[str]], *, directory: str = "functions") -> Routes:
    """Return the routes of functions, given the exported names of each file.

    The files are named as in `Handler.file`, in the order in which they were found: breadth first,
    by their names within a directory. Raises WorkerError for names that make no route, the files
    being named as in `directory`.
    """
    merged: dict[tuple[str, str], Route] = {}
    warnings = []
    for file, names in exports.items():
        for name, method in HANDLERS.items():
            if name not in names:
                continue
            path, mount, is_middleware = place_of(file, directory=directory)
            handler = Handler(file, name)
            key = path, method
            route = merged.get(key, Route(path, mount, method))
            before = route.middleware if is_middleware else route.module
            if before is not None:
                warnings.append(
                    f"{handler} and {before} both answer {path}: only {handler} is used."
                )
            route = replace(route, mount=mount)
            merged[key] = (
                replace(route, middleware=handler)
                if is_middleware
                else replace(route, module=handler)
            )
    return Routes(tuple(sorted(merged.values(), key=_specificity)), tuple(warnings))


def place_of(file: str, *, directory: str = "functions") -> tuple[str, str, bool]:
    """Return the route path of a file, the path of its directory, and whether it is middleware.

    Raises WorkerError for a name that no route can be made of.
    """
    shown = f"{directory}/{file}"
    _refuse_unusable(file, shown)
    parent, _, base = file.rpartition("/")
    stem = base[: base.rindex(".")]
    is_middleware = stem in {"_middleware", "_middleware_"}
    place = parent if is_middleware or stem == "index" else f"{parent}/{stem}".lstrip("/")
    path, mount = _path_of(place, shown), _path_of(parent, shown)
    _refuse_what_breaks(path, shown)
    return path, mount, is_middleware


def _path_of(place: str, shown: str) -> str:
    def parameter(found: re.Match[str], suffix: str) -> str:
        if not _NAME.fullmatch(found[1]):
            raise WorkerError(
                f"{shown}: '{found[0]}' is not a valid parameter: its name may only contain "
                "letters, digits and _.",
                "Rename the file or the directory. [name] stands for one segment of a path, "
                "[[name]] for any number.",
            )
        return f":{found[1]}{suffix}"

    text = _CATCH_ALL.sub(lambda found: parameter(found, "*"), place)
    return "/" + _PARAMETER.sub(lambda found: parameter(found, ""), text)


def _refuse_unusable(file: str, shown: str) -> None:
    for character in ':"\\*':
        if character in file:
            raise WorkerError(
                f"{shown}: the name of a Function may not contain {character}.",
                "Rename the file or the directory.",
            )


def _refuse_what_breaks(path: str, shown: str) -> None:
    """Refuse what Pages would take and then fail at, for every request of the site."""
    if re.search(r":\w+\*?:", path):
        raise WorkerError(
            f"{shown}: two parameters are next to each other, and every request would fail.",
            "Put some text between them, as in [a]-[b].",
        )
    if re.search(r"[^/]:\w+\*|\*[^/]", path):
        raise WorkerError(
            f"{shown}: [[...]] has to be a whole segment of the path, or every request would fail.",
            "Give it a directory or a file of its own.",
        )


def _specificity(route: Route) -> tuple[object, ...]:
    segments = [segment for segment in route.path.split("/") if segment]
    # One after the other: a segment with `*` comes after one without, and one with `:` likewise.
    kinds = [("*" in segment, ":" in segment) for segment in segments]
    return -len(segments), kinds, not route.method, _collation(route.path), route.method


def _collation(path: str) -> tuple[list[tuple[int, str]], str, str]:
    """Return a key by which paths sort as in the Unicode root collation.

    Letters count first, by the alphabet; then their accents; and letter case last, lower first.
    """
    letters = unicodedata.normalize("NFD", path)
    primary = [
        (_RANKS.get(letter, len(_RANKS)), letter.lower())
        for letter in letters
        if not unicodedata.combining(letter)
    ]
    accents = "".join(filter(unicodedata.combining, letters))
    return primary, accents, path.swapcase()


def _as_config(route: Route) -> dict[str, object]:
    config: dict[str, object] = {
        "routePath": route.path,
        "mountPath": route.mount,
        "method": route.method,
    }
    if route.middleware is not None:
        config["middleware"] = [str(route.middleware)]
    if route.module is not None:
        config["module"] = [str(route.module)]
    return config


def is_path(path: str) -> bool:
    """Whether a request's path may have these characters: browsers encode all others."""
    return path.isascii() and path.isprintable() and not set(path) & set(' "#<>?`{}^')


def include_rules(routes: Sequence[Route]) -> tuple[str, ...]:
    """Return the rules of a generated `_routes.json` for routes: which paths reach the Worker."""
    rules = dict.fromkeys(rule for route in routes for rule in _rules_of(route))
    wide = [rule for rule in rules if rule.endswith("/*")]
    kept = tuple(
        rule
        for rule in rules
        if not any(rule != other and rule.startswith(other[:-1]) for other in wide)
    )
    return kept if len(kept) <= MAX_RULES else ("/*",)


def _rules_of(route: Route) -> Iterable[str]:
    path = re.sub(r":\w+.*", "*", route.path, count=1)
    if route.module is not None:
        yield _fitting(path)
    if route.middleware is not None:
        yield _fitting(path if path.endswith("*") else f"{path.rstrip('/')}/*")


def _fitting(rule: str) -> str:
    if len(rule) <= MAX_RULE_LENGTH:
        return rule
    cut = rule.rfind("/", 0, MAX_RULE_LENGTH - 1)
    return f"{rule[:cut]}/*" if cut > 0 else "/*"
