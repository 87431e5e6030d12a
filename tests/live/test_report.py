"""What is reported of the contract, and how a difference is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.errors import ApiResponseError
from pages_deploy.text.masking import Masker
from tests.live.checks import Checks, agrees, shape
from tests.live.report import Report
from tests.world import FakeTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "a-secret-that-nobody-sees"


def checks_of(report: Report, *, patience_seconds: float = 0.0) -> Checks:
    timer = FakeTime().timer
    return Checks(report, "part", timer=timer, patience_seconds=patience_seconds)


def failure_of(report: Report, make: Callable[[Checks], object]) -> str:
    """What a test says at the end of its checks; nothing where it passes."""
    try:
        with checks_of(report) as checks:
            make(checks)
    except pytest.fail.Exception as failure:
        return str(failure)
    return ""


def test_every_check_is_made_and_every_difference_told() -> None:
    report = Report(str)

    def make(checks: Checks) -> None:
        checks.equal("first", 1, 2)
        checks.equal("second", {"a": 1}, {"a": 1, "b": 2})
        checks.equal("third", "x", "y")

    said = failure_of(report, make)
    assert [line.is_equal for line in report.lines] == [False, True, False]
    assert "part: first\n  expected 1\n  found    2\npart: third" in said
    words = "\n".join(report.in_words())
    assert words.startswith("3 checks, 2 differences.\npart: first\n")


def test_an_error_of_the_api_is_a_difference_and_any_other_a_bug() -> None:
    report = Report(str)
    with pytest.raises(pytest.fail.Exception, match="No such thing"), checks_of(report):
        raise ApiResponseError("No such thing.", method="GET", path="/", status=404)
    with pytest.raises(KeyError), checks_of(report):
        raise KeyError
    assert len(report.lines) == 1


def test_what_comes_late_is_waited_for_and_no_longer_than_patience_lasts() -> None:
    found = iter(range(1000))
    report = Report(str)
    with checks_of(report, patience_seconds=60) as checks:
        assert checks.eventually("late", 3, lambda: next(found))
    with pytest.raises(pytest.fail.Exception), checks_of(report, patience_seconds=60) as checks:
        assert not checks.eventually("never", -1, lambda: next(found))
    assert next(found) < 100


def test_a_call_that_should_be_refused_and_is_not() -> None:
    report = Report(str)
    expected = {"status": 404, "code": 1}

    def refuse() -> None:
        raise ApiResponseError("Gone.", method="GET", path="/", status=404, codes=[1])

    assert failure_of(report, lambda checks: checks.refused("right", expected, refuse)) == ""
    assert failure_of(report, lambda checks: checks.refused("wrong", expected, dict)) != ""
    right, wrong = report.lines
    assert right.is_equal
    assert wrong.found == {"status": 200, "code": None}


def test_the_file_has_a_line_for_each_check_at_once_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "build/report.jsonl"
    report = Report(Masker([SECRET]), file)
    with checks_of(report) as checks:
        checks.equal(f"GET /{SECRET}", {SECRET: [f"x{SECRET}"]}, {SECRET: [f"x{SECRET}"]})
        report.note(f"About {SECRET}.")
        first, second = map(json.loads, file.read_text("utf-8").splitlines())
    assert first == {
        "contract": "part",
        "request": "GET /***",
        "expected": {"***": ["x***"]},
        "found": {"***": ["x***"]},
        "is_equal": True,
    }
    assert second == {"note": "About ***."}
    assert SECRET not in "".join(report.in_words())


@pytest.mark.parametrize(
    ("expected", "found", "is_right"),
    [
        (1, 1, True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": None}, {"b": 2}, False),
        ([1], [1, 2], False),
        ({"a": 1}, None, False),
    ],
)
def test_of_objects_only_what_is_expected_is_compared(
    expected: Any, found: Any, is_right: bool
) -> None:
    assert agrees(expected, found) is is_right


def test_the_shape_of_a_document_leaves_out_what_has_no_value() -> None:
    document = {
        "id": "x",
        "stage": {"name": "deploy", "ended_on": None},
        "aliases": [],
        "domains": ["a"],
        "ok": False,
        "size": 0,
    }
    assert shape(document) == {
        "id": "text",
        "stage.name": "text",
        "domains": "list",
        "ok": "boolean",
        "size": "number",
    }
