"""The Worker of a deployment: what of its form shows whether Cloudflare could start it.

https://developers.cloudflare.com/pages/functions/advanced-mode/, and for the bundle workers-sdk:
`packages/deploy-helpers/src/deploy/helpers/create-worker-upload-form.ts`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.state.bundles import BundleError, Part, read_parts
from pages_deploy.emulator.state.submissions import BUNDLE, ROUTES, ROUTING, WORKER
from pages_deploy.rules.routes_json import (
    MAX_ROUTES,
    RoutesError,
    RoutesRules,
    TooManyRoutesError,
    read_routes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.records import Deployment, JsonObject
    from pages_deploy.emulator.state.rows.deployments import DeploymentRows

_MODULE: Final = "application/javascript+module"
_SCRIPT: Final = "application/javascript"
_SOURCE_MAP: Final = "application/source-map"
_TYPES: Final = frozenset(
    {
        *(_MODULE, _SCRIPT, _SOURCE_MAP, "application/wasm", "text/plain"),
        *("application/octet-stream", "text/x-python", "text/x-python-requirement"),
    }
)


class WorkerFaultError(Exception):
    """Cloudflare could not start the Worker: the reason, as the log of its deployment gives it."""

    def __init__(self, reason: str) -> None:
        # The words in which users have reported it: https://github.com/withastro/adapters/issues/146
        super().__init__(f"Failed to publish your Function. Got error: {reason}")


@dataclass(frozen=True)
class WorkerModule:
    """One module, or the source map of one."""

    name: str
    """As others import it."""

    content_type: str
    """What kind of module it is: `application/javascript+module` and so on."""

    content: bytes
    """As sent."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)


@dataclass(frozen=True)
class Worker:
    """A Worker that was sent."""

    main_module: str
    """The name of the module that answers requests."""

    modules: tuple[WorkerModule, ...]
    """All of them, in the order of sending."""

    metadata: JsonObject
    """As sent: bindings, compatibility date and so on."""

    rules: RoutesRules
    """What reaches it."""

    routing: JsonObject | None
    """The routes of `functions/`, as their sender says; None where it says nothing."""


class WorkerStore:
    """The Workers of all deployments."""

    def __init__(self, database: Database, rows: DeploymentRows) -> None:
        self._database = database
        self._rows = rows

    def of(self, deployment: Deployment) -> Worker | None:
        """The Worker of a deployment, taken apart; None if it has none.

        Raises WorkerFaultError for one that could not be started, whose deployment has failed.
        """
        if not deployment.uses_functions:
            return None
        with self._database.lock:
            special_files = self._rows.special_files(deployment.id)
        return read_worker(special_files)

    def rules_of(self, deployment: Deployment) -> RoutesRules:
        """What reaches the Worker of a deployment that can be visited; nothing without one."""
        if not deployment.uses_functions:
            return RoutesRules(())
        with self._database.lock:
            content = self._rows.special_file(deployment.id, ROUTES)
        return read_rules(content)


def read_worker(special_files: Mapping[str, bytes]) -> Worker:
    """The Worker in the files of a deployment that has one. Raises WorkerFaultError."""
    rules = read_rules(special_files.get(ROUTES))
    routing = special_files.get(ROUTING)
    shown = None if routing is None else _object(routing, ROUTING)
    if WORKER in special_files:
        only = WorkerModule(WORKER, _MODULE, special_files[WORKER])
        return Worker(WORKER, (only,), {"main_module": WORKER}, rules, shown)
    try:
        parts = list(read_parts(special_files[BUNDLE]))
    except BundleError as error:
        raise WorkerFaultError(f"{BUNDLE}: {error}") from error
    metadata, modules = _taken_apart(parts)
    return Worker(_main_module(metadata, modules), modules, metadata, rules, shown)


def read_rules(content: bytes | None) -> RoutesRules:
    """What a `_routes.json` sends to the Worker: everything without one, or with an empty one.

    Raises WorkerFaultError for one that Pages does not take.
    """
    try:
        return read_routes((content or b"").decode())
    except TooManyRoutesError as error:
        raise WorkerFaultError(
            f"Error 8000057: Rules in `{ROUTES}` are over the {MAX_ROUTES} rule limit."
        ) from error
    except RoutesError as error:
        raise WorkerFaultError(f"{ROUTES}, line {error.line}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise WorkerFaultError(f"{ROUTES} is no UTF-8") from error


def worker_errors(special_files: Mapping[str, bytes]) -> tuple[str, ...]:
    """What the log says of a Worker that cannot be started; nothing of any other, or of none."""
    if BUNDLE not in special_files and WORKER not in special_files:
        return ()
    try:
        read_worker(special_files)
    except WorkerFaultError as fault:
        return (str(fault),)
    return ()


def _taken_apart(parts: list[Part]) -> tuple[JsonObject, tuple[WorkerModule, ...]]:
    metadata: JsonObject | None = None
    modules: dict[str, WorkerModule] = {}
    for part in parts:
        if part.name == "metadata" and not part.content_type:
            metadata = _object(part.content, "metadata")
        elif part.content_type not in _TYPES:
            raise WorkerFaultError(f"{part.name}: no module is of type {part.content_type!r}")
        elif part.name in modules:
            raise WorkerFaultError(f"{part.name}: there are two modules of this name")
        else:
            modules[part.name] = WorkerModule(part.name, part.content_type, part.content)
    if metadata is None:
        raise WorkerFaultError("the metadata is missing")
    return metadata, tuple(modules.values())


def _main_module(metadata: JsonObject, modules: tuple[WorkerModule, ...]) -> str:
    for key, content_type in (("main_module", _MODULE), ("body_part", _SCRIPT)):
        name = metadata.get(key)
        if name is None:
            continue
        found = [module for module in modules if module.name == name]
        if not found:
            raise WorkerFaultError(f"{key}: there is no module {name!r}")
        if found[0].content_type != content_type:
            raise WorkerFaultError(f"{key}: {name} is of type {found[0].content_type}")
        return found[0].name
    raise WorkerFaultError("the metadata names no main module")


def _object(content: bytes, what: str) -> JsonObject:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise WorkerFaultError(f"{what} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise WorkerFaultError(f"{what} is no JSON object")
    return found
