"""The file that says what may vanish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.preflight import allowed
from pages_deploy.preflight.allowed import Allowed, read_allowed

if TYPE_CHECKING:
    from pathlib import Path


def read(tmp_path: Path, text: str) -> Allowed:
    file = tmp_path / "list"
    file.write_text(text, "utf-8")
    return read_allowed(file, name="the-list")


def test_paths_and_patterns_allow(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeff# gone\n\n/old\r\n/spring/*\n  *.pdf  \n/%C3%BC\n/never\n/old\n")
    paths = ("/old", "/old/", "/spring/a/b", "/spring", "/a/b.pdf", "/\u00fc", "/Old")
    assert [path for path in paths if found.allows(path)] == [
        *("/old", "/spring/a/b", "/a/b.pdf", "/\u00fc")
    ]
    assert found.unused == {"/never": 7}


def test_every_entry_that_allows_is_used(tmp_path: Path) -> None:
    found = read(tmp_path, "/a/*\n/a/b\n*\n")
    assert found.allows("/a/b")
    assert found.unused == {}


def test_without_a_file_nothing_is_allowed() -> None:
    assert not Allowed().allows("/x")


def test_what_is_no_path_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"the-list:2: 'old' is no path"):
        read(tmp_path, "/a\nold\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Cannot read the-list.*No such file"):
        read_allowed(tmp_path / "none", name="the-list")


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_PATTERNS"])
def test_too_much_of_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(allowed, limit, 1)
    with pytest.raises(SettingsError, match="the-list is larger than"):
        read(tmp_path, "/a/*\n/b/*\n")
