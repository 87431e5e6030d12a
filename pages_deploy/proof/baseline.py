"""Ask the deployment that production serves what it has at an address.

1. Ask by HEAD at the address as Pages spells it. The ETag of Pages is the asset hash, weak or
   strong. A redirect to another spelling of the same address is followed; any other is no page.
2. Learn at first what is served where nothing is: a site without `404.html` answers every unknown
   address with its home page, by status 200.
3. When the deadline has passed, nothing more is asked.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from pages_deploy.errors import PagesDeployError
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.net.threads import in_threads
from pages_deploy.proof.probe import REDIRECTS
from pages_deploy.proof.served import ACCESS_LOGIN
from pages_deploy.rules.addresses import as_sent, decoded, same_place
from pages_deploy.site.content_types import HTML

if TYPE_CHECKING:
    from pages_deploy.clock import Deadline
    from pages_deploy.net.received import Received
    from pages_deploy.net.sessions import Session

# The longest silence within one request: a page that takes longer is not worth the wait.
SILENCE_SECONDS = 5.0
# The second is for what broke by chance.
MOST_TRIES = 2
MOST_REQUESTS_IN_A_ROW = 4
MISSING = frozenset({404, 410})
ROOT = "/"
_TELLING = REDIRECTS | MISSING | {200}
_ETAG = re.compile(r'(?:W/)?"([0-9a-f]{32})"')
_PIECE_BYTES = 64 * 1024


class UnseenError(PagesDeployError):
    """What is at an address cannot be seen; the message is the reason, as a part of a sentence."""


@dataclass(frozen=True)
class Seen:
    """What is served at an address."""

    path: str
    """The address, decoded; where it redirects to another spelling of itself, that one."""
    status: int = 0
    """200, 404 or 410, or that of a redirect to another address; 0 where it could not be seen."""
    hash: str = ""
    """The asset hash; empty where the answer names none."""
    is_html: bool = False
    trouble: str = ""
    """Why there is nothing to compare, as a part of a sentence."""


@dataclass(frozen=True)
class Text:
    """What a file or a page of the site says."""

    path: str
    """Where it was found, percent-encoded."""
    content: str
    is_whole: bool
    """Whether it was not too long to be read to its end."""


class Baseline:
    """One deployment's own site, at its root `url`; may be used by several threads."""

    def __init__(self, session: Session, url: str, deadline: Deadline) -> None:
        self._session = session
        self.url = url.rstrip("/")
        """Without its final slash."""
        self._deadline = deadline
        # What answers where nothing is; None where that is no page.
        self._fallback: Seen | None = None

    def arrive(self) -> None:
        """Learn what is served where nothing is; raises UnseenError where nothing can be seen."""
        nowhere = f"/{secrets.token_hex(16)}"
        elsewhere, root = in_threads(self.look, (nowhere, ROOT), threads=2)
        if elsewhere.status == 200:
            self._fallback = elsewhere
        if not {elsewhere.status, root.status} & (MISSING | {200}):
            raise UnseenError(root.trouble)

    def is_fallback(self, seen: Seen) -> bool:
        """Whether what was seen only stands for all that is not there, as far as can be told."""
        fallback = self._fallback
        return fallback is not None and seen.path != ROOT and seen.hash == fallback.hash

    def look(self, path: str) -> Seen:
        """Return what is served at an address, decoded, whatever goes wrong with the asking."""
        try:
            for _ in range(MOST_REQUESTS_IN_A_ROW):
                answer, _body = self._ask("HEAD", as_sent(path))
                if answer.status not in REDIRECTS:
                    return _seen(path, answer)
                target = self._target(as_sent(path), answer)
                other = decoded(target.path) if self._has(target) else ""
                if not (other and same_place(path, other)):
                    place = "another address" if other else target.hostname or "nowhere"
                    return Seen(path, answer.status, trouble=f"a redirect to {place}")
                path = other
        except UnseenError as error:
            return Seen(path, trouble=error.message)
        return Seen(path, trouble="too many redirects")

    def read(self, path: str, *, most_bytes: int) -> Text | None:
        """Return the text at a path, percent-encoded, as far as it goes; None without one.

        Redirects are followed within the site. Raises UnseenError.
        """
        for _ in range(MOST_REQUESTS_IN_A_ROW):
            answer, body = self._ask("GET", path, most_bytes=most_bytes)
            if answer.status == 200:
                text = body[:most_bytes].decode("utf-8-sig", "replace")
                return Text(path, text, len(body) <= most_bytes)
            if answer.status in MISSING:
                return None
            target = self._target(path, answer)
            if not self._has(target):
                return None
            path = target.path
        raise UnseenError("too many redirects")

    def _ask(self, method: str, path: str, *, most_bytes: int = 0) -> tuple[Received, bytes]:
        """Return an answer that tells what is there, with its body up to a little over a limit."""
        trouble = "the time for it is over"
        for _ in range(MOST_TRIES):
            seconds = min(SILENCE_SECONDS, self._deadline.remaining_seconds)
            if seconds <= 0:
                break
            request = Request(
                method,
                self.url + path,
                connect_timeout_seconds=seconds,
                read_timeout_seconds=seconds,
            )
            try:
                with self._session.opened(request) as answer:
                    body = _beginning(answer, most_bytes) if most_bytes else b""
            except NoAnswerError as error:
                trouble = f"no answer ({error.failure.reason})"
                if error.failure.silent or not error.failure.repeatable:
                    break
                continue
            if answer.is_access_login:
                raise UnseenError(ACCESS_LOGIN)
            if answer.status in _TELLING:
                return answer, body
            trouble = f"HTTP {answer.status}"
            if answer.status < 500:
                break
        raise UnseenError(trouble)

    def _target(self, path: str, answer: Received) -> SplitResult:
        """Return where an answer redirects to; raises UnseenError for what is no address."""
        try:
            return urlsplit(urljoin(self.url + path, answer.location))
        except ValueError:
            raise UnseenError("a redirect to nowhere") from None

    def _has(self, target: SplitResult) -> bool:
        return target.netloc == urlsplit(self.url).netloc and bool(target.path)


def _beginning(answer: Received, most_bytes: int) -> bytes:
    """Return a body until it is longer than a limit, or to its end."""
    body = bytearray()
    for piece in answer.pieces(_PIECE_BYTES):
        body += piece
        if len(body) > most_bytes:
            break
    return bytes(body)


def _seen(path: str, answer: Received) -> Seen:
    match = _ETAG.fullmatch(answer.header("ETag"))
    is_page = answer.status == 200
    return Seen(
        path,
        answer.status,
        match[1] if match and is_page else "",
        is_page and answer.header("Content-Type").startswith(HTML),
        "an answer without the ETag of Pages" if is_page and not match else "",
    )
