"""Tokens that are marked, and a look for them, or for a piece of them, in all that comes out."""

from __future__ import annotations

import base64
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# With all that a bearer token may have, in no order that a scanner knows.
TOKEN = "cfut_Zq7+Xw/9Lm~2Vb.4Nc-8Kd=3Hf_6Gj1Ts5R"
PURGE_TOKEN = "Pu/4Rg.e8Tk+En_2Wy~6Bx-0Mz=7Qv1Jd3Lh9Fs5"
GITHUB_TOKEN = "Gh-1Tk_8Ub/5Yn.3Oe+7Wi~9Ac=2Sx4Dr6Pq0Mv"
GITLAB_TOKEN = "Gl.6Tk/0La-4Bm_9Xu+2Ce~5Jw=8Zi1Rh3No7Vy"
TOKENS = (TOKEN, PURGE_TOKEN, GITHUB_TOKEN, GITLAB_TOKEN)
# A piece of a token as long as this gives it away: it was cut in two before it was looked for.
PLAIN_PIECE, BASE64_PIECE = 8, 14


def spelled(token: str) -> list[str]:
    """Return what a server may make of a token that it was sent."""
    raw = token.encode()
    return [
        token,
        quote(token, ""),
        quote(token),
        quote_plus(token),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "Basic " + base64.b64encode(b":" + raw).decode(),
        "Basic " + base64.b64encode(b"user:" + raw).decode(),
        "Basic " + base64.b64encode(b"me:" + raw + b":x").decode(),
    ]


def said_of(token: str) -> str:
    return f"You sent {' '.join(spelled(token))} and that is wrong"


def leaks(text: str) -> list[str]:
    """Return every piece of any of the tokens that a text has in it."""
    return [piece for piece in _PIECES if piece in text]


def texts_of(error: BaseException) -> Iterator[str]:
    """Yield all that can be read of an error and of those that it came of."""
    chain: list[BaseException] = []
    ahead: list[BaseException | None] = [error]
    while ahead:
        one = ahead.pop()
        # An error may be its own cause.
        if one is not None and one not in chain:
            chain.append(one)
            ahead += (one.__cause__, one.__context__)
    for one in chain:
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)))
        yield "".join(traceback.format_exception(one))
        # Requests' errors bring along what was sent, and what came.
        for name in ("request", "response"):
            yield repr(getattr(getattr(one, name, None), "headers", ""))


def files_below(directory: Path) -> dict[Path, str]:
    return {
        file: file.read_text("utf-8", "replace")
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }


def _pieces(token: str) -> Iterator[str]:
    for text in (token, *spelled(token)[1:4]):
        yield from _cut(text, PLAIN_PIECE)
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Without the letters at the ends, in which the neighbors have their part.
            whole = encode(bytes(before) + token.encode() + bytes(3)).decode()
            yield from _cut(whole[4:-4], BASE64_PIECE)


def _cut(text: str, length: int) -> Iterator[str]:
    for start in range(len(text) - length + 1):
        yield text[start : start + length]


_PIECES = tuple(dict.fromkeys(piece for token in TOKENS for piece in _pieces(token)))
