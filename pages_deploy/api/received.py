"""What a server sent back, without the token that it was sent: some quote all they were asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pages_deploy.text.masking import masked_json

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests


class Received:
    """An answer as errors and results may quote it."""

    def __init__(self, response: requests.Response, mask: Callable[[str], str]) -> None:
        self.status_code = response.status_code
        self.content = response.content
        self._headers = response.headers
        self._mask = mask

    def header(self, name: str) -> str:
        """Return a header's value; empty without one."""
        return self._mask(self._headers.get(name, ""))

    def text(self) -> str:
        """Return the body as one line; not by the charset that it declares, maybe nonsense."""
        return self._mask(" ".join(self.content.decode(errors="replace").split()))

    def json(self) -> Any:
        """Return the body's JSON; raises ValueError or RecursionError where it is none."""
        return masked_json(json.loads(self.content), self._mask)
