"""`make mutants` knows the tests of each file, and passes over nothing but what is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.mutants import (
    GUARDED,
    SENTENCE,
    TESTED_BESIDE,
    Survivor,
    by_tests,
    explanations,
    mirror_of,
    python_files,
    read_results,
    read_survivor,
    unexplained,
)

ROOT = Path(__file__).resolve().parents[1]
SHOWN = """\
# pages_deploy.text.masking.x__spellings__mutmut_17: survived
--- pages_deploy/text/masking.py
+++ pages_deploy/text/masking.py
@@ -1,3 +1,3 @@
 def f() -> int:
-    a = [
-        1]
+    a = None
     return a
"""
SURVIVOR = Survivor("x__f__mutmut_17", "pages_deploy/text/masking.py", "a = [\n1]", "a = None")


def test_the_guarded_files_are_there_and_have_tests() -> None:
    files = python_files(["guarded"])
    assert {"pages_deploy/deploy/creation.py", "pages_deploy/text/masking.py"} <= set(files)
    assert len(files) > len(GUARDED)
    for tests in by_tests(files):
        assert [test for test in tests if not (ROOT / test).exists()] == []


def test_what_tells_the_story_of_another_room_is_there() -> None:
    for tests in TESTED_BESIDE.values():
        assert [test for test in tests if not (ROOT / test).exists()] == []


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("pages_deploy/text/masking.py", "tests/text"),
        ("pages_deploy/emulator/state/store.py", "tests/emulator"),
        ("pages_deploy/retry.py", "tests/test_retry.py"),
    ],
)
def test_a_files_tests_are_those_that_mirror_its_room(file: str, tests: str) -> None:
    assert mirror_of(file)[0] == tests


def test_what_no_test_notices_is_read_from_what_mutmut_says() -> None:
    results = """\
    pages_deploy.a.x_f__mutmut_1: survived
    pages_deploy.a.x_f__mutmut_2: killed
    pages_deploy.a.x_g__mutmut_1: survived
    pages_deploy.b.x_f__mutmut_1: no tests
    pages_deploy.b.x_h__mutmut_1: timeout
"""
    assert read_results(results) == [
        *("pages_deploy.a.x_f__mutmut_1", "pages_deploy.a.x_g__mutmut_1"),
        "pages_deploy.b.x_f__mutmut_1",
    ]


def test_a_break_is_read_without_its_indentation() -> None:
    assert read_survivor("pages_deploy.text.masking.x__f__mutmut_17", SHOWN) == SURVIVOR


def test_only_what_is_explained_word_for_word_is_passed_over() -> None:
    entry = {"before": SURVIVOR.before, "after": SURVIVOR.after, "why": "x"}
    assert unexplained([SURVIVOR], {SURVIVOR.file: [entry]}) == []
    assert unexplained([SURVIVOR], {SURVIVOR.file: [{**entry, "after": ""}]}) == [SURVIVOR]
    assert unexplained([SURVIVOR], {"pages_deploy/other.py": [entry]}) == [SURVIVOR]


def test_every_explanation_is_of_code_that_is_there() -> None:
    for name, entries in explanations().items():
        lines = {line.strip() for line in (ROOT / name).read_text("utf-8").splitlines()}
        for entry in entries:
            assert set(entry) == {"before", "after", "why"}
            assert set(entry["before"].splitlines()) <= lines, f"{name}: {entry}"


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ('        "Keep them out, "', True),
        ('    f"of {name} is", ', False),
        ('    f"of {name} is",', True),
        ('    "name",', False),
        ('    x = "a b"', False),
    ],
)
def test_a_sentence_stands_alone_on_its_line(line: str, is_one: bool) -> None:
    assert (re.search(SENTENCE, line) is not None) is is_one
