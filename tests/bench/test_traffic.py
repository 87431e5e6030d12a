"""What calls tell: how many came one after another, and how much of the links was used."""

from __future__ import annotations

import pytest

from bench.server import Call
from bench.traffic import in_a_row, share_used


def call(begin: float, end: float, body_bytes: int = 0, name: str = "POST /assets/upload") -> Call:
    return Call(name, 1, begin, end, body_bytes)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([], 0),
        ([call(0, 1), call(1, 2), call(3, 4)], 3),
        ([call(0, 3), call(0, 1), call(1, 2)], 2),
        ([call(0, 2), call(1, 3), call(2.5, 4)], 2),
        ([call(0, 10), call(1, 9), call(2, 8)], 1),
    ],
)
def test_calls_one_after_another_do_not_overlap(calls: list[Call], expected: int) -> None:
    assert in_a_row(calls) == expected


def test_three_links_that_are_never_idle_are_used_wholly() -> None:
    calls = [call(begin, begin + 1, 1000) for begin in (0, 1) for _ in range(3)]
    assert share_used(calls, 1000) == 1


def test_what_waits_and_what_is_no_upload_is_not_counted() -> None:
    calls = [call(0, 1, 3000), call(3, 4, 3000), call(5, 9, 9000, name="POST /check-missing")]
    assert share_used(calls, 1000) == pytest.approx(6000 / (4 * 3 * 1000))


def test_who_uploads_more_at_once_is_given_more_links() -> None:
    assert share_used([call(0, 1, 1000) for _ in range(6)], 1000) == 1
