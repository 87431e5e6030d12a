"""Sites are the same on each machine, made once, and come of packages where those can be had."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bench import sites

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of Unix")

# What apt-get and dpkg-deb do for us, in a line each.
APT_GET = 'for name; do :; done; [ "$name" = second-doc ] && : > second-doc_1%3a2-3_all.deb'
DPKG_DEB = """for folder; do :; done
/bin/mkdir -p "$folder/usr/share/doc/second" && cd "$folder/usr/share/doc/second"
echo page > index.html && /bin/ln -s /etc/passwd link.html"""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(sites, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only directory of PATH, which is empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sites, "MIDDLE_PACKAGES", ("first-doc", "second-doc"))
    return folder


def program(folder: Path, name: str, lines: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{lines}\n")
    file.chmod(0o755)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_generated_site_is_the_same_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = sites.generated(250)
    monkeypatch.setattr(sites, "CACHE", tmp_path / "other")
    second = sites.generated(250)
    found = contents(first.root)
    assert found == contents(second.root)
    assert first.root != second.root
    assert (first.files, first.size_bytes) == (250, sum(map(len, found.values())))
    assert len(set(found.values())) == 250
    assert {name.rpartition(".")[2] for name in found} == {"html", "png"}
    assert all(300 < len(content) < 62_000 for content in found.values())


def test_a_site_of_large_files_has_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "LARGE_FILE_BYTES", 1000)
    site = sites.large(3)
    assert (site.files, site.size_bytes) == (3, 3000)
    assert site.words == "large-3-1: 3 files, 0 MB"


def test_the_first_package_that_is_known_is_unpacked_once_without_its_links(
    programs: Path, cache: Path
) -> None:
    program(programs, "apt-get", APT_GET)
    program(programs, "dpkg-deb", DPKG_DEB)
    site = sites.middle()
    assert site.name == "second-doc 1:2-3"
    assert contents(site.root) == {"second/index.html": b"page\n"}
    program(programs, "apt-get", "exit 1")
    assert sites.middle() == site
    assert [path.name for path in cache.iterdir()] == ["second-doc_1:2-3"]


@pytest.mark.parametrize("extracts", ["exit 1", None])
def test_where_no_package_can_be_had_pages_are_generated(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extracts: str | None
) -> None:
    if extracts:
        program(programs, "apt-get", APT_GET)
        program(programs, "dpkg-deb", extracts)
    monkeypatch.setattr(sites, "generated", lambda files: sites.Site(tmp_path, "made", files, 0))
    monkeypatch.setattr(sites, "BIG_PACKAGES", ("first-doc",))
    assert (sites.middle().files, sites.big().files) == (10_000, 32_000)
