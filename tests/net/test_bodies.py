"""Bodies of requests: whole, small at a time, and as often as they have to be sent."""

from __future__ import annotations

import itertools
import json
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.net import bodies
from pages_deploy.net.bodies import (
    MadeAgain,
    Pieces,
    form_body,
    in_pieces,
    json_body,
    json_in_parts,
)

# What leaves a slow line within the time for one write.
SMALL = 128 * 1024


@given(st.binary(max_size=100), st.integers(0, 3 * SMALL))
def test_pieces_are_the_content_and_small(start: bytes, more: int) -> None:
    content = start + bytes(more)
    pieces = list(Pieces(content))
    assert b"".join(pieces) == content
    assert len(Pieces(content)) == len(content)
    assert all(0 < len(piece) <= SMALL for piece in pieces)


@given(st.lists(st.sampled_from([0, 1, 100, SMALL - 1, SMALL, SMALL + 1]), max_size=9))
def test_several_contents_are_sent_as_one(sizes: list[int]) -> None:
    contents = [bytes([number]) * size for number, size in enumerate(sizes)]
    pieces = list(in_pieces(contents))
    assert b"".join(pieces) == b"".join(contents)
    assert all(0 < len(piece) <= SMALL for piece in pieces)
    assert all(len(one) + len(next_one) > SMALL for one, next_one in itertools.pairwise(pieces))
    assert list(Pieces(*contents)) == pieces
    assert len(Pieces(*contents)) == sum(sizes)


def test_small_contents_fill_a_piece_to_the_last_byte() -> None:
    pieces = in_pieces(b"x" for _ in range(3 * SMALL + 5))
    assert [len(piece) for piece in pieces] == [SMALL, SMALL, SMALL, 5]


@given(
    st.lists(st.text(max_size=3), max_size=9)
    | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=9),
    st.integers(1, 4),
)
def test_json_in_parts_is_the_whole(value: list[str] | dict[str, str], entries: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "ENTRIES_IN_A_PART", entries)
        text = b"".join(json_in_parts(value))
    assert json.loads(text) == value
    assert text == json.dumps(value, separators=(",", ":")).encode()


def test_a_body_that_is_made_again_is_the_same_each_time() -> None:
    body = MadeAgain(lambda: iter([b"a", b"", b"b" * SMALL]))
    assert len(body) == SMALL + 1
    assert list(body) == list(body) == [b"a", b"b" * SMALL]


def test_a_form_holds_texts_files_and_texts_in_parts() -> None:
    parts = [b"{", b"x" * SMALL, b"}"]
    pieces, content_type = form_body(
        [
            ("manifest", (None, parts)),
            ("branch", (None, "\u00fc")),
            ("_headers", ("_headers", b"\0\r\n", "application/octet-stream")),
        ]
    )
    whole = b"".join(pieces)
    assert len(whole) == len(pieces)
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + whole)
    assert message.is_multipart()
    assert [
        (
            one.get_param("name", header="Content-Disposition"),
            one.get_filename(),
            one.get_content_type(),
            one.get_payload(decode=True),
        )
        for one in message.walk()
        if not one.is_multipart()
    ] == [
        ("manifest", None, "text/plain", b"".join(parts)),
        ("branch", None, "text/plain", "\u00fc".encode()),
        ("_headers", "_headers", "application/octet-stream", b"\0\r\n"),
    ]


def test_pieces_can_be_sent_again() -> None:
    pieces = Pieces(bytes(SMALL + 1))
    assert list(pieces) == list(pieces)
    assert [len(piece) for piece in pieces] == [SMALL, 1]


def test_json_is_utf8_whatever_a_name_is_made_of() -> None:
    value = {"name": "日本 ü", "half": "a\ud83dz"}
    assert json.loads(b"".join(json_body(value))) == {"name": "日本 ü", "half": "a?z"}
