"""The Worker of a deployment: found, compiled and checked before anything is sent.

1. A prebuilt bundle, where one is named.
2. Else `_worker.js` of the build directory: a file that is not empty, or a directory.
3. Else `functions/`, where it has at least one route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.worker.modules import Script

Origin = Literal["functions", "_worker.js", "_worker.js/", "bundle"]


@dataclass(frozen=True)
class WorkerSources:
    """Where Worker code is looked for, and how it is compiled; settings make it."""

    build_directory: Path
    functions: Path | None
    """The directory of the functions; None where they are not wanted."""
    bundle: Path | None = None
    """A bundle that `wrangler pages functions build` has made."""
    bundling: Literal["auto", "always", "never"] = "auto"
    """`auto` bundles what needs it: TypeScript, JSX, packages, JSON, Node's bare names."""
    esbuild: Path | None = None
    """The program that bundles, where it is named; else it is searched for when it is needed."""
    source_maps: bool = False
    compatibility_date: str = ""
    compatibility_flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worker:
    """What a deployment sends beside its assets, but for the metadata (`configuration.py`)."""

    origin: Origin
    script: Script
    include: tuple[str, ...]
    """The rules of paths that reach the Worker, as in `_routes.json`."""
    exclude: tuple[str, ...] = ()
    routes_json: bytes | None = None
    """The `_routes.json` to send: the site's own as it is, or the generated one; None for none."""
    routing_config: bytes | None = None
    """`functions-filepath-routing-config.json`, which the dashboard shows; of functions only."""
    probes: tuple[str, ...] = ()
    """Paths of routes that answer GET and have no parameter, for the proof; the first is asked."""
    warnings: tuple[str, ...] = ()
    """What people should know: routes that win silently, names that are never reached."""
