"""Reading the JSON of a forge: a field is there in its type, or counts as absent."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]


def record_of(value: Any, *path: str) -> Record:
    """Return the object at a path of field names, or an empty one."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text_of(value: Any, *path: str) -> str:
    """Return the text at a path of field names, or nothing."""
    found = record_of(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def id_of(value: Any) -> int | None:
    """Return the number by which a record is addressed, or None."""
    found = record_of(value).get("id")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def same_name(one: str, other: str) -> bool:
    """Whether two logins or repositories are one: every forge ignores their case."""
    return one.casefold() == other.casefold()
