"""Fields of a JSON body, checked: what the rules for projects and domains share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import UNKNOWN_ERROR, RefusalError

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import JsonObject


def bad_field(name: str, expected: str) -> RefusalError:
    """The refusal of a body with a field of the wrong form; no code is documented for it."""
    return RefusalError(400, UNKNOWN_ERROR, message=f"The field `{name}` must be {expected}")


def object_in(name: str, value: object) -> JsonObject:
    """The value of a field that is to be an object. Raises RefusalError if it is none."""
    if not isinstance(value, dict):
        raise bad_field(name, "an object")
    return value


def object_field(body: JsonObject, name: str) -> JsonObject:
    """As `object_in`; empty for a field that is missing or null."""
    value = body.get(name)
    return {} if value is None else object_in(name, value)
