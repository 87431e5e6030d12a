"""Wrangler's configuration file: three formats, two facts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.settings.wrangler_config import read_wrangler_config

if TYPE_CHECKING:
    from pathlib import Path

JSON = '{"name": "from-json", "pages_build_output_dir": "./dist"}'
TOML = 'name = "from-toml"\npages_build_output_dir = "./out"\n'
JSONC = r"""{
  // The name, see https://example.test/ // twice
  "name": "from-jsonc", /* one
  "name": "not me",
  */
  "vars": {"url": "https://example.test/*not a comment*/", "quote": "a \" // b", "t": "[1,]",},
  "list": [1, 2, // last
  ],
  "pages_build_output_dir": "C:\\out//dist", // trailing comma, and a comment after it
  /* even here */ }
"""


def test_no_file_is_no_configuration(tmp_path: Path) -> None:
    assert read_wrangler_config(tmp_path) is None


@pytest.mark.parametrize(
    ("file_name", "text", "name", "output"),
    [
        ("wrangler.json", JSON, "from-json", "dist"),
        ("wrangler.jsonc", JSONC, "from-jsonc", r"C:\out/dist"),
        ("wrangler.toml", TOML, "from-toml", "out"),
        # Wrangler reads both names alike.
        ("wrangler.json", JSONC, "from-jsonc", r"C:\out/dist"),
        ("wrangler.json", "\ufeff" + JSON, "from-json", "dist"),
        ("wrangler.toml", TOML.replace("\n", "\r\n"), "from-toml", "out"),
    ],
)
def test_each_format_is_read(
    tmp_path: Path, file_name: str, text: str, name: str, output: str
) -> None:
    (tmp_path / file_name).write_bytes(text.encode())
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.file_name == file_name
    assert config.project_name == name
    assert config.build_output_directory == output
    assert not config.is_worker


def test_json_comes_before_jsonc_and_toml(tmp_path: Path) -> None:
    found = []
    for file_name, text in (
        ("wrangler.toml", TOML),
        ("wrangler.jsonc", JSONC),
        ("wrangler.json", JSON),
    ):
        (tmp_path / file_name).write_text(text)
        config = read_wrangler_config(tmp_path)
        assert config is not None
        found.append(config.project_name)
    assert found == ["from-toml", "from-jsonc", "from-json"]


@pytest.mark.parametrize(
    "text",
    [
        '{"list": [1, // see [2]\n 3], "pages_build_output_dir": "dist"}',
        '{"list": [1, /* one */ 3], "pages_build_output_dir": "dist" /* two */}',
        '{"list": [1, // {}\n 3], /* , } */ "pages_build_output_dir": "dist"}',
        '{"list": [1, 3], "text": ",]", "pages_build_output_dir": "dist",}',
    ],
)
def test_a_comma_before_a_comment_is_kept_unless_a_bracket_closes_after_it(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "wrangler.jsonc").write_text(text)
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.build_output_directory == "dist"


@pytest.mark.parametrize(
    ("file_name", "content"),
    [
        ("wrangler.json", b"{"),
        ("wrangler.json", b""),
        ("wrangler.json", b'{"name": "a" // never closed'),
        ("wrangler.json", b"[1]"),
        ("wrangler.json", b'"text"'),
        ("wrangler.json", b"\xff\xfe{}"),
        ("wrangler.jsonc", b'{"name": "a",, "b": 1}'),
        ("wrangler.jsonc", b"{/* never closed"),
        ("wrangler.toml", b"name = "),
        ("wrangler.toml", b"name = 'a'\nname = 'b'\n"),
        ("wrangler.json", b"[" * 100_000),
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, file_name: str, content: bytes
) -> None:
    (tmp_path / file_name).write_bytes(content)
    with pytest.raises(SettingsError, match=file_name.replace(".", r"\.")) as info:
        read_wrangler_config(tmp_path)
    assert info.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a-worker", "main": "src/index.js"}',
        '{"name": "a-worker", "pages_build_output_dir": ""}',
        '{"name": "a-worker", "pages_build_output_dir": 5}',
        "{}",
    ],
)
def test_without_an_output_directory_it_is_a_workers_and_its_name_is_not_ours(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "wrangler.json").write_text(text)
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.is_worker
    assert config.project_name == ""
    assert config.build_output_directory == ""


@pytest.mark.parametrize("name", ["5", "null", "[]"])
def test_a_name_that_is_no_text_is_no_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "wrangler.json").write_text(f'{{"name": {name}, "pages_build_output_dir": "d"}}')
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.project_name == ""
    assert config.build_output_directory == "d"


@pytest.mark.parametrize(
    "text",
    [
        'vars = {\n  A = "1", # one\n  B = "2",\n}\n',
        'text = "\\e[0m \\x41"\n',
        "at = 1979-05-27 07:32\nthen = 07:32\n",
        "kv_namespaces = [\n  { binding = 'A',\n    id = 'x' },\n]\n",
    ],
    ids=["inline table", "escapes", "times", "tables in an array"],
)
def test_toml_is_that_of_today(tmp_path: Path, text: str) -> None:
    """1.1, which Python's own reader does not know before 3.15."""
    (tmp_path / "wrangler.toml").write_text(TOML + text)
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.project_name == "from-toml"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("dist", "dist"),
        ("./dist/", "dist"),
        ("./a/../dist", "dist"),
        (".", "."),
        ("a//b", "a/b"),
        ("...", "..."),
        ("..dist", "..dist"),
        ("{}/dist", "dist"),
    ],
)
def test_the_build_directory_is_told_as_it_is_from_the_file(
    tmp_path: Path, output: str, expected: str
) -> None:
    data = {"pages_build_output_dir": output.format(tmp_path)}
    (tmp_path / "wrangler.json").write_text(json.dumps(data))
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.build_output_directory == expected


