"""Headers that say who asks, and how their secret is kept out of what is told of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.text.masking import SHORTEST_SECRET, Masker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class SecretHeaders:
    """Headers that carry a secret.

    `mask` takes the secret out of what a server says, which may be all that it was sent. A secret
    of fewer letters than `shortest` is left there: it may as well be part of an ordinary answer.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        secrets: Iterable[str],
        *,
        shortest: int = SHORTEST_SECRET,
    ) -> None:
        self.headers = dict(headers)
        self.mask = Masker(secrets, shortest=shortest)
