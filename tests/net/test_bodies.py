"""Bodies of requests: whole, small at a time, and as often as they have to be sent."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.net.bodies import Pieces, json_body

# What leaves a slow line within the time for one write.
SMALL = 64 * 1024


@given(st.binary(max_size=100), st.integers(0, 3 * SMALL))
def test_pieces_are_the_content_and_small(start: bytes, more: int) -> None:
    content = start + bytes(more)
    pieces = list(Pieces(content))
    assert b"".join(pieces) == content
    assert len(Pieces(content)) == len(content)
    assert all(0 < len(piece) <= SMALL for piece in pieces)


def test_pieces_can_be_sent_again() -> None:
    pieces = Pieces(bytes(SMALL + 1))
    assert list(pieces) == list(pieces)
    assert [len(piece) for piece in pieces] == [SMALL, 1]


def test_json_is_utf8_whatever_a_name_is_made_of() -> None:
    value = {"name": "日本 ü", "half": "a\ud83dz"}
    assert json.loads(b"".join(json_body(value))) == {"name": "日本 ü", "half": "a?z"}
