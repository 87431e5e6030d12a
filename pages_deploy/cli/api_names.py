"""Records under the names that the API gives their fields, for JSON.

Our records are flatter than the API's answers, and call some things by plainer words. Whoever reads
JSON knows the API's documentation instead: https://developers.cloudflare.com/api/resources/pages/

1. A field that the API has under the same name stays as it is.
2. What it has elsewhere or under another name goes there. Of a deployment's trigger, the branch and
   the commit stand at the top too, where people look for them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pages_deploy.api.models import (
    Deployment,
    Domain,
    EnvironmentConfig,
    LogLine,
    Project,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def as_api(value: object) -> Any:
    """Return a record, or records in lists and objects, as values of JSON but for moments."""
    if shape := SHAPES.get(type(value)):
        return as_api(shape(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_api(_fields(value))
    if isinstance(value, dict):
        return {name: as_api(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_api(entry) for entry in value]
    return value


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def _deployment(deployment: Deployment) -> Mapping[str, Any]:
    fields = _fields(deployment)
    kind = fields.pop("trigger")
    metadata = {name: fields[name] for name in ("branch", "commit_hash", "commit_message")}
    fields["deployment_trigger"] = {"type": kind, "metadata": metadata}
    # Optional in the API, and there only where there is one.
    if not fields["skip_reason"]:
        del fields["skip_reason"]
    return fields


def _project(project: Project) -> Mapping[str, Any]:
    fields = _fields(project)
    # What we conclude from several fields of the source, none of which it is.
    del fields["builds_by_itself"]
    source = fields.pop("source_type")
    fields["source"] = {"type": source} if source else None
    fields["build_config"] = {
        "build_command": fields.pop("build_command"),
        "destination_dir": fields.pop("build_output_directory"),
    }
    environments = fields.pop("environments")
    fields["deployment_configs"] = dict(environments)
    return fields


def _config(config: EnvironmentConfig) -> Mapping[str, Any]:
    return {
        "env_vars": dict(config.variables),
        "compatibility_date": config.compatibility_date,
        "compatibility_flags": config.compatibility_flags,
    }


def _variable(variable: Variable) -> Mapping[str, Any]:
    kind = "secret_text" if variable.is_secret else "plain_text"
    return {"type": kind, "value": variable.value}


def _log_line(line: LogLine) -> Mapping[str, Any]:
    return {"ts": line.time, "line": line.text}


def _domain(domain: Domain) -> Mapping[str, Any]:
    fields = _fields(domain)
    fields["verification_data"] = {"error_message": fields.pop("verification_error")}
    fields["validation_data"] = {
        "error_message": fields.pop("validation_error"),
        "method": fields.pop("validation_method"),
        "txt_name": fields.pop("txt_name"),
        "txt_value": fields.pop("txt_value"),
    }
    return fields


# What our records are flatter than, or call otherwise.
SHAPES: Mapping[type, Callable[[Any], Mapping[str, Any]]] = {
    Deployment: _deployment,
    Project: _project,
    EnvironmentConfig: _config,
    Variable: _variable,
    Domain: _domain,
    LogLine: _log_line,
}