@pytest.mark.parametrize(
    "output", ["..", "../_temp", "./a/../../b", "/", "/etc", "{}/../x", "{}x", "a/../..", "a\0b"]
)
def test_a_build_directory_elsewhere_is_refused(tmp_path: Path, output: str) -> None:
    data = {"pages_build_output_dir": output.format(tmp_path)}
    (tmp_path / "wrangler.json").write_text(json.dumps(data))
    with pytest.raises(SettingsError, match=r"pages_build_output_dir in wrangler\.json is"):
        read_wrangler_config(tmp_path)


def test_the_files_bytes_are_hashed(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode()
    (tmp_path / "wrangler.toml").write_bytes(content)
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert config.file_hash == hashlib.sha256(content).hexdigest()


def test_an_error_names_the_line_although_comments_were_taken_out(tmp_path: Path) -> None:
    text = '{\n/* one\ntwo */\n// three\n"name": "a"\n"b": 1}'
    (tmp_path / "wrangler.jsonc").write_text(text)
    with pytest.raises(SettingsError, match="line 6"):
        read_wrangler_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"main": "a.js", "routes": [], "site": {}}', "it is a Worker's, by its main and routes"),
        ('{"assets": {"directory": "d"}}', "it is a Worker's, by its assets"),
        ('{"name": "x"}', "it has no pages_build_output_dir"),
    ],
)
def test_why_a_workers_file_is_ignored_is_told_by_its_keys(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "wrangler.json").write_text(text)
    config = read_wrangler_config(tmp_path)
    assert config is not None
    assert reason in config.why_ignored


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "wrangler.toml").write_text(TOML + "#" * 2_000_000)
    with pytest.raises(SettingsError, match="more than 1048576 bytes"):
        read_wrangler_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ('"', 300_000),
        ('"\\"', 200_000),
        ("\\", 900_000),
        ("/*", 400_000),
        ("/", 900_000),
        (",", 900_000),
        (", ", 400_000),
        (",//\n", 200_000),
        (",/**/", 200_000),
        (",\n/*]*/ ", 100_000),
    ],
)
def test_the_worst_of_texts_is_read_in_no_time(tmp_path: Path, text: str, times: int) -> None:
    """Where a position is looked at once for each other one, these take hours."""
    (tmp_path / "wrangler.json").write_text(text * times)
    with pytest.raises(SettingsError):
        read_wrangler_config(tmp_path)
