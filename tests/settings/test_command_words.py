"""A command is split as `@actions/exec` does it: words by its `argStringToArray`, run by hand."""

from __future__ import annotations

import pytest

from pages_deploy.settings.command_words import has_several_commands, split_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b  c ", ["a", "b", "c"]),
        (r"pages deploy build\web", ["pages", "deploy", r"build\web"]),
        (r"C:\site\ dist", ["C:\\site\\", "dist"]),
        ("can't 'a b'", ["can't", "'a", "b'"]),
        ('--message="a b" c', ["--message=a b", "c"]),
        ('--message "a b"c', ["--message", "a bc"]),
        ('--message="PR', ["--message=PR"]),
        ('--message="PR #42: x', ["--message=PR #42: x"]),
        (r'"a \"b\" c"', ['a "b" c']),
        (r'"a\b" "a\\b" "a\\"', [r"a\b", r"a\\b", "a\\\\"]),
        (r'"a\ b"', [r"a\ b"]),
        (r"a\"b c", ["a\\b c"]),
        ('"open\\', ["open"]),
        ('--branch "" x', ["--branch", "x"]),
        ('""', []),
        ("a\tb", ["a\tb"]),
        ("a#b # c", ["a#b", "#", "c"]),
        ("$HOME `id` $(id) *", ["$HOME", "`id`", "$(id)", "*"]),
        ("", []),
    ],
)
def test_a_line_becomes_words(line: str, words: list[str]) -> None:
    assert split_words(line) == words


def test_a_long_line_takes_no_time() -> None:
    text = '"' + "\\" * 200_001
    assert split_words(text) == ["\\" * 200_000]
    assert split_words('a"' * 100_001)
    assert not has_several_commands('"\\' * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "pages deploy a\npages deploy b",
        "pages deploy a\r\n\r\n  pages deploy b\r\n",
        "pages deploy a && pages deploy b",
        "pages deploy a&& echo done",
        "pages deploy a&&echo done",
        "pages deploy a; echo done",
        "pages deploy a ;echo done",
        "pages deploy a || true",
        "pages deploy a||true",
        "pages deploy a | tee log",
        "pages deploy a |tee log",
        "pages deploy a &",
        "pages deploy a \\\n  --branch=b",
    ],
)
def test_several_commands_are_known_by_their_lines_or_by_what_joins_them(text: str) -> None:
    assert has_several_commands(text)


@pytest.mark.parametrize(
    "text",
    [
        "\n  pages deploy a\n\n",
        'pages deploy a --commit-message "x && y; z | w"',
        'pages deploy a --commit-message="x;" --branch=b',
        'pages deploy a --commit-message="a && b',
        "pages deploy a --branch=R&D",
        "pages deploy a --branch=a;b",
    ],
)
def test_what_only_looks_like_several_commands_is_one(text: str) -> None:
    assert not has_several_commands(text)
