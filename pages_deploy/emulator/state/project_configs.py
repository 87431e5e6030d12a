"""The configurable parts of a project: what may be in them, and how a change is merged.

1. a field that the change does not name stays as it is, one set to null goes away;
2. `deployment_configs` is merged for each environment, and in there each map of variables or
   bindings by its keys: an entry that is set to null goes away, any other replaces the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import bad_field

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import JsonObject

ENVIRONMENTS: Final = ("preview", "production")
_VARIABLE_TYPES: Final = ("plain_text", "secret_text")
_VARIABLES: Final = "env_vars"


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
    """The configuration of both environments after the change. Raises RefusalError."""
    configs = dict(old)
    for environment, part in change.items():
        where = f"deployment_configs.{environment}"
        if environment not in ENVIRONMENTS:
            raise bad_field(where, "one of `preview` and `production`")
        # Null for a whole environment names nothing that should go away.
        fields = _object(where, {} if part is None else part)
        before = _object(where, configs.get(environment, {}))
        _check_variables(fields.get(_VARIABLES), where=f"{where}.{_VARIABLES}")
        configs[environment] = merged_maps(before, fields)
    return configs


def _check_variables(variables: object, *, where: str) -> None:
    if variables is None:
        return
    for name, variable in _object(where, variables).items():
        if variable is None:
            continue
        fields = _object(f"{where}.{name}", variable)
        if fields.get("type") not in _VARIABLE_TYPES:
            raise bad_field(f"{where}.{name}.type", "`plain_text` or `secret_text`")
        if not isinstance(fields.get("value"), str):
            raise bad_field(f"{where}.{name}.value", "a text")


def _object(name: str, value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise bad_field(name, "an object")
    return value
