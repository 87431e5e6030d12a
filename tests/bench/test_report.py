"""The form of what comes out: rows, the terminal's table, the page, the chart."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from bench import chart, report
from bench.measure import Sample
from bench.parts import Bar
from bench.row import Row, seconds

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    Row("wall, ours / theirs", "times", 1.3, 1.304, "ours 2.0 s, theirs 1.5 s"),
    Row("memory", "megabytes", 70, 86.2, "511 MB of files"),
    Row("used of the links", "share", 0.9, 0.853, is_at_least=True),
    Row("wall, ours / wrangler", "times", 0.15, None, "there is no npm"),
    Row("requests", "requests a second", None, 2283.4),
]
BARS = [Bar("docs", "wrangler 4 & more", 8.9), Bar("docs", "pages-deploy", 2.0)]
ABOUT = report.Circumstances(1, ["start", "cold"], ["docs: 10 files, 1 MB"], ["wrangler 4"], 0.1)


@pytest.mark.parametrize(
    ("row", "is_met", "figure"),
    [
        (ROWS[0], True, "1.30"),
        (ROWS[1], False, "86 MB (missed)"),
        (ROWS[2], False, "85% (missed)"),
        (ROWS[3], None, "-"),
        (ROWS[4], None, "2,283"),
        (Row("calls", "calls", 5, 5), True, "5"),
        (Row("used", "share", 0.9, 0.9, is_at_least=True), True, "90%"),
    ],
)
def test_a_figure_is_judged_as_it_is_shown(row: Row, is_met: bool | None, figure: str) -> None:
    assert (row.is_met, row.cells()[2]) == (is_met, figure)


def test_a_target_says_its_direction() -> None:
    targets = [row.cells()[1] for row in ROWS]
    assert targets == ["at most 1.30", "at most 70 MB", "at least 90%", "at most 0.15", ""]


def test_times_are_told_by_median_and_range() -> None:
    samples = [Sample(0, wall, 0, 0) for wall in (2.0, 1.0, 9.0)]
    assert seconds("ours", samples) == "ours 2.00 s (1.00 to 9.00)"
    assert seconds("ours", [Sample(0, 0.0123, 0, 0)]) == "ours 0.012 s"


def test_the_terminals_table_has_a_line_for_each_row_and_breaks_long_notes() -> None:
    lines = report.table([*ROWS, Row("long", "calls", note="word " * 30)]).splitlines()
    assert lines[0].split() == ["what", "target", "measured", "of", "which"]
    assert lines[4].endswith("  there is no npm")
    assert len(lines) == 1 + len(ROWS) + 3
    assert len({line.index("word") for line in lines[-3:]}) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="it names the machine by Unix calls")
def test_the_page_has_every_row_the_machine_and_a_chart_with_words(tmp_path: Path) -> None:
    (tmp_path / "docs/pictures").mkdir(parents=True)
    report.write(tmp_path, ROWS, BARS, ABOUT)
    page = (tmp_path / report.PAGE).read_text("utf-8")
    for row in ROWS:
        assert all(cell in page for cell in row.cells())
    assert "1 of 4 targets are met; 1 could not be measured." in page
    assert "  - docs: 10 files, 1 MB\n" in page
    assert "docs: pages-deploy 2.0, wrangler 4 & more 8.9](pictures/performance.svg)" in page
    assert "1 round; commit `" in page
    assert "`start`, `cold`." in page
    data = (tmp_path / report.PICTURE).read_bytes()
    assert len(data) < 20_000
    words = [element.text for element in ElementTree.fromstring(data).iter() if element.text]
    assert words.index("pages-deploy") < words.index("wrangler 4 & more")
    assert {"2.0", "8.9"} <= set(words)


@pytest.mark.skipif(sys.platform == "win32", reason="likewise")
def test_all_targets_can_be_judged() -> None:
    assert "1 of 1 targets are met." in report.page(ROWS[:1], BARS, ABOUT)


@pytest.mark.skipif(sys.platform == "win32", reason="likewise")
def test_a_busy_machine_is_told() -> None:
    quiet, busy = (replace(ABOUT, load_before=load) for load in (1.4, 1.6))
    assert "busy with other things" in report.page(ROWS, BARS, busy)
    assert "busy" not in report.page(ROWS, BARS, quiet)


def test_no_bar_is_too_short_to_be_seen() -> None:
    bars = [Bar("docs", "slow", 1000.0), Bar("docs", "fast", 0.1)]
    assert 'width="2"' in chart.drawn(bars)
