"""A walk that goes on past what Pages would not take, and tells each problem by path and code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.world import unprivileged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import BuildSite

TOO_LARGE = 26_214_401


def problems_of(root: Path) -> tuple[Manifest, dict[str, str]]:
    """Return the manifest without what is wrong, and the code of each path that is."""
    problems: list[DirectoryError] = []
    manifest = build_manifest(root, on_problem=problems.append)
    found = {problem.path: problem.code for problem in problems}
    assert len(found) == len(problems)
    return manifest, found


def enlarge(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(TOO_LARGE)


def test_every_problem_is_told_and_the_rest_becomes_a_manifest(
    site: BuildSite, tmp_path: Path
) -> None:
    root = site({"index.html": "home", "a/b.txt": "b", "_redirects": b"/a\0", "z.txt": "z"})
    enlarge(root / "a/film.mp4")
    enlarge(root / "_headers")
    (root / "a/out").symlink_to(tmp_path)
    (root / "a/gone").symlink_to("nowhere")
    (root / "a/itself").symlink_to("itself")
    (root / "a/above").symlink_to("..")
    os.mkfifo(root / "a/pipe")
    (root / ".assetsignore").mkdir()
    manifest, problems = problems_of(root)
    assert [asset.path for asset in manifest.assets] == ["/a/b.txt", "/index.html", "/z.txt"]
    assert manifest.special_files == {}
    assert problems == {
        "/.assetsignore": "not-a-file",
        "/_headers": "special-file-too-large",
        "/_redirects": "special-file-not-text",
        "/a/above": "link-loop",
        "/a/film.mp4": "file-too-large",
        "/a/gone": "link-broken",
        "/a/itself": "link-loop",
        "/a/out": "link-outside",
        "/a/pipe": "not-a-file",
    }


def test_a_name_that_is_no_utf_8_is_told_so_that_it_can_be_printed(site: BuildSite) -> None:
    root = site({"index.html": "home"})
    try:
        (root / os.fsdecode(b"caf\xe9.html")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    manifest, problems = problems_of(root)
    assert len(manifest.assets) == 1
    assert problems == {r"/caf\xe9.html": "name-not-utf8"}


def test_what_cannot_be_read_is_told(public_directory: Path) -> None:
    for name in ("index.html", "closed.html", "_headers"):
        (public_directory / name).write_text("x")
    (public_directory / "closed.html").chmod(0)
    (public_directory / "_headers").chmod(0)
    (public_directory / "locked").mkdir(0)
    with unprivileged():
        manifest, problems = problems_of(public_directory)
    assert [asset.path for asset in manifest.assets] == ["/index.html"]
    assert problems == dict.fromkeys(("/_headers", "/closed.html", "/locked"), "unreadable")


def test_a_directory_with_nothing_is_a_problem_of_the_whole(site: BuildSite) -> None:
    manifest, problems = problems_of(site({}))
    assert manifest.assets == ()
    assert problems == {"": "nothing-to-deploy"}


def test_what_is_no_directory_is_raised_in_any_case(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError) as info:
        problems_of(tmp_path / "dist")
    assert info.value.code == "no-directory"


def test_a_problem_that_is_raised_is_raised_once(site: BuildSite) -> None:
    root = site({"a/b/index.html": "home"})
    (root / "a/b/gone").symlink_to("nowhere")
    seen: list[DirectoryError] = []

    def take(problem: DirectoryError) -> None:
        seen.append(problem)
        raise problem

    with pytest.raises(DirectoryError):
        build_manifest(root, on_problem=take)
    assert [problem.path for problem in seen] == ["/a/b/gone"]
