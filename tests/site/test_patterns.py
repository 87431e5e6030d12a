"""Patterns in gitignore's syntax: what a line says, and that none takes long to match."""

from __future__ import annotations

import pytest

from pages_deploy.site.patterns import MAX_BYTES, PatternSet, read_patterns
from tests.patience import no_endless_work


def decides(lines: str, path: str, *, is_directory: bool = False) -> int | None:
    """Return the line that is the last word on a path; None where no line is."""
    patterns = PatternSet(read_patterns(lines.encode(), "here"))
    state = patterns.after(patterns.start, path.encode())
    pattern = patterns.last_match(state, is_directory=is_directory)
    return None if pattern is None else pattern.line


# What tests/fuzz/test_ignore_patterns.py has asked git for.
@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.map", ["a.map", "x/y/.map"], ["a.mapx", "a.map/b"]),
        ("/a", ["a"], ["x/a", "ab"]),
        ("x/a", ["x/a"], ["y/x/a", "x/a/b"]),
        ("x/*", ["x/a"], ["x/a/b", "x"]),
        ("x/**", ["x/a", "x/a/b"], ["x", "y/x/a"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["xa", "a/x"]),
        ("x/**/a", ["x/a", "x/y/a", "x/y/z/a"], ["xa", "x/ya"]),
        ("**/**/a", ["a", "x/a"], ["xa"]),
        ("a**b", ["ab", "a-b"], ["a/b"]),
        # Git compares `foo` first, and what is left begins with `**/`.
        ("foo**/bar", ["foobar", "foox/bar", "foo/x/bar"], ["xfoo/bar"]),
        ("**\\/a", ["x/a", "x/y/a"], ["a"]),
        ("a?c", ["abc"], ["ac", "a/c", "aéc"]),
        ("[a-c]", ["b"], ["d", "-"]),
        ("[!a]", ["b"], ["a", "ab"]),
        ("[]a]", ["]", "a"], ["[]a]"]),
        ("[[:digit:]]", ["7"], ["a"]),
        ("[[:]", ["[", ":"], ["a"]),
        ("\\*", ["*"], ["a"]),
        ("\\#a", ["#a"], []),
        ("\\!a", ["!a"], ["a"]),
        ("a\\ ", ["a "], ["a"]),
        ("a  ", ["a"], ["a "]),
    ],
)
def test_a_pattern_matches_what_it_matches_for_git(
    pattern: str, matching: list[str], others: list[str]
) -> None:
    assert [path for path in matching if decides(pattern, path) is None] == []
    assert [path for path in others if decides(pattern, path) is not None] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "[a",
        "a\\",
        "[[:nope:]]",
        "[[:alpha:",
        "[a-",
        "[\\",
        "[a-\\",
        "/",
        "//",
        "!",
        "",
        "# a",
        "  ",
    ],
)
def test_what_matches_nothing_is_no_pattern(pattern: str) -> None:
    assert read_patterns(pattern.encode(), "here") == ()


def test_the_last_line_that_matches_decides() -> None:
    lines = "*.js\n!x.js\n\n# all\nx.*\n"
    assert decides(lines, "a.js") == 1
    assert decides(lines, "x.js") == 5
    patterns = read_patterns(lines.encode(), "here")
    assert [(one.text, one.brings_back) for one in patterns] == [
        ("*.js", False),
        ("!x.js", True),
        ("x.*", False),
    ]


def test_a_slash_at_the_end_is_for_directories_alone() -> None:
    assert decides("build/", "x/build", is_directory=True) == 1
    assert decides("build/", "x/build") is None


@pytest.mark.parametrize("pattern", ["*a" * 2000 + "b", "**/a/" * 2000 + "b", "?*" * 5000, "[!b]*"])
def test_no_pattern_takes_long(pattern: str) -> None:
    lines = f"{pattern}\n" * (MAX_BYTES // (len(pattern) + 1))
    patterns = PatternSet(read_patterns(lines.encode(), "here"))
    with no_endless_work():
        state = patterns.after(patterns.start, b"a" * 255 + b"/" + b"a/" * 500 + b"a" * 255)
        patterns.last_match(state, is_directory=False)
