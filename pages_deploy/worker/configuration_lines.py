"""Where a key stands in wrangler's configuration file, for messages.

The file has been parsed by somebody else, who gives no lines; so it is gone over once more, token
by token, and only when there is something to say. A key that is not found has the line of what it
stands in.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Names of tables and places in lists, from the outside in: `("kv_namespaces", 0, "id")`."""

_JSON_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+"?|//[^\n]*+|/\*(?:(?!\*/).)*+(?:\*/)?'
    r'|[{}\[\],:\n]|[^"/{}\[\],:\n]++|.',
    re.DOTALL,
)
_TOML_TOKEN = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*+(?:""")?|\'\'\'(?:(?!\'\'\').)*+(?:\'\'\')?'
    r'|"(?:\\.|[^"\\\n])*+"?|\'[^\'\n]*+\'?|#[^\n]*+|[\[\]{}\n]|[^"\'#\[\]{}\n]++',
    re.DOTALL,
)
_HEAD_LETTERS = 1000
# Nobody asks for a key deeper down, and a hostile file may go down for ever.
_DEEPEST = 8
_TOML_KEY = re.compile(r"[ \t]*+(?:([\w-]++)|\"((?:\\.|[^\"\\\n])*+)\"|'([^'\n]*+)')[ \t]*+")


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a key, or of the innermost thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def lines_of_keys(text: str, file_name: str) -> dict[Path, int]:
    """Return the line, from 1, of every key of a file that is TOML by its name, else JSON.

    The file is known to be right: somebody has parsed it.
    """
    found: dict[Path, int] = {}
    for path, line in (_toml_keys if file_name.endswith(".toml") else _json_keys)(text):
        found.setdefault(path, line)
    return found


def _json_keys(text: str) -> Iterator[tuple[Path, int]]:
    # Of each bracket that is open; the path ends with the key or the place in the innermost one.
    brackets: list[str] = []
    path: list[str | int] = []
    line, is_key_next = 1, False
    for match in _JSON_TOKEN.finditer(text):
        token = match[0]
        if token.startswith('"') and is_key_next:
            path.append(str(json.loads(token, strict=False)))
            is_key_next = False
        if token.strip() and not token.startswith("/") and len(path) <= _DEEPEST:
            yield tuple(path), line
        if token in ("{", "["):
            brackets.append(token)
            is_key_next = token == "{"  # noqa: S105 - a bracket
            path += [0] if token == "[" else []  # noqa: S105 - a bracket
        elif token in ("}", "]") and brackets:
            del path[len(path) - (not is_key_next) :]
            brackets.pop()
            is_key_next = False
        elif token == "," and brackets and brackets[-1] == "{":  # noqa: S105 - a comma
            path.pop()
            is_key_next = True
        elif token == "," and brackets and isinstance(path[-1], int):  # noqa: S105 - a comma
            path[-1] += 1
        line += token.count("\n")


def _toml_keys(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    # How many tables each list of tables has so far; the last one is meant by what follows.
    counts: dict[Path, int] = {}
    for statement, line in _toml_statements(text):
        brackets = len(statement) - len(statement.lstrip("["))
        path: Path = () if brackets else table
        for name in itertools.islice(_toml_names(statement[brackets:]), _DEEPEST):
            path += (counts[path] - 1, name) if path in counts and brackets else (name,)
            yield path, line
        if brackets > 1:
            counts[path] = counts.get(path, 0) + 1
            path += (counts[path] - 1,)
            yield path, line
        table = path if brackets else table


def _toml_statements(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key with its value, and each header of a table, with its line."""
    statement, depth, line, begin = "", 0, 1, 1
    for match in _TOML_TOKEN.finditer(f"{text}\n"):
        token = match[0]
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        if token == "\n" and depth <= 0:  # noqa: S105 - an end of line
            if statement.strip():
                yield statement.strip(), begin
            statement, depth, begin = "", 0, line + 1
        # The head of a statement tells its key; of a long value no more is needed.
        elif len(statement) < _HEAD_LETTERS and not token.startswith("#"):
            statement += token
        line += token.count("\n")


def _toml_names(dotted: str) -> Iterator[str]:
    place = 0
    while name := _TOML_KEY.match(dotted, place):
        yield next(filter(None, name.groups()), "")
        place = name.end() + 1
        if dotted[name.end() : place] != ".":
            return
