"""What a server sent back, without the secrets that it was sent: some quote all they were asked."""

from __future__ import annotations

import contextlib
import email.utils
import json
import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pages_deploy.text.masking import masked_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from pages_deploy.net.request import Request

# What is longer says nothing that anybody here wants to know, and takes time to look through.
LONGEST_HEADER = 8 * 1024
# Of a page that may be a login's.
_LOOKED_AT_BYTES = 64 * 1024
# In an address every character of ASCII is left as it came, "%" too.
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
ACCESS_HOST = "cloudflareaccess.com"
ACCESS_PATH = "/cdn-cgi/access/"


class Received:
    """An answer as errors and results may quote it.

    `content` is its whole body, empty for one that is read in pieces.
    """

    def __init__(
        self,
        response: requests.Response,
        request: Request,
        mask: Callable[[str], str],
        content: bytes,
    ) -> None:
        self.request = request
        self.status = response.status_code
        self.content = content
        """The whole body as it came, secrets and all."""
        self._response = response
        self._mask = mask

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers as they came, secrets and all, by names in whatever case."""
        return self._response.headers

    def pieces(self, size_bytes: int) -> Iterator[bytes]:
        """Yield the body as it comes, for one that was opened to be read in pieces."""
        pieces: Iterator[bytes] = self._response.iter_content(size_bytes)
        return pieces

    def close(self) -> None:
        """Give the connection back, whether the body was read or not."""
        self._response.close()

    def header(self, name: str) -> str:
        """Return a header's value; empty without one, cut where it is absurdly long.

        Bytes above ASCII are read as UTF-8 where they are that, else as ISO 8859-1.
        """
        value = self._response.headers.get(name, "")[:LONGEST_HEADER]
        # requests has taken each byte for a character of its own.
        with contextlib.suppress(UnicodeError):
            value = value.encode("iso-8859-1").decode()
        return self._mask(value)

    @property
    def location(self) -> str:
        """Where an answer redirects to, percent-encoded; empty where it names nothing."""
        return quote(self.header("Location").strip(" \t"), _ASCII)

    @property
    def is_access_login(self) -> bool:
        """Whether Cloudflare Access asks who is there: it redirects, or refuses and says so.

        https://developers.cloudflare.com/cloudflare-one/access-controls/
        """
        if 300 <= self.status < 400:
            return is_access_login(self.location)
        if self.status in {401, 403}:
            named = {"cf-access-aud", "cf-access-domain"} & {name.lower() for name in self.headers}
            return bool(named) or "cloudflare-access" in self.header("WWW-Authenticate").lower()
        page = self.content[:_LOOKED_AT_BYTES]
        return page.lstrip()[:1] == b"<" and ACCESS_HOST.encode() in page

    def text(self) -> str:
        """Return the body as one line; not by the charset that it declares, maybe nonsense."""
        return self._mask(" ".join(self.content.decode(errors="replace").split()))

    def json(self) -> Any:
        """Return the body's JSON; raises ValueError or RecursionError where it is none."""
        return masked_json(json.loads(self.content), self._mask)

    def link(self, relation: str) -> str:
        """Return the address that `Link` names for a relation (RFC 8288); empty without one."""
        if len(self._response.headers.get("Link", "")) > LONGEST_HEADER:
            return ""
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


def is_access_login(address: str) -> bool:
    """Whether an address is that of a login page of Cloudflare Access."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_own = host == ACCESS_HOST or host.endswith(f".{ACCESS_HOST}")
    return is_own or parts.path.startswith(ACCESS_PATH)


def _seconds_of_date(text: str) -> float | None:
    """Read a date of HTTP (RFC 9110 section 5.6.7), which is always in GMT."""
    try:
        then = email.utils.parsedate_to_datetime(text)
        return then.timestamp() if then.tzinfo is not None else None
    # A year may have any number of digits.
    except (TypeError, ValueError, OverflowError):
        return None
