"""What an answer of Cloudflare's API means: a result, or the error that fits.

1. A body that is not the documented JSON envelope proves nothing: UnexpectedAnswerError, or the
   error of its status where a gateway speaks plainly (429, 5xx, an expired upload token).
2. `success` in the envelope decides, whatever the status says.
3. The first error's code picks the exception; where the code is unknown, the status does
   (`error_codes.py`).

The asset calls' plain text `Expired JWT` is known from users' logs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pages_deploy.api.error_codes import FORBIDDEN, SERVER_TROUBLE, meaning_of
from pages_deploy.api.token_check import account_in
from pages_deploy.errors import ApiResponseError, UnexpectedAnswerError, UploadTokenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.api.call import Call
    from pages_deploy.net.received import Received

LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Envelope:
    """What the envelope of a success holds."""

    result: Any
    result_info: Any = None
    """Of a listing: which page it is, and of how many."""

    def items(self) -> list[Any]:
        """Return the result as a list; raises TypeError when it is none."""
        if not isinstance(self.result, list):
            raise TypeError("the result is not a list")
        return self.result

    def total_pages(self) -> int | None:
        """Return how many pages the listing has; None where the server does not say."""
        info = self.result_info
        total = info.get("total_pages") if isinstance(info, dict) else None
        return total if isinstance(total, int) else None


@dataclass(frozen=True)
class Exchange:
    """A call and what came back."""

    call: Call
    received: Received

    def envelope(self) -> Envelope:
        """Return what a success brought; raises the ApiResponseError that fits otherwise."""
        received = self.received
        if received.status in {204, 205} and not received.content:
            return Envelope({})
        body = _envelope_of(received)
        if body is None:
            raise self._error_without_envelope()
        if body["success"]:
            return Envelope(body.get("result"), body.get("result_info"))
        raise self._error_of_envelope(body)

    def unexpected(self, reason: str) -> UnexpectedAnswerError:
        """Build the error for an answer that is no proof of anything."""
        received = self.received
        return UnexpectedAnswerError(
            f"Cannot {self.call.doing}: the answer to {received.request.shown} is not what the "
            f"API documents (HTTP {received.status}: {reason}).",
            f"A proxy or gateway may have answered in the API's place. {SERVER_TROUBLE.hint}",
            method=self.call.method,
            path=self.call.path,
            status=received.status,
            ray_id=self._ray_id,
        )

    def _error_without_envelope(self) -> ApiResponseError:
        status, text = self.received.status, self.received.text()
        html = "<" in text[:100]
        if self.received.header("cf-mitigated") == "challenge":
            return self._error(
                ApiResponseError,
                f"Cloudflare's firewall asks this machine to prove it is human (HTTP {status})",
                "Run from another network, or ask Cloudflare's support to look at the Ray ID.",
            )
        if self.received.is_access_login:
            return self._error(
                ApiResponseError,
                f"the login page of Cloudflare Access came instead of an answer "
                f"({self.received.request.shown}, HTTP {status})",
                "Check API_BASE_URL: the API of Cloudflare itself is behind no login, and the "
                "token is never sent elsewhere.",
            )
        if 300 <= status < 400:
            target = _host(self.received.location) or "another address"
            return self._error(
                ApiResponseError,
                f"the server redirects to {target} ({self.received.request.shown}, HTTP {status})",
                "The API does not redirect, and the token is never sent elsewhere: check "
                "API_BASE_URL and the network (a sign-in page?).",
            )
        if status == 403 and "jwt" in text.lower():
            return self._error(UploadTokenError, "the upload token has expired")
        if status < 300 or (status not in {401, 403, 429} and html):
            quote = f"'{text[:LONGEST_QUOTE]}'" if text else "an empty body"
            return self.unexpected("a web page" if html else quote)
        said = "a web page came instead of an answer" if html else text[:LONGEST_QUOTE]
        return self._refusal(said, [self.received.request.shown])

    def _error_of_envelope(self, body: dict[str, Any]) -> ApiResponseError:
        listed = body.get("errors")
        entries = listed if isinstance(listed, list) else []
        errors = [entry for entry in entries if isinstance(entry, dict)]
        codes = [code for entry in errors if isinstance(code := entry.get("code"), int)]
        said = "; ".join(str(entry["message"]) for entry in errors if entry.get("message"))
        return self._refusal(said, codes=codes)

    def _refusal(
        self, said: str, facts: Sequence[str] = (), *, codes: Sequence[int] = ()
    ) -> ApiResponseError:
        """Build the error for a plain no, of which the server says why or nothing."""
        meaning = meaning_of(codes[0] if codes else None, self.received.status)
        facts = [*facts, f"HTTP {self.received.status}", *(f"code {code}" for code in codes)]
        if self._ray_id:
            facts.append(f"Ray ID {self._ray_id}")
        reason = said.encode(errors="replace").decode().strip(" .") or "no reason was given"
        hint = meaning.hint
        # The wrong one more often than the token is.
        if meaning is FORBIDDEN and (account_id := account_in(self.call.path)):
            hint += f" The account of this call is {account_id}."
        return self._error(meaning.kind, f"{reason} ({', '.join(facts)})", hint, codes=codes)

    def _error(
        self,
        kind: type[ApiResponseError],
        reason: str,
        hint: str = "",
        *,
        codes: Sequence[int] = (),
    ) -> ApiResponseError:
        return kind(
            f"Cannot {self.call.doing}: {reason}.",
            hint,
            method=self.call.method,
            path=self.call.path,
            status=self.received.status,
            codes=codes,
            ray_id=self._ray_id,
            retry_after_seconds=self.received.retry_after_seconds,
        )

    @property
    def _ray_id(self) -> str:
        return self.received.header("CF-RAY")


def _envelope_of(received: Received) -> dict[str, Any] | None:
    try:
        body = received.json()
    except (ValueError, RecursionError):
        return None
    if isinstance(body, dict) and isinstance(body.get("success"), bool):
        return body
    return None


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
