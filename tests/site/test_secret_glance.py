"""A glance passes whatever the rules may find, with the package that looks fast and without it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.site.secret_contents import ContentRule, contents
from pages_deploy.site.secret_glance import (
    ANCHOR_BYTES,
    COMPANIONS,
    COMPRESSED,
    MOST_TRIED,
    SEPARATORS,
    SHORT,
    anchor_groups,
    anchors_of,
    glance_for,
)
from tests.site.secrets_made import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = glance_for(contents())
ANCHORS = list(dict.fromkeys(one for rule in contents() for one in anchors_of(rule.start)))
# The package compares no more of them at once, and else looks for each letter by itself.
MOST_AT_ONCE = 64
WORD_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
HEX_DIGITS = b"0123456789abcdefABCDEF"


def glance_without_the_package() -> Callable[[bytes], bool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "ahocorasick_rs", None)
        return glance_for(contents())


IN_TURN = glance_without_the_package()
BOTH = pytest.mark.parametrize("glance", [AT_ONCE, IN_TURN], ids=["at once", "in turn"])


@BOTH
@pytest.mark.parametrize(("secret", "what"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("before", [b"", b" ", b"\n" * 7, b"\n" * 30_000])
def test_every_secret_passes(
    glance: Callable[[bytes], bool], secret: str, what: str, before: bytes
) -> None:
    assert glance(before + secret.encode()), what


@BOTH
@given(
    name=st.sampled_from(sorted(SECRETS)),
    before=st.lists(st.sampled_from([*ANCHORS, *(rule.start for rule in contents())]), max_size=5),
    after=st.lists(st.sampled_from(ANCHORS), max_size=3),
)
def test_no_secret_is_hidden_by_what_others_begin_with(
    glance: Callable[[bytes], bool], name: str, before: list[bytes], after: list[bytes]
) -> None:
    # Some stand alone, behind whatever is no letter.
    text = b"".join(before) + b" " + SECRETS[name][0].encode() + b" " + b"".join(after)
    assert glance(text)


@BOTH
@pytest.mark.parametrize("name", ["Twilio", "SendGrid", "Google"])
@pytest.mark.parametrize("around", ["({})", "K ({})", "({}) K G z", "K ({}) K", "G z ({}) z G"])
def test_a_secret_passes_whatever_stands_around_it(
    glance: Callable[[bytes], bool], name: str, around: str
) -> None:
    assert glance(around.format(SECRETS[name][0]).encode())


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "<h1>home</h1>",
        "Kiwi, Galia, zest",
        "SG AIz AKI api/webhooks/ hooks.slack.co",
        "is_worth_a_look",
        "well-known-attachment",
        "",
    ],
)
def test_what_has_nothing_of_a_secret_does_not_pass(
    glance: Callable[[bytes], bool], text: str
) -> None:
    assert not glance(text.encode())


@pytest.mark.parametrize(
    "text", ["TASKforce SKi", "ghp_short", "ghp_", "SG.", f"xghp_{'a1' * 18}", "pat_"]
)
def test_what_only_begins_like_a_secret_does_not_pass(text: str) -> None:
    assert not AT_ONCE(text.encode())


@BOTH
@pytest.mark.parametrize("start", COMPRESSED)
def test_what_is_compressed_does_not_pass(glance: Callable[[bytes], bool], start: bytes) -> None:
    assert not glance(start + SECRETS["npm"][0].encode())


def test_many_beginnings_are_left_to_the_rules_which_watch_the_time() -> None:
    assert not AT_ONCE(b"SG. " * MOST_TRIED)
    assert AT_ONCE(b"SG. " * (MOST_TRIED + 1))


def test_a_beginning_that_is_cut_off_in_front_is_none() -> None:
    rule = ContentRule("a key", "`abcd_`", b"abcd_", rb"[0-9]{4}")
    glance = glance_for([rule])
    assert glance(b"abcd_1234")
    assert not glance(b"bcd_1234")


@pytest.mark.parametrize(
    ("start", "anchor"),
    [
        (b"shpat_", b"pat_"),
        (b"glpat-", b"pat-"),
        (b"dop_v1_", b"_v1_"),
        (b"tk-us-", b"-us-"),
        (b"hf_", b"hf_"),
        (b"AKIA", b"AKIA"),
        (b"hooks.slack.com/services/", b"k.co"),
    ],
)
def test_an_anchor_ends_with_the_last_separator_unless_words_end_so(
    start: bytes, anchor: bytes
) -> None:
    assert anchors_of(start) == [anchor]


def test_every_rule_has_an_anchor_that_is_once_in_its_start() -> None:
    for rule in contents():
        anchors = anchors_of(rule.start)
        if rule.start in SHORT:
            assert {one[:-1] for one in anchors} == {rule.start}
            assert sorted(one[-1] for one in anchors) == sorted(HEX_DIGITS)
            continue
        (anchor,) = anchors
        assert rule.start.count(anchor) == 1
        assert len(anchor) >= ANCHOR_BYTES - 1


def test_the_anchors_are_as_many_at_once_as_the_package_compares() -> None:
    groups = anchor_groups(ANCHORS)
    assert sorted(one for group in groups for one in group) == sorted(ANCHORS)
    assert [len(group) <= MOST_AT_ONCE for group in groups] == [True, True]
    usual, others = groups
    # A few without one keep the package from looking for the separators themselves.
    assert [one[-1] in SEPARATORS for one in usual].count(False) == COMPANIONS
    assert all(len(one) >= ANCHOR_BYTES for one in usual)
    assert any(len(one) < ANCHOR_BYTES for one in others)


@pytest.mark.parametrize("rule", contents(), ids=lambda rule: rule.start.decode())
def test_no_anchor_of_another_rule_can_lie_over_the_one_of_this(rule: ContentRule) -> None:
    """The package goes on behind what it has found, so that one could hide another."""
    for group in anchor_groups(ANCHORS):
        for anchor in set(anchors_of(rule.start)) & set(group):
            place = max(rule.start.find(anchor), 0)
            for other in group:
                for at in range(place - len(other) + 1, place):
                    assert not _may_stand(other, at, rule), (other, anchor)


def _may_stand(other: bytes, at: int, rule: ContentRule) -> bool:
    """Whether an anchor can be where it begins so many letters into a rule's start, or before."""
    inside = other[max(-at, 0) :]
    start = rule.start[max(at, 0) :]
    length = min(len(inside), len(start))
    if inside[:length] != start[:length]:
        return False
    return at >= 0 or not rule.stands_alone or other[-at - 1] not in WORD_LETTERS
