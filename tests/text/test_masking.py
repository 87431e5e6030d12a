"""Secrets are replaced in every spelling in which a text may quote them."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.text.escaping import json_text, markdown_text
from pages_deploy.text.masking import Masker, masked_json

secrets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=6, max_size=80)


@given(secret=secrets)
@example(secret="a'\"\\%2F|b")
@example(secret="cfut_A-b_C~d")
@example(secret="a secret/with+all")
@example(secret='000::"')
def test_no_spelling_of_a_secret_is_left(secret: str) -> None:
    mask = Masker([secret])
    percent = quote(secret, "")
    for spelling in (
        *(secret, repr(secret)[1:-1], markdown_text(secret)),
        *(json.dumps(secret)[1:-1], json_text(secret)[1:-1]),
        *(percent, quote(secret), percent.lower() if secret.islower() else percent),
    ):
        assert mask(f" {spelling} ") == " *** "


@given(secret=secrets, before=st.binary(max_size=7), after=st.binary(max_size=7))
@example(secret="abcdefgh", before=b"user:", after=b"")
@example(secret="0123456789" * 8, before=b"user:", after=b"x")
def test_base64_of_a_secret_amid_other_bytes_does_not_give_it_away(
    secret: str, before: bytes, after: bytes
) -> None:
    mask = Masker([secret])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(before + secret.encode() + after).decode()
        shown = mask(f"Basic {whole}").removeprefix("Basic ")
        assert "***" in shown
        # What is left beside the stars are the neighbors, and at most a few bits of the secret.
        assert len(shown) - 3 <= (len(before) + len(after)) * 4 / 3 + 8


def test_a_secret_that_is_no_text_is_masked_too() -> None:
    """Bytes of the environment that are no UTF-8 are lone surrogates in Python."""
    mask = Masker(["secret-\udcff"])
    assert mask("a secret-\udcff") == "a ***"
    assert mask("a secret-%FF") == "a ***"


def test_of_base64_alone_nothing_is_left() -> None:
    whole = base64.b64encode(b"s3cret+/ token==").decode()
    mask = Masker(["s3cret+/ token=="])
    assert mask(f"a {whole} b") == "a *** b"
    assert mask(f"a {whole.rstrip('=')} b") == "a *** b"


def test_json_is_masked_in_every_text_of_it() -> None:
    value = {"a": ["x secret-token", {"secret-token": None}], "b": 1.5, "c": True}
    assert masked_json(value, Masker(["secret-token"])) == {
        "a": ["x ***", {"***": None}],
        "b": 1.5,
        "c": True,
    }


@pytest.mark.parametrize("length", [5, 19])
def test_what_is_shorter_than_asked_for_is_left_alone(length: int) -> None:
    assert Masker(["x" * length], shortest=length + 1)("x" * length) == "x" * length
    assert Masker(["x" * length], shortest=length)("x" * length) == "***"
