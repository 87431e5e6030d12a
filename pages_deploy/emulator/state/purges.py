"""The store of purges: which requests to purge a zone's cache are accepted, and which were.

There is no cache here to purge: what was accepted is remembered, for tests to look at.
https://developers.cloudflare.com/cache/how-to/purge-cache/
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.state.records import Purge

if TYPE_CHECKING:
    from pages_deploy.emulator.state.database import Database
    from pages_deploy.emulator.state.records import JsonObject
    from pages_deploy.emulator.state.rows.purges import PurgeRows
    from pages_deploy.emulator.state.settings import EmulatorSettings

_EVERYTHING: Final = "purge_everything"
_LISTS: Final = ("files", "tags", "hosts", "prefixes")


class PurgeStore:
    """Accepted purges and invalidations of all zones."""

    def __init__(self, database: Database, rows: PurgeRows, *, settings: EmulatorSettings) -> None:
        self._database = database
        self._rows = rows
        self._settings = settings

    def accept(self, zone_id: str, body: JsonObject, *, call: str) -> Purge:
        """Check and remember a request to `purge_cache` or `invalidate_cache`.

        Raises RefusalError: 1012 without exactly one usable field, 1014 for one that is no array.
        Codes are documented for these two cases only; the others here share 1012.
        """
        _check(body, self._settings)
        purge = Purge(
            id=uuid.uuid4().hex,
            zone_id=zone_id,
            call=call,
            created_on=self._settings.now(),
            body=body,
        )
        with self._database.lock:
            self._rows.add(purge)
        return purge

    def all(self) -> tuple[Purge, ...]:
        """Everything accepted so far, the oldest first."""
        with self._database.lock:
            return self._rows.all()


def _check(body: JsonObject, settings: EmulatorSettings) -> None:
    given = [name for name in (_EVERYTHING, *_LISTS) if name in body]
    if len(given) != 1:
        raise _refusal(
            'Request must contain one of "purge_everything", "files", "tags", "hosts" or "prefixes"'
        )
    (kind,) = given
    if kind == _EVERYTHING:
        if body[kind] is not True:
            raise _refusal(f'"{_EVERYTHING}" must be true')
        return
    items = body[kind]
    if not isinstance(items, list):
        raise RefusalError(400, 1014, message=f'"{kind}" must be an array')
    limit = settings.max_purge_files if kind == "files" else settings.max_purge_items
    if not 1 <= len(items) <= limit:
        raise _refusal(f'"{kind}" must have 1 to {limit} items, not {len(items)}')
    for item in items:
        _check_item(kind, item)


def _check_item(kind: str, item: object) -> None:
    text = item.get("url") if kind == "files" and isinstance(item, dict) else item
    if not isinstance(text, str) or not text:
        raise _refusal(f'"{kind}" has an item that is no text: {item!r}')
    if kind == "files":
        url = urlsplit(text)
        if url.scheme not in ("http", "https") or not url.netloc:
            raise _refusal(f"Unable to purge {text!r}: it is no absolute URL")
    elif kind in ("hosts", "prefixes") and "://" in text:
        raise _refusal(f"Unable to purge {text!r}: it must not have a scheme")


def _refusal(message: str) -> RefusalError:
    return RefusalError(400, 1012, message=message)
