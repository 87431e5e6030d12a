"""Where a key stands in a configuration file."""

from __future__ import annotations

import pytest

from pages_deploy.worker.configuration_lines import line_of, lines_of_keys

TOML = '''# a comment with a [table] and "quotes"
name = "x"
"quoted key" = 'p' # name = "y"
long = """
main = 1
[table]
"""
list = [ # ]
  "]", ']',
  { x = 1 },
]
vars.A.b = "1"
[[kv_namespaces]]
binding = "A"
[[kv_namespaces]] # the second
  binding = "B"
[env.production]
no_bundle = true
[[ env . production . d1_databases ]]
binding = "D"
[q.s]
main = 2
[[kv_namespaces.inner]]
z = 1
'''
JSONC = """{ // "main": 1
  "name": "x", /* "main":
  */ "kv": [
    {"binding": "A", "id": "1",},
    {"binding": "B"}
  ],
  "deep": {"p": {"A": [1, [2,
    {"z": {}}]]}}, "a\\"b": {},
  "last": 1,
}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("quoted key",), 3),
        (("long",), 4),
        (("list", 2), 8),
        (("vars",), 12),
        (("vars", "A", "b"), 12),
        (("kv_namespaces",), 13),
        (("kv_namespaces", 0, "id"), 13),
        (("kv_namespaces", 1, "binding"), 16),
        (("env", "production", "no_bundle"), 18),
        (("env", "production", "d1_databases", 0, "binding"), 20),
        (("q", "s", "main"), 22),
        (("kv_namespaces", 1, "inner", 0, "z"), 24),
        (("main",), None),
    ],
)
def test_lines_of_toml(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(lines_of_keys(TOML, "wrangler.toml"), path) == line
    crlf = TOML.replace("\n", "\r\n")
    assert line_of(lines_of_keys(crlf, "wrangler.toml"), path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("kv",), 3),
        (("kv", 0), 4),
        (("kv", 1, "binding"), 5),
        (("deep", "p", "A", 1, 1, "z"), 8),
        (('a"b',), 8),
        (("last",), 9),
        (("kv", 1, "id"), 5),
    ],
)
def test_lines_of_json_with_comments(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(lines_of_keys(JSONC, "wrangler.jsonc"), path) == line


@pytest.mark.parametrize(
    "text",
    ["/*" * 50_000, '"' * 50_001, '{"a":' * 20_000, "[" * 50_000, '"""' * 50_000, "a." * 50_000],
)
@pytest.mark.parametrize("file_name", ["wrangler.toml", "wrangler.json"])
def test_no_file_takes_longer_than_its_length(text: str, file_name: str) -> None:
    """A squared time or size would not come to an end here."""
    assert len(lines_of_keys(text, file_name)) < 20
