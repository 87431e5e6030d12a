"""What the calls of the API are given, and what they hand back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http.documents import Documents

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.state.records import JsonObject
    from pages_deploy.emulator.state.settings import EmulatorSettings
    from pages_deploy.emulator.state.store import Store


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the API that has found its route and is allowed to take it."""

    request: Request
    """The request itself: its query, its header fields, its body."""

    arguments: Mapping[str, str]
    """The parts of the path that the route names, such as `project_name`."""

    permissions: frozenset[str]
    """What its sender may do: members of `ALL_PERMISSIONS`."""

    store: Store
    """What the emulator remembers."""

    sites: SiteAddress
    """Where the emulator's sites answer."""

    @property
    def settings(self) -> EmulatorSettings:
        """How this Cloudflare is."""
        return self.store.settings

    @property
    def documents(self) -> Documents:
        """What makes JSON of records."""
        return Documents(self.store, self.sites)

    def json(self) -> object:
        """The body as JSON, whatever its content type says: wrangler's is often text/plain.

        Raises RefusalError 6007.
        """
        try:
            return json.loads(self.request.get_data())
        # What is nested a thousand times is a RecursionError.
        except (ValueError, RecursionError) as error:
            raise RefusalError(400, 6007, message="Malformed JSON in request body") from error

    def json_object(self) -> JsonObject:
        """The body as a JSON object. Raises RefusalError 6007."""
        body = self.json()
        if not isinstance(body, dict):
            raise RefusalError(400, 6007, message="The request body is not a JSON object")
        return body


@dataclass(frozen=True, kw_only=True)
class Success:
    """What a call hands back: parts of the envelope of its answer."""

    result: object
    """What the call is for; None where Cloudflare has nothing to say."""

    result_info: Mapping[str, int] | None = None
    """Which page of a list this is; None for what is no list."""

    messages: tuple[Mapping[str, object], ...] = ()
    """Remarks, each with `code`, `message` and `type`."""


Handler = Callable[[Call], Success]
"""One call of the API. It raises RefusalError where Pages refuses it."""
