"""Amounts in sentences for people."""

from __future__ import annotations

import pytest

from pages_deploy.text.amounts import counted, human_bytes


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (1_234_567_890, "1.2 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_bytes_are_written_for_people(count: int, text: str) -> None:
    assert human_bytes(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 new pages"), (1, "1 new page"), (2, "2 new pages")]
)
def test_one_thing_has_no_plural(count: int, text: str) -> None:
    assert counted(count, "new page") == text
