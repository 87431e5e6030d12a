"""The words of wrangler-action's command, split as that action has them split.

It gives each line of its input to `@actions/exec`, which is no shell:

1. Only the blank separates words; tabs and single quotes are characters like others.
2. Double quotes keep blanks together, and an open one ends at the end.
3. A backslash is a character too, except before a double quote within double quotes.
4. A word of nothing, such as `""`, is none.

https://github.com/actions/toolkit/blob/main/packages/exec/src/toolrunner.ts (`argStringToArray`)
"""

from __future__ import annotations

import re

# Plain characters, or what is quoted; where the text ends within quotes, so may a backslash.
_PART = re.compile(r'([^ "]++)|"((?:\\.|[^"\\])*+)\\?(?:"|\Z)', re.DOTALL)
_WORD = re.compile(rf"(?:{_PART.pattern})++", re.DOTALL)
# What a shell takes for the end of a command: anywhere, or only at the edge of a word.
_OPERATOR = re.compile(r"&&|\|\||\A[;|&]|[;|&]\Z")


def split_words(line: str) -> list[str]:
    """Return the words of a line."""
    words = [
        "".join(plain or re.sub(r'\\(\\|")', _unescaped, quoted) for plain, quoted in _parts(word))
        for word in _WORD.finditer(line)
    ]
    return [word for word in words if word]


def has_several_commands(text: str) -> bool:
    """Whether a text is several commands: in lines of their own, or as a shell would join them."""
    if len([line for line in text.split("\n") if line.strip()]) > 1:
        return True
    return any(
        _OPERATOR.search(plain) for word in _WORD.finditer(text) for plain, _quoted in _parts(word)
    )


def _parts(word: re.Match[str]) -> list[tuple[str, str]]:
    return _PART.findall(word[0])


def _unescaped(escaped: re.Match[str]) -> str:
    # Two backslashes are two: only the quote needed one.
    return '"' if escaped[1] == '"' else escaped[0]
