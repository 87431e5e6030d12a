"""The configurable parts of a project: what may be in them, and how a change is merged.

1. a field that the change does not name stays as it is, one set to null goes away;
2. `deployment_configs` is merged for each environment, and in there each map of variables or
   bindings by its keys: an entry that is set to null goes away, any other replaces the old one.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/methods/edit/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.state.fields import bad_field, object_in

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import JsonObject

ENVIRONMENTS: Final = ("preview", "production")
"""The environments that `deployment_configs` may name."""

DEFAULT_COMPATIBILITY_DATE: Final = "2024-01-01"
"""What counts for the Workers of a project that nobody has given a date."""

_VARIABLE_TYPES: Final = ("plain_text", "secret_text")
_VARIABLES: Final = "env_vars"


@dataclass(frozen=True, kw_only=True)
class ProjectConfigs:
    """What a client says about a project's configuration; an empty object says nothing."""

    build_config: JsonObject = field(default_factory=dict)
    """`build_command`, `destination_dir`, `root_dir` and so on; null takes one away."""

    deployment_configs: JsonObject = field(default_factory=dict)
    """Environment -> variables (`env_vars`), bindings and the rest of its configuration."""

    source: JsonObject = field(default_factory=dict)
    """The Git repository: `type`, and `config` with its owner and name."""


def merged(old: JsonObject, change: JsonObject) -> JsonObject:
    """`old` with the fields of `change`; null takes a field away."""
    both = {**old, **change}
    return {name: value for name, value in both.items() if value is not None}


def merged_maps(old: JsonObject, change: JsonObject) -> JsonObject:
    """As `merged`, but a map inside `old` is merged with the one of `change` by its keys."""
    fields = dict(change)
    for name, value in change.items():
        before = old.get(name)
        if isinstance(value, dict):
            fields[name] = merged(before if isinstance(before, dict) else {}, value)
    return merged(old, fields)


def merged_deployment_configs(old: JsonObject, change: JsonObject) -> JsonObject:
    """The configuration of both environments after the change.

    Raises RefusalError 8000000 for an unknown environment, for a variable that is none, and for
    anything else that is no object where one has to be.
    """
    configs = dict(old)
    for environment, part in change.items():
        where = f"deployment_configs.{environment}"
        if environment not in ENVIRONMENTS:
            raise bad_field(where, "one of `preview` and `production`")
        # Null for a whole environment names nothing that should go away.
        fields = object_in(where, {} if part is None else part)
        before = object_in(where, configs.get(environment, {}))
        _check_variables(fields.get(_VARIABLES), where=f"{where}.{_VARIABLES}")
        configs[environment] = merged_maps(before, fields)
    return configs


def _check_variables(variables: object, *, where: str) -> None:
    if variables is None:
        return
    for name, variable in object_in(where, variables).items():
        if variable is None:
            continue
        fields = object_in(f"{where}.{name}", variable)
        if fields.get("type") not in _VARIABLE_TYPES:
            raise bad_field(f"{where}.{name}.type", "`plain_text` or `secret_text`")
        if not isinstance(fields.get("value"), str):
            raise bad_field(f"{where}.{name}.value", "a text")
