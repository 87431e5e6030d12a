"""The asset store: one for all projects of an account, keyed by asset hash.

The calls carry an upload token instead of the API token.
https://developers.cloudflare.com/api/resources/pages/subresources/assets/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.call import Call, Credentials
from pages_deploy.api.readers import read_hashes, read_nothing
from pages_deploy.net.bodies import MadeAgain, json_in_parts
from pages_deploy.retry import ONCE, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pages_deploy.api.transport import Transport

# A batch may shrink between its attempts, so `upload.py` repeats it by this policy itself.
UPLOAD = RetryPolicy(attempts=6)
# The deployment works without it; only later uploads may be slower.
UPSERT = RetryPolicy(attempts=2)


class Assets:
    """The asset store of the account whose project an upload token is for.

    Each call raises UploadTokenError for a token that has expired, after a few minutes.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def check_missing(self, upload_token: str, hashes: Collection[str]) -> list[str]:
        """Return those of the given asset hashes (32 hex digits) that the store does not hold."""
        return self._transport.request(
            Call(
                "POST",
                "/pages/assets/check-missing",
                "ask which files Pages already holds",
                body=_as_body(hashes),
                credentials=Credentials.of_token(upload_token),
            ),
            read_hashes,
        )

    def upload(self, upload_token: str, body: Iterable[bytes], *, files: int) -> None:
        """Send one batch, once.

        `body` is JSON in pieces: a list of objects with `key` (the asset hash), `value` (the
        content in base64), `metadata` and `base64`. It knows its length and can be iterated again.
        `files` counts them, for messages. Raises ApiError where the batch was not taken.
        """
        self._transport.request(
            Call(
                "POST",
                "/pages/assets/upload",
                f"upload a batch of {files} file{'' if files == 1 else 's'}",
                ONCE,
                body=body,
                credentials=Credentials.of_token(upload_token),
            ),
            read_nothing,
        )

    def upsert_hashes(self, upload_token: str, hashes: Collection[str]) -> None:
        """Tell the store that these asset hashes are in use, which keeps them."""
        self._transport.request(
            Call(
                "POST",
                "/pages/assets/upsert-hashes",
                "mark the files as in use",
                UPSERT,
                body=_as_body(hashes),
                credentials=Credentials.of_token(upload_token),
            ),
            read_nothing,
        )


def _as_body(hashes: Collection[str]) -> MadeAgain:
    def make() -> Iterator[bytes]:
        yield b'{"hashes":'
        yield from json_in_parts(hashes)
        yield b"}"

    return MadeAgain(make)
