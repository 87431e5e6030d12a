"""The upload token: short-lived, renewed before it expires and when it is refused.

It is a JWT whose signature is the server's business; two of its claims are ours: `exp`, and
`max_file_count_allowed`, the account's limit (workers-sdk, `pages/upload.ts`).
"""

from __future__ import annotations

import base64
import json
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pages_deploy.errors import ApiError, UploadTokenError
from pages_deploy.net.threads import Beside
from pages_deploy.site.limits import DEFAULT_MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.clock import Timer

T = TypeVar("T")

# A batch that starts with less than this left may outlive the token.
MARGIN_SECONDS = 30.0
# More refusals than this in one call mean that the trouble is not the token's age.
MAX_REFUSALS = 4


@dataclass(frozen=True)
class _Token:
    text: str
    max_files: int
    """How many files a deployment of this account may have."""
    renew_at: float
    """When to renew, on the timer's monotonic clock; infinite where no claim tells."""


class UploadTokens:
    """Hands out the current upload token to the threads of one upload."""

    def __init__(self, fetch: Callable[[], str], timer: Timer) -> None:
        self._fetch = fetch
        self._timer = timer
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._ahead: Beside[str] | None = None

    def ask_ahead(self) -> None:
        """Begin to fetch the first token, beside whatever comes before it is needed."""
        self._ahead = Beside(self._fetch)

    @property
    def max_files(self) -> int:
        """How many files a deployment of this account may have, as the latest token says."""
        return DEFAULT_MAX_FILES if self._token is None else self._token.max_files

    def get(self) -> str:
        """Return a token that should last for the next request; fetches one if needed."""
        with self._lock:
            token = self._token
            if token is None or self._timer.monotonic() >= token.renew_at:
                token = self._token = self._read(self._fetched_ahead() or self._fetch())
            return token.text

    def _fetched_ahead(self) -> str:
        """Return what was fetched ahead, once; nothing where it was not, or in vain."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return ""
        try:
            return ahead.result()
        except ApiError:
            # It was perhaps too early; if not, it fails in the same way now.
            return ""

    def use(self, operation: Callable[[str], T]) -> T:
        """Call `operation` with a token; when that is refused, again with a new one.

        A refusal is no failed attempt of the operation, but there is a bound to them. Raises the
        last UploadTokenError beyond it.
        """
        refusals = 0
        while True:
            token = self.get()
            try:
                return operation(token)
            except UploadTokenError as error:
                refusals += 1
                if refusals > MAX_REFUSALS:
                    raise error.with_hint(
                        "Cloudflare refuses upload tokens that it has just issued. "
                        "Run again later; what was uploaded so far is not sent again."
                    ) from error
                self._discard(token)

    def _discard(self, refused: str) -> None:
        with self._lock:
            # Another thread may have renewed it already.
            if self._token is not None and self._token.text == refused:
                self._token = None

    def _read(self, text: str) -> _Token:
        claims = claims_of(text)
        limit = _number(claims.get("max_file_count_allowed"))
        max_files = DEFAULT_MAX_FILES if limit is None else int(limit)
        return _Token(text, max_files, self._renewal(claims))

    def _renewal(self, claims: dict[str, Any]) -> float:
        expires, issued = _number(claims.get("exp")), _number(claims.get("iat"))
        if expires is None:
            return math.inf
        # The server's own two times give the lifetime even where this machine's clock is wrong.
        lifetime = expires - (self._timer.wall() if issued is None else issued)
        if lifetime <= 0:
            return math.inf
        return self._timer.monotonic() + lifetime - min(MARGIN_SECONDS, lifetime / 4)


def _number(claim: Any) -> float | None:
    """Return a claim that is a finite number; JSON in Python's eyes also has others."""
    if not isinstance(claim, (int, float)) or isinstance(claim, bool):
        return None
    try:
        number = float(claim)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, or nothing where they cannot be read.

    Wrangler reads the middle part and nothing else, so that part is all that a server has to get
    right; a library would insist on a signature that only Cloudflare can judge.
    """
    try:
        padded = token.split(".")[1].translate(str.maketrans("+/", "-_")) + "=="
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
