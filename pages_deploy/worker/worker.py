"""The Worker of a deployment: found, compiled and checked before anything is sent.

1. A prebuilt bundle, where one is named.
2. Else `_worker.js` of the build directory: a file that is not empty, or a directory.
3. Else `functions/`, where it has at least one route.

https://developers.cloudflare.com/pages/functions/advanced-mode/ and .../routing/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import WorkerError
from pages_deploy.rules.routes_json import EVERYTHING, RoutesError, RoutesRules, read_routes
from pages_deploy.worker import worker_script
from pages_deploy.worker.functions import Functions, compile_functions, likely_routes
from pages_deploy.worker.module_tree import read_source
from pages_deploy.worker.prebuilt import read_bundle
from pages_deploy.worker.routes import include_rules, is_path

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.worker.bundler import Bundler
    from pages_deploy.worker.modules import Script

ROUTES_NAME = "_routes.json"

Origin = Literal["functions", "_worker.js", "bundle"]


@dataclass(frozen=True)
class WorkerSources:
    """Where Worker code is looked for; settings make it."""

    build_directory: Path
    bundler: Bundler
    functions: Path | None = None
    """The directory of the functions; None where they are not wanted."""
    bundle: Path | None = None
    """A bundle that `wrangler pages functions build` has made."""
    excluded: frozenset[str] = frozenset()
    """Names of the build directory's root that are as if they were not there."""

    @property
    def script(self) -> Path | None:
        """Where `_worker.js` would be; None where it is not wanted."""
        is_wanted = worker_script.FILE_NAME not in self.excluded
        return self.build_directory / worker_script.FILE_NAME if is_wanted else None


@dataclass(frozen=True)
class Worker:
    """The Worker that a deployment has, but for its configuration."""

    origin: Origin
    script: Script
    rules: RoutesRules
    """Which paths reach it."""
    routes_json: bytes | None = None
    """The `_routes.json` to send: the site's own as it is, or a generated one; None for none."""
    routing_config: bytes | None = None
    """`functions-filepath-routing-config.json`, which the dashboard shows; of functions only."""
    probes: tuple[str, ...] = ()
    """Paths at which it is sure to answer a GET, percent-encoded."""
    warnings: tuple[str, ...] = ()
    """What people should know of it, a sentence each."""


def find_worker(sources: WorkerSources) -> Worker | None:
    """Find and compile the Worker; None where there is none.

    Raises WorkerError for whatever is wrong with it, naming file, line and column where there are
    some.
    """
    if sources.bundle is not None:
        shown = sources.bundler.shown(sources.bundle)
        return _with_rules(
            "bundle", read_bundle(read_source(sources.bundle, shown), shown), sources
        )
    if (script := _script_of(sources)) is not None:
        return _with_rules("_worker.js", script, sources)
    if sources.functions is None:
        return None
    functions = compile_functions(sources.functions, sources.bundler)
    return None if functions is None else _of_functions(functions, sources)


def _script_of(sources: WorkerSources) -> Script | None:
    """Compile `_worker.js` of the build directory; None where there is none that is wanted."""
    path = sources.script
    if path is None:
        return None
    if path.is_dir():
        return worker_script.compile_directory(path, sources.bundler)
    if path.exists() and not path.is_file():
        raise WorkerError(
            f"{sources.bundler.shown(path)}: is neither a file nor a directory.",
            "Replace it with the Worker, or remove it.",
        )
    # An empty one counts as none.
    if path.is_file() and path.stat().st_size:
        return worker_script.compile_file(path, sources.bundler)
    return None


def find_rules(sources: WorkerSources) -> RoutesRules | None:
    """Return which paths reach the Worker, without compiling it; None where there is none.

    Where esbuild alone can read a function, they are rather too many. Raises WorkerError for what
    is wrong with what has to be read.
    """
    path = sources.script
    has_script = path is not None and (
        path.is_dir() or (path.is_file() and path.stat().st_size > 0)
    )
    rules = EVERYTHING
    if sources.bundle is None and not has_script:
        if sources.functions is None:
            return None
        routes = likely_routes(sources.functions, sources.bundler).routes
        if not routes:
            return None
        rules = RoutesRules(include_rules(routes))
    own = _own_rules(sources)
    return rules if own is None else own[1]


def _with_rules(origin: Origin, script: Script, sources: WorkerSources) -> Worker:
    """Return a Worker that decides itself what it answers, within the site's own rules."""
    own = _own_rules(sources)
    content, rules = own if own is not None else (None, EVERYTHING)
    warnings = list(sources.bundler.warnings)
    if origin == "bundle" and own is None:
        warnings.append(
            f"Every request runs the Worker, because the build directory has no {ROUTES_NAME}. "
            "wrangler writes one with --output-routes-path."
        )
    probes = tuple(path for path in dict.fromkeys(_probes(rules)) if rules.matches(path))
    return Worker(origin, script, rules, content, probes=probes, warnings=tuple(warnings))


def _of_functions(functions: Functions, sources: WorkerSources) -> Worker:
    routes = functions.routes
    own = _own_rules(sources)
    if own is not None:
        content, rules = own
    else:
        rules = RoutesRules(include_rules(routes.routes), ())
        content = json.dumps(
            {"version": 1, "include": rules.include, "exclude": rules.exclude}, ensure_ascii=False
        ).encode()
    probes = tuple(
        route.path
        for route in routes.routes
        if route.module is not None
        and route.method in {"", "GET"}
        and ":" not in route.path
        and is_path(route.path)
        and rules.matches(route.path)
    )
    warnings = tuple(sources.bundler.warnings)
    return Worker("functions", functions.script, rules, content, routes.config, probes, warnings)


def _own_rules(sources: WorkerSources) -> tuple[bytes | None, RoutesRules] | None:
    """Return the site's own `_routes.json` and what it says; None without one.

    An empty one is not sent, and takes the place of a generated one all the same.
    """
    file = sources.build_directory / ROUTES_NAME
    if ROUTES_NAME in sources.excluded or not file.exists():
        return None
    shown = sources.bundler.shown(file)
    content = read_source(file, shown)
    if not content:
        return None, EVERYTHING
    try:
        return content, read_routes(content.decode())
    except RoutesError as error:
        raise WorkerError(
            f"{shown}:{error.line}: {error.message}",
            "See https://developers.cloudflare.com/pages/functions/routing/"
            "#create-a-_routesjson-file",
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorkerError(
            f"{shown}:{line}: this is not UTF-8.", "Save the file as UTF-8."
        ) from error


def _probes(rules: RoutesRules) -> tuple[str, ...]:
    """Return paths of rules without a wild part, and the root where all reaches the Worker."""
    return ("/", *(rule.removesuffix("*") for rule in rules.include))
