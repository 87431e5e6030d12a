"""Secrets in text, replaced by stars in every spelling in which a text may quote them.

1. As they are, and as Python, JSON and Markdown write them.
2. Percent-encoded, with either case of digits.
3. In base64 of either alphabet, alone or amid other bytes (`user:token`): three bytes become four
   letters, so that a secret has three spellings, one for each place at which it may begin. The
   letters at both ends depend on the neighbors as well, and are left out.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from pages_deploy.text.escaping import json_text, markdown_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# A secret this short would blacken half of any text.
SHORTEST_SECRET = 6
STARS = "***"


class Masker:
    """Replaces secrets by stars in the text that it is called with.

    Secrets of fewer than `shortest` letters are left alone.
    """

    def __init__(self, secrets: Iterable[str] = (), *, shortest: int = SHORTEST_SECRET) -> None:
        self._shortest = shortest
        # The longest first, or what is left of one would give away that it began like another.
        self._spellings: tuple[str, ...] = ()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Replace these too from now on, in all of their spellings."""
        found = set(self._spellings)
        for secret in secrets:
            if len(secret) >= self._shortest:
                found.update(_spellings(secret))
        self._spellings = tuple(sorted(found, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        # Most texts are shorter than any secret.
        if not self._spellings or len(text) < len(self._spellings[-1]):
            return text
        for spelling in self._spellings:
            text = text.replace(spelling, STARS)
        return text


def masked_json(value: Any, mask: Callable[[str], str]) -> Any:
    """Return a value of JSON with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [masked_json(item, mask) for item in value]
    if isinstance(value, dict):
        return {mask(name): masked_json(item, mask) for name, item in value.items()}
    return value


def _spellings(secret: str) -> Iterator[str]:
    # Bytes that are no text arrive as lone surrogates, which only this can encode.
    raw = secret.encode(errors="surrogateescape")
    yield from (secret, repr(secret)[1:-1], markdown_text(secret))
    # As others write JSON, and as we do, for whom two colons would be a command.
    yield from (json.dumps(secret)[1:-1], json_text(secret)[1:-1])
    for encoded in (quote(raw, ""), quote(raw), quote_plus(raw)):
        yield from (encoded, _lower_digits(encoded))
    whole = base64.b64encode(raw).decode()
    for text in (whole, whole.rstrip("="), *_amid_others(raw)):
        yield from (text, text.translate(str.maketrans("+/", "-_")))


def _lower_digits(encoded: str) -> str:
    first, *rest = encoded.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _amid_others(raw: bytes) -> Iterator[str]:
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        yield text[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
