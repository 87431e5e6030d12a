"""Reading what a forge answers: a field is there in its type, or counts as absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.net.received import Received

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
class ForgeAnswer:
    """A good answer; each reader raises ForgeError where it is not in that form."""

    data: Any
    """What the body is as JSON."""
    headers: Mapping[str, str]
    """By names in whatever case."""
    next_query: Mapping[str, str] | None
    """The query of the page that `Link` calls the next one."""
    doing: str
    """What was asked for, to complete "Cannot ..."."""

    def record(self) -> Record:
        """Return the answer as one object."""
        if not isinstance(self.data, dict):
            raise self._odd("it is not an object")
        return self.data

    def records(self) -> list[Record]:
        """Return the answer as a list, without what is no object in it."""
        if not isinstance(self.data, list):
            raise self._odd("it is not a list")
        return [item for item in self.data if isinstance(item, dict)]

    def id(self) -> int:
        """Return the number by which what was made is addressed."""
        found = id_of(self.data)
        if found is None:
            raise self._odd(text_of(self.data, "message")[:LONGEST_QUOTE] or "it has no id")
        return found

    def _odd(self, reason: str) -> ForgeError:
        return ForgeError(
            f"Cannot {self.doing}: the answer is not what the API documents ({reason}).",
            may_have_worked=True,
        )


def json_of(received: Received) -> tuple[Any, bool]:
    """Return the body as JSON, and whether it is any; an empty one is an empty object."""
    if not received.content:
        return {}, True
    try:
        return received.json(), True
    except (ValueError, RecursionError):
        return None, False


def next_query(received: Received) -> Mapping[str, str] | None:
    """Return the query of the next page of a listing, or None."""
    try:
        return dict(parse_qsl(urlsplit(received.link("next")).query)) or None
    except ValueError:
        return None
