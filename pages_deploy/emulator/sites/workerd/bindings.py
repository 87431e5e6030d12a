"""What a Worker finds in its `env`, but for the assets of its site, and as of which day it runs.

1. The project's variables for the environment of the deployment, and its bindings. Where a
   configuration file came with the deployment, it alone counts, and of the project only secrets:
   https://developers.cloudflare.com/pages/functions/wrangler-configuration/#source-of-truth
2. The bindings that came with the Worker; they replace those of the same name.

Texts and JSON are what they are. What only Cloudflare has is missing, which the Worker is told when
it uses it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from pages_deploy.emulator.state.project_configs import DEFAULT_COMPATIBILITY_DATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.emulator.state.records import Deployment, JsonObject, Project

# The keys of a project's `deployment_configs`, and what Workers call that kind of binding:
# https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/get/
_PROJECT_KINDS: Final = {
    "ai_bindings": "ai",
    "analytics_engine_datasets": "analytics_engine",
    "browsers": "browser",
    "d1_databases": "d1",
    "durable_object_namespaces": "durable_object_namespace",
    "hyperdrive_bindings": "hyperdrive",
    "kv_namespaces": "kv_namespace",
    "mtls_certificates": "mtls_certificate",
    "queue_producers": "queue",
    "r2_buckets": "r2_bucket",
    "services": "service",
    "vectorize_bindings": "vectorize",
}


@dataclass(frozen=True)
class Binding:
    """One thing in `env`."""

    name: str
    """Under which name it is there."""

    form: Literal["text", "json", "missing"]
    """What it is."""

    value: str
    """The text, the JSON, or the kind of what is missing: `d1`."""


@dataclass(frozen=True)
class Compatibility:
    """How the runtime behaves: https://developers.cloudflare.com/workers/configuration/"""

    date: str
    """As of which day."""

    flags: tuple[str, ...] = ()
    """What is to be otherwise than on that day."""


def bindings_of(
    metadata: JsonObject, deployment: Deployment, project: Project
) -> tuple[Binding, ...]:
    """Everything in `env`, from the metadata of the Worker and from its project."""
    config = _environment_of(project, deployment)
    found = {binding.name: binding for binding in _variables(config, deployment)}
    if not deployment.wrangler_config_hash:
        found |= {binding.name: binding for binding in _bindings_of_project(config)}
    found |= {binding.name: binding for binding in _bindings_sent(metadata, deployment)}
    # Pages keeps this name for the assets.
    found.pop("ASSETS", None)
    return tuple(found.values())


def compatibility_of(
    metadata: JsonObject, deployment: Deployment, project: Project
) -> Compatibility:
    """The date and the flags that came with the Worker, else those of its project."""
    config = _environment_of(project, deployment)
    date, flags = metadata.get("compatibility_date"), metadata.get("compatibility_flags")
    return Compatibility(
        str(date or config.get("compatibility_date") or DEFAULT_COMPATIBILITY_DATE),
        _texts(flags if isinstance(flags, list) else config.get("compatibility_flags")),
    )


def _environment_of(project: Project, deployment: Deployment) -> JsonObject:
    return _object(project.deployment_configs.get(deployment.environment))


def _variables(config: JsonObject, deployment: Deployment) -> Iterator[Binding]:
    for name, variable in _object(config.get("env_vars")).items():
        fields = _object(variable)
        if fields.get("type") == "secret_text" or not deployment.wrangler_config_hash:
            yield Binding(name, "text", str(fields.get("value", "")))


def _bindings_of_project(config: JsonObject) -> Iterator[Binding]:
    for key, kind in _PROJECT_KINDS.items():
        for name in _object(config.get(key)):
            yield Binding(name, "missing", kind)


def _bindings_sent(metadata: JsonObject, deployment: Deployment) -> Iterator[Binding]:
    sent = metadata.get("bindings")
    for fields in map(_object, sent if isinstance(sent, list) else ()):
        name, kind = str(fields.get("name", "")), str(fields.get("type", ""))
        if not name:
            continue
        if kind in {"plain_text", "secret_text"} and isinstance(fields.get("text"), str):
            yield Binding(name, "text", str(fields["text"]))
        elif kind == "json":
            yield Binding(name, "json", json.dumps(fields.get("json")))
        elif kind == "version_metadata":
            made_on = datetime.fromtimestamp(deployment.created_on, UTC).isoformat()
            version = {"id": deployment.id, "tag": "", "timestamp": made_on}
            yield Binding(name, "json", json.dumps(version))
        else:
            yield Binding(name, "missing", kind)


def _texts(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _object(found: object) -> JsonObject:
    return found if isinstance(found, dict) else {}
