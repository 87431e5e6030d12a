"""What a server sent back, without the secrets that it was sent: some quote all they were asked."""

from __future__ import annotations

import email.utils
import json
import math
from typing import TYPE_CHECKING, Any

from pages_deploy.text.masking import masked_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from pages_deploy.net.request import Request


class Received:
    """An answer as errors and results may quote it."""

    def __init__(
        self, response: requests.Response, request: Request, mask: Callable[[str], str]
    ) -> None:
        self.request = request
        self.status = response.status_code
        self._response = response
        self._mask = mask

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers as they came, secrets and all, by names in whatever case."""
        return self._response.headers

    @property
    def content(self) -> bytes:
        """The whole body as it came, secrets and all."""
        return self._response.content

    def pieces(self, size_bytes: int) -> Iterator[bytes]:
        """Yield the body as it comes, for one that was opened to be read in pieces."""
        pieces: Iterator[bytes] = self._response.iter_content(size_bytes)
        return pieces

    def close(self) -> None:
        """Give the connection back, whether the body was read or not."""
        self._response.close()

    def header(self, name: str) -> str:
        """Return a header's value; empty without one."""
        return self._mask(self._response.headers.get(name, ""))

    def text(self) -> str:
        """Return the body as one line; not by the charset that it declares, maybe nonsense."""
        return self._mask(" ".join(self.content.decode(errors="replace").split()))

    def json(self) -> Any:
        """Return the body's JSON; raises ValueError or RecursionError where it is none."""
        return masked_json(json.loads(self.content), self._mask)

    def link(self, relation: str) -> str:
        """Return the address that `Link` names for a relation (RFC 8288); empty without one."""
        try:
            address: str = self._response.links.get(relation, {}).get("url", "")
        except (AttributeError, ValueError):
            return ""
        return address

    @property
    def answered_at(self) -> float | None:
        """Seconds since the epoch by the server's own clock (`Date`); None where it tells none."""
        return _seconds_of_date(self.header("Date"))

    @property
    def retry_after_seconds(self) -> float | None:
        """The server's own word on when to come again; None without one that can be understood.

        `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). A date is compared
        with the server's clock, since ours may be wrong.
        """
        value = self.header("Retry-After").strip()
        try:
            seconds = float(value)
        except ValueError:
            then, now = _seconds_of_date(value), self.answered_at
            if then is None or now is None:
                return None
            seconds = then - now
        return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_of_date(text: str) -> float | None:
    """Read a date of HTTP (RFC 9110 section 5.6.7), which is always in GMT."""
    try:
        then = email.utils.parsedate_to_datetime(text)
        return then.timestamp() if then.tzinfo is not None else None
    # A year may have any number of digits.
    except (TypeError, ValueError, OverflowError):
        return None
