"""`.ci/sdk` names what is new in Cloudflare's own SDK."""

from __future__ import annotations

from scripts.compare_sdk_types import comparison

OURS = {"version": "5.9.0", "known": ["field stage.Stage.name", "field stage.Stage.old"]}


def test_what_is_new_and_what_is_gone_is_named() -> None:
    known = ["field stage.Stage.name", "field stage.Stage.name = 'new'"]
    first, *named, last = comparison(OURS, {"version": "6.0.0", "known": known})
    assert "5.9.0" in first
    assert "6.0.0" in first
    assert named == ["  new: field stage.Stage.name = 'new'", "  gone: field stage.Stage.old"]
    assert "tests/emulator/sdk.py" in last


def test_a_release_without_a_difference_is_one_line() -> None:
    assert len(list(comparison(OURS, {**OURS, "version": "6.0.0"}))) == 1
    assert "is the newest" in "".join(comparison(OURS, OURS))
