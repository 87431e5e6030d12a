"""Requests of a forge's REST API; whatever goes wrong with one becomes a ForgeError.

1. The token goes to the base address alone: no redirect is followed, and of a link to the next
   page only the query is taken.
2. A limit is waited for as long as the forge says. A broken connection or a 5xx is tried three
   times, unless it is a POST that may have worked. All waits of a client together are bounded:
   what it does is not worth more of anybody's time.
3. `create` is a POST that looks, before it tries again, whether the lost attempt has worked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import requests
from requests.auth import AuthBase

from pages_deploy.forge.answers import Answer, Record, json_of, next_query
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.refusals import no_answer, refusal
from pages_deploy.net.sessions import StayingSession, new_session
from pages_deploy.text.masking import Masker, masked_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.clock import Timer

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 20.0
# GitHub kills a canceled step ten seconds after it has asked it to end
# (https://docs.github.com/en/actions/reference/workflow-cancellation-reference).
HURRIED_TIMEOUT_SECONDS = 3.0
ATTEMPTS = 3
# All waits together. A secondary limit without a term asks for a minute and then for more
# (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api), which is not
# worth waiting for.
PATIENCE_SECONDS = 90.0
# Ten thousand comments; GitHub allows a quarter of that.
MOST_PAGES = 100


class Rest:
    """A client of one forge under one token."""

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Mapping[str, str],
        headers: Mapping[str, str],
        timer: Timer,
        ca_bundle: str | None = None,
        refusal_hint: str = "",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials = _Credentials(credentials)
        self._headers = headers
        self._timer = timer
        # Of `Bearer TOKEN` the token: a forge may quote what it was sent.
        self._mask = Masker(value.rpartition(" ")[2] for value in credentials.values())
        # What to do about 401, 403 and 404, where the forge does not say it itself.
        self.refusal_hint = refusal_hint
        self._patience_seconds = PATIENCE_SECONDS
        self._connect_timeout_seconds = CONNECT_TIMEOUT_SECONDS
        self._read_timeout_seconds = READ_TIMEOUT_SECONDS
        self.ca_bundle = ca_bundle
        self._session = new_session(StayingSession(), ca_bundle=ca_bundle)

    def hurry(self) -> None:
        """Wait for hardly anything from now on: the process is about to be killed."""
        self._patience_seconds = 0.0
        self._connect_timeout_seconds = self._read_timeout_seconds = HURRIED_TIMEOUT_SECONDS

    def ask(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Record | None = None,
    ) -> Answer:
        """Send a request until it is answered; raises ForgeError. `doing` completes "Cannot"."""
        failures = 0
        while True:
            began = self._timer.monotonic()
            try:
                return self._send(method, path, doing, query, body)
            except ForgeError as error:
                failures += 1
                # Silence is a wait, too.
                self._patience_seconds -= self._timer.monotonic() - began
                again = error.retryable and not (method == "POST" and error.may_have_worked)
                if error.is_limit:
                    can_wait = error.wait_seconds is not None and self._pause(
                        max(error.wait_seconds, 2.0 ** (failures - 1))
                    )
                else:
                    can_wait = again and failures < ATTEMPTS and self.pause_after(failures)
                if not can_wait:
                    raise

    def create(self, path: str, doing: str, *, body: Record, made: Callable[[], bool]) -> Record:
        """Create something and return it; nothing is returned of what `made` found.

        `made` looks, after an answer was lost, whether it is there.
        """
        failures = 0
        while True:
            try:
                return self.ask("POST", path, doing, body=body).record()
            except ForgeError as error:
                failures += 1
                is_last = failures >= ATTEMPTS or not error.may_have_worked
                if is_last or not self.pause_after(failures):
                    raise
                if made():
                    return {}

    def linked_pages(
        self, path: str, doing: str, *, query: Mapping[str, str]
    ) -> Iterator[list[Record]]:
        """Yield the pages of a listing as `Link: rel="next"` strings them together."""
        wanted: Mapping[str, str] | None = {**query, "per_page": "100"}
        for _ in range(MOST_PAGES):
            answer = self.ask("GET", path, doing, query=wanted)
            yield answer.records()
            before, wanted = wanted, answer.next_query
            if not wanted or wanted == before:
                return

    def pause_after(self, failures: int) -> bool:
        return self._pause(2.0 ** (failures - 1) * (0.5 + self._timer.random() / 2))

    def _pause(self, seconds: float) -> bool:
        """Wait, if that is not too long."""
        if seconds > self._patience_seconds:
            return False
        self._patience_seconds -= seconds
        self._timer.sleep(seconds)
        return True

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None,
        body: Record | None,
    ) -> Answer:
        content = None
        headers = dict(self._headers)
        if body is not None:
            # Half of a character, which a name may have, is no JSON.
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            headers["Content-Type"] = "application/json"
        try:
            response = self._session.request(
                method,
                self._base_url + path,
                params=query,
                data=content,
                headers=headers,
                auth=self._credentials,
                timeout=(self._connect_timeout_seconds, self._read_timeout_seconds),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise no_answer(
                error, doing=doing, connect_timeout_seconds=self._connect_timeout_seconds
            ) from None
        except (OSError, ValueError) as error:
            # The text of such an error may quote the token, so only its kind is named.
            raise ForgeError(
                f"Cannot {doing}: the request cannot be sent ({type(error).__name__}).",
                "Check the token for characters that do not belong there, the forge's address, "
                "and the CA file.",
            ) from None
        status = response.status_code
        if status >= 300:
            raise refusal(
                response,
                doing=doing,
                request=f"{method} {path}",
                hint=self.refusal_hint,
                mask=self._mask,
                now=self._timer.wall(),
            )
        data, is_json = json_of(response)
        if not is_json:
            raise ForgeError(
                f"Cannot {doing}: the answer is no JSON ({method} {path}, HTTP {status}).",
                status=status,
                may_have_worked=True,
            )
        return Answer(masked_json(data, self._mask), response.headers, next_query(response), doing)


class _Credentials(AuthBase):
    """Given to every request, so that no `.netrc` entry takes the token's place."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request
