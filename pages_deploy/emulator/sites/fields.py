"""The header fields of an answer, and what a site's `_headers` make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.rules.headers import Change

Fields = dict[str, list[str]]
"""The values by the name of a field; only `Set-Cookie` may have more than one."""

_SEPARATE = "set-cookie"


def changed(fields: Fields, changes: Iterable[Change]) -> Fields:
    """Return fields as the blocks of `_headers` leave them, one after the other.

    A block takes away before it sets; the first one that sets a name replaces what there was, and
    the later ones add to it.
    """
    # By names in lower case, with the name as it will be sent.
    now = {name.lower(): (name, values) for name, values in fields.items()}
    is_set: set[str] = set()
    for change in changes:
        for name in change.unset:
            now.pop(name, None)
        for name, value in change.set.items():
            before = now[name][1] if name in is_set and name in now else []
            now[name] = (_shown(name), _added(name, before, value))
            is_set.add(name)
    return dict(now.values())


def _added(name: str, before: list[str], value: str) -> list[str]:
    if name == _SEPARATE or not before:
        return [*before, value]
    return [f"{before[0]}, {value}"]


def _shown(name: str) -> str:
    """Write a name as most servers do: `X-Robots-Tag`."""
    return "-".join(part.capitalize() for part in name.split("-"))
