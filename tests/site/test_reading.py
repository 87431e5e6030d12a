"""What is put in a file's place after the walk has seen it is never read."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.site import reading
from pages_deploy.site.manifest import build_manifest
from pages_deploy.upload.body import UploadBody
from tests.site.secrets_made import SeenContents

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import BuildSite

SECRET = "not of this site"


@pytest.fixture
def outside(site: BuildSite) -> Path:
    return site(
        {"a.txt": SECRET, "b.txt": SECRET, "deep/b.txt": SECRET, "z.txt": SECRET}, name="outside"
    )


@pytest.fixture
def root(site: BuildSite) -> Path:
    return site({"a.txt": "first", "b.txt": "second", "deep/b.txt": "deeper", "z.txt": "last"})


def link_for_file(root: Path, outside: Path) -> None:
    (root / "z.txt").unlink()
    (root / "z.txt").symlink_to(outside / "z.txt")


def link_inside_for_file(root: Path, _outside: Path) -> None:
    (root / "z.txt").unlink()
    (root / "z.txt").symlink_to("a.txt")


def link_for_directory(root: Path, outside: Path) -> None:
    shutil.rmtree(root / "deep")
    (root / "deep").symlink_to(outside / "deep", target_is_directory=True)


def file_for_file(root: Path, _outside: Path) -> None:
    # Made before the old one goes, so that it cannot get its number.
    (root / "new").write_text("other")
    (root / "new").replace(root / "z.txt")


def pipe_for_file(root: Path, _outside: Path) -> None:
    (root / "z.txt").unlink()
    os.mkfifo(root / "z.txt")


def directory_for_file(root: Path, _outside: Path) -> None:
    (root / "new").mkdir()
    (root / "z.txt").unlink()
    (root / "new").replace(root / "z.txt")


def link_for_root(root: Path, outside: Path) -> None:
    root.rename(root.with_name("moved"))
    root.symlink_to(outside, target_is_directory=True)


SWAPS: list[Callable[[Path, Path], None]] = [
    *(link_for_file, link_inside_for_file, link_for_directory, file_for_file),
    *(pipe_for_file, directory_for_file, link_for_root),
]


@pytest.mark.parametrize("swap", SWAPS)
def test_what_is_swapped_between_walk_and_reading_is_refused(
    root: Path, outside: Path, swap: Callable[[Path, Path], None]
) -> None:
    search = SeenContents(lambda path: swap(root, outside) if path == "/a.txt" else None)
    with pytest.raises(DirectoryError, match="was replaced") as info:
        build_manifest(root, search=search)
    assert info.value.exit_code == 2
    assert SECRET.encode() not in [head for _, head in search.seen]


@pytest.mark.parametrize("swap", SWAPS)
def test_what_is_swapped_before_the_upload_is_not_sent(
    root: Path, outside: Path, swap: Callable[[Path, Path], None]
) -> None:
    manifest = build_manifest(root)
    swap(root, outside)
    messages = []
    for asset in manifest.assets:
        try:
            with manifest.open(asset) as file:
                assert file.read() != SECRET.encode()
        except DirectoryError as error:
            messages.append(error.message)
    assert len(messages) == (4 if swap is link_for_root else 1)
    assert all("was replaced" in message for message in messages)


def test_an_upload_that_meets_a_link_ends_before_the_file_is_sent(
    root: Path, outside: Path
) -> None:
    manifest = build_manifest(root)
    link_for_file(root, outside)
    body = UploadBody(
        manifest,
        manifest.assets,
        stop=threading.Event(),
        turn=threading.Lock(),
        on_asset=lambda _asset: None,
    )
    with pytest.raises(DirectoryError, match=r"/z\.txt was replaced"):
        list(body)


def test_files_behind_links_that_stay_inside_are_read_at_their_real_place(root: Path) -> None:
    (root / "linked").symlink_to("deep", target_is_directory=True)
    (root / "linked.txt").symlink_to(root / "linked" / "b.txt")
    manifest = build_manifest(root)
    by_path = {asset.path: asset for asset in manifest.assets}
    for path in ("/linked/b.txt", "/linked.txt", "/deep/b.txt"):
        with manifest.open(by_path[path]) as file:
            assert file.read() == b"deeper"
    # The link itself may change later: it is not asked again.
    (root / "linked").unlink()
    with manifest.open(by_path["/linked/b.txt"]) as file:
        assert file.read() == b"deeper"


def swapping(
    monkeypatch: pytest.MonkeyPatch, name: str, place: Path, act: Callable[[], None]
) -> None:
    """Have something happen just before the system is asked for a place."""
    real = getattr(os, name)
    pending = [act]

    def asked(path: object, *arguments: int, **named: object) -> object:
        if pending and isinstance(path, (str, Path)) and Path(path) == place:
            pending.pop()()
        return real(path, *arguments, **named)

    for known in (os.supports_fd, os.supports_dir_fd):
        if real in known:
            known.add(asked)
    monkeypatch.setattr(os, name, asked)


def test_a_directory_that_becomes_a_link_before_it_is_listed_is_refused(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapping(monkeypatch, "open", root / "deep", lambda: link_for_directory(root, outside))
    with pytest.raises(DirectoryError, match="/deep was replaced"):
        build_manifest(root)


def test_a_directory_that_becomes_another_before_it_is_listed_is_refused(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap() -> None:
        (root / "deep").rename(root.with_name("old"))
        shutil.copytree(outside / "deep", root / "deep")

    swapping(monkeypatch, "open", root / "deep", swap)
    with pytest.raises(DirectoryError, match="/deep was replaced"):
        build_manifest(root)


def test_a_directory_on_the_way_of_a_link_that_becomes_a_link_is_refused(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the moment at which the link is resolved and the look at what it leads to."""
    (root / "c.txt").symlink_to("deep/b.txt")
    real = reading.status_below

    def late(*arguments: object) -> os.stat_result:
        link_for_directory(root, outside)
        return real(*arguments)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr("pages_deploy.site.links.status_below", late)
    with pytest.raises(DirectoryError, match=r"/c\.txt"):
        build_manifest(root)


def test_without_directory_descriptors_the_same_holds(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr(os, "supports_fd", frozenset())
    monkeypatch.setattr(os, "supports_dir_fd", frozenset())
    (root / "c.txt").symlink_to("deep/b.txt")
    manifest = build_manifest(root)
    assert [asset.path for asset in manifest.assets] == [
        "/a.txt",
        "/b.txt",
        "/c.txt",
        "/deep/b.txt",
        "/z.txt",
    ]
    link_for_directory(root, outside)
    for asset in manifest.assets:
        if "/deep/" in asset.path or asset.path == "/c.txt":
            with pytest.raises(DirectoryError, match="was replaced"):
                manifest.open(asset)
