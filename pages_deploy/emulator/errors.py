"""What can go wrong: with the emulator itself, and with a request that Pages would refuse.

Where the codes come from: Cloudflare's API reference (https://developers.cloudflare.com/api/) and
answers that users of wrangler have published.
"""

from __future__ import annotations

from typing import Final

UNKNOWN_ERROR: Final = 8000000
"""What Pages answers when it has no better code; clients are invited to try again. The emulator's
code for bodies of the wrong form, for which none is documented."""

NOT_DOCUMENTED: Final = 8000900
"""The code of refusals that Pages is known or likely to make, but whose code nobody has written
down. It is in the range of Pages and unlike 8000000, which invites clients to try again."""


class EmulatorError(Exception):
    """The emulator cannot do what its user asked: a port in use, a data directory it cannot use."""


class RefusalError(Exception):
    """Pages refuses the request: how the envelope of the answer says so."""

    def __init__(
        self,
        status: int,
        code: int,
        *,
        message: str,
        chain: tuple[tuple[int, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status."""
        self.code = code
        """The number in `errors[0].code`."""
        self.message = message
        """The sentence in `errors[0].message`."""
        self.chain = chain
        """(code, message) pairs that Cloudflare nests below the error as `error_chain`."""


class ExpiredTokenError(Exception):
    """The upload token was good once. Pages answers this one in plain text, not in JSON."""
