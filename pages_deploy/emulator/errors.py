"""What can go wrong: with the emulator itself, and with a request that Pages would refuse."""

from __future__ import annotations

from typing import Final

NOT_DOCUMENTED: Final = 8000900
"""The code of refusals that Pages is known or likely to make, but whose code nobody has written
down. It is in the range of Pages and unlike 8000000, which invites clients to try again."""


class EmulatorError(Exception):
    """The emulator cannot do what its user asked: a port in use, a data directory it cannot use."""


class RefusalError(Exception):
    """Pages refuses the request.

    `status` is the HTTP status and `code` the number in `errors[0].code`. `chain` holds
    (code, message) pairs that Cloudflare nests below the error as `error_chain`.
    """

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
        self.code = code
        self.message = message
        self.chain = chain


def bad_field(name: str, expected: str) -> RefusalError:
    """The refusal of a body with a field of the wrong form."""
    # No code is documented for it; this one means "unknown error".
    return RefusalError(400, 8000000, message=f"The field `{name}` must be {expected}")


class ExpiredTokenError(Exception):
    """The upload token was good once. Pages answers this one in plain text, not in JSON."""
