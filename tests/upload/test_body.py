"""The body of an upload request: its length, its JSON, and the files behind it."""

from __future__ import annotations

import base64
import errno
import io
import json
import os
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages_deploy.errors import DirectoryError
from pages_deploy.net.bodies import PIECE_BYTES
from pages_deploy.net.threads import Stopped
from pages_deploy.site.manifest import Asset, Manifest, build_manifest
from pages_deploy.upload.body import UploadBody
from pages_deploy.upload.missing import UploadPlan
from pages_deploy.upload.upload import upload
from tests.world import PROJECT, UPLOAD, asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime

NAMES = st.text("abcé. _-", min_size=1, max_size=8).filter(lambda name: set(name) != {"."})
RESERVED = {".git", "_headers"}


def body_of(
    manifest: Manifest, *, stop: threading.Event | None = None, seen: list[Asset] | None = None
) -> UploadBody:
    record = [] if seen is None else seen
    return UploadBody(
        manifest,
        manifest.assets,
        stop=stop or threading.Event(),
        turn=threading.Lock(),
        on_asset=record.append,
    )


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=300), min_size=1, max_size=5))
def test_the_json_is_the_files_and_the_length_is_known_beforehand(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, content in files.items():
            (root / path).write_bytes(content)
        manifest = build_manifest(root)
        body = body_of(manifest)
        expected_length = len(body)
        sent = b"".join(body)
    assert len(sent) == expected_length
    entries = json.loads(sent)
    assert [entry["key"] for entry in entries] == [asset.hash for asset in manifest.assets]
    for entry, asset in zip(entries, manifest.assets, strict=True):
        assert entry == {
            "key": asset.hash,
            "value": base64.b64encode(files[asset.path[1:]]).decode(),
            "metadata": {"contentType": asset.content_type},
            "base64": True,
        }


@pytest.mark.parametrize("size", [0, 1, 2, 3, PIECE_BYTES, 3 * PIECE_BYTES + 1, 1_000_000])
def test_files_of_any_size_are_sent_whole(site: BuildSite, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    body = body_of(build_manifest(site({"a.bin": content})))
    sent = b"".join(body)
    assert len(sent) == len(body)
    assert base64.b64decode(json.loads(sent)[0]["value"]) == content


def test_small_files_are_written_together(site: BuildSite) -> None:
    manifest = build_manifest(site({f"{number}.txt": "x" for number in range(500)}))
    pieces = list(body_of(manifest))
    assert len(pieces) <= 1 + sum(map(len, pieces)) // PIECE_BYTES


def test_it_can_be_read_again_for_another_attempt(site: BuildSite) -> None:
    body = body_of(build_manifest(site({"a.txt": "one", "b.txt": "two"})))
    assert b"".join(body) == b"".join(body)


def test_each_asset_is_told_when_it_is_on_its_way(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.txt": "one", "b.txt": "two"}))
    seen: list[Asset] = []
    for _ in body_of(manifest, seen=seen):
        pass
    assert seen == list(manifest.assets)


def test_a_body_has_its_turn_while_it_makes_a_piece_and_not_while_one_is_sent(
    site: BuildSite,
) -> None:
    manifest = build_manifest(site({"a.bin": bytes(300_000), "b.bin": bytes(300_000)}))
    turn = threading.Lock()
    had = []

    def note(_asset: Asset) -> None:
        had.append(turn.locked())

    body = UploadBody(manifest, manifest.assets, stop=threading.Event(), turn=turn, on_asset=note)
    while_sent = [turn.locked() for _ in body]
    assert had == [True, True]
    assert len(while_sent) > 1
    assert not any(while_sent)
    assert not turn.locked()


def test_a_body_that_fails_gives_its_turn_back(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.txt": "one"}))
    (manifest.root / "a.txt").write_bytes(b"two")
    turn = threading.Lock()
    body = UploadBody(
        manifest, manifest.assets, stop=threading.Event(), turn=turn, on_asset=lambda _: None
    )
    with pytest.raises(DirectoryError):
        list(body)
    assert not turn.locked()


def test_it_ends_in_the_middle_of_a_file_when_the_upload_stops(site: BuildSite) -> None:
    stop = threading.Event()
    pieces = iter(body_of(build_manifest(site({"a.bin": bytes(3_000_000)})), stop=stop))
    next(pieces)
    stop.set()
    with pytest.raises(Stopped):
        list(pieces)


@pytest.mark.parametrize("content", [b"ONE", b"one more", b"on", b""])
def test_bytes_that_changed_are_never_sent_to_the_end(site: BuildSite, content: bytes) -> None:
    manifest = build_manifest(site({"a.txt": "one"}))
    (manifest.root / "a.txt").write_bytes(content)
    sent: list[bytes] = []
    with pytest.raises(DirectoryError, match=r"/a\.txt changed"):
        sent.extend(body_of(manifest))
    assert not b"".join(sent).endswith(b"]")


def test_no_piece_is_larger_than_a_slow_line_takes_at_once(site: BuildSite) -> None:
    files: dict[str, bytes | str] = {f"{number}.txt": str(number) for number in range(900)}
    files["big.bin"] = bytes(1_000_000)
    pieces = list(body_of(build_manifest(site(files))))
    assert max(map(len, pieces)) <= PIECE_BYTES == 128 * 1024
    assert all(pieces)


def test_no_piece_is_empty_where_the_body_fills_its_pieces(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.bin": bytes(150_000)}))
    (asset,) = manifest.assets
    room = -len(body_of(manifest)) % PIECE_BYTES
    padded = replace(asset, content_type=asset.content_type + "x" * room)
    body = body_of(replace(manifest, assets=(padded,)))
    pieces = list(body)
    assert all(pieces)
    assert sum(map(len, pieces)) == 2 * PIECE_BYTES


class FailingFile(io.BytesIO):
    """A file that can be read for a while, as on a disk that breaks or a share that goes away."""

    def __init__(self, content: bytes, *, good_reads: int) -> None:
        super().__init__(content)
        self._good_reads = good_reads

    def read(self, size: int | None = -1, /) -> bytes:
        if self._good_reads == 0:
            raise OSError(errno.EIO, "Input/output error")
        self._good_reads -= 1
        return super().read(size)


@dataclass(frozen=True)
class FailingManifest(Manifest):
    """A manifest whose files fail in the middle."""

    good_reads: int = 0

    def open(self, asset: Asset) -> BinaryIO:
        with super().open(asset) as file:
            return FailingFile(file.read(), good_reads=self.good_reads)


def failing(manifest: Manifest, *, good_reads: int) -> FailingManifest:
    return FailingManifest(
        manifest.root, manifest.assets, manifest.special_files, good_reads=good_reads
    )


@pytest.mark.parametrize("good_reads", [0, 1, 3])
def test_a_file_whose_reading_fails_is_named(site: BuildSite, good_reads: int) -> None:
    manifest = build_manifest(site({"a.bin": bytes(1_000_000)}))
    with pytest.raises(DirectoryError, match=r"Cannot read /a\.bin: Input/output error"):
        list(body_of(failing(manifest, good_reads=good_reads)))


def test_a_small_file_whose_reading_fails_is_named(
    site: BuildSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = build_manifest(site({"a.txt": "one"}))

    def broken(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", broken)
    with pytest.raises(DirectoryError, match=r"Cannot read /a\.txt: Input/output error"):
        list(body_of(manifest))


@pytest.mark.parametrize("good_reads", [0, 2])
def test_a_file_whose_reading_fails_is_no_trouble_of_the_network(
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
    fake_time: FakeTime,
    good_reads: int,
) -> None:
    manifest = build_manifest(site({"a.bin": bytes(1_000_000)}))
    with pytest.raises(DirectoryError, match=r"Cannot read /a\.bin: Input/output error"):
        upload(client, failing(manifest, good_reads=good_reads), UploadPlan(PROJECT))
    assert fake_time.slept == []
    assert len(asked(emulator, "POST", UPLOAD)) <= 1


def swap_in_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def swap_in_a_loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def truncate(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(500_000)


@pytest.mark.parametrize(
    "spoil",
    [swap_in_a_directory, swap_in_a_loop, truncate, Path.unlink],
    ids=lambda one: one.__name__,
)
def test_a_file_that_is_spoilt_after_the_hashing_is_named_and_nothing_is_tried_again(
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
    fake_time: FakeTime,
    spoil: Callable[[Path], None],
) -> None:
    manifest = build_manifest(site({"a.bin": bytes(1_000_000), "b.txt": "b"}))
    spoil(manifest.root / "a.bin")
    with pytest.raises(DirectoryError, match=r"/a\.bin"):
        upload(client, manifest, UploadPlan(PROJECT, 1))
    assert fake_time.slept == []
    assert emulator.store.assets.find(manifest.assets[0].hash) is None


def test_a_touched_file_with_the_same_bytes_is_fine(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.txt": "one"}))
    (manifest.root / "a.txt").write_bytes(b"one")
    assert json.loads(b"".join(body_of(manifest)))


def test_a_file_that_grew_is_not_sent_beyond_the_length_that_was_declared(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.bin": bytes(600_000)}))
    (manifest.root / "a.bin").write_bytes(bytes(3_000_000))
    body = body_of(manifest)
    sent: list[bytes] = []
    with pytest.raises(DirectoryError, match=r"/a\.bin changed"):
        sent.extend(body)
    assert len(b"".join(sent)) < len(body)
