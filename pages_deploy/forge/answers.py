"""Reading what a forge answers: a field is there in its type, or counts as absent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

Record = dict[str, Any]
LONGEST_QUOTE = 200


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


@dataclass(frozen=True)
class Answer:
    """A good answer."""

    data: Any
    headers: Mapping[str, str]
    # The query of the page that `Link` calls the next one.
    next_query: Mapping[str, str] | None
    doing: str

    def record(self) -> Record:
        if not isinstance(self.data, dict):
            raise self._odd("it is no object")
        return self.data

    def records(self) -> list[Record]:
        if not isinstance(self.data, list):
            raise self._odd("it is no list")
        return [item for item in self.data if isinstance(item, dict)]

    def id(self) -> int:
        found = id_of(self.data)
        if found is None:
            raise self._odd(text_of(self.data, "message")[:LONGEST_QUOTE] or "it has no id")
        return found

    def _odd(self, reason: str) -> ForgeError:
        return ForgeError(
            f"Cannot {self.doing}: the answer is not what the API documents ({reason}).",
            may_have_worked=True,
        )


def json_of(response: requests.Response) -> tuple[Any, bool]:
    """Return the body as JSON, and whether it is any; an empty one is an empty object."""
    if not response.content:
        return {}, True
    try:
        return json.loads(response.content), True
    except (ValueError, RecursionError):
        return None, False


def next_query(response: requests.Response) -> Mapping[str, str] | None:
    try:
        address = response.links.get("next", {}).get("url", "")
        return dict(parse_qsl(urlsplit(address).query)) or None
    except (AttributeError, ValueError):
        return None
