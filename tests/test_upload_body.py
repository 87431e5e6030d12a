"""The body of an upload request: its length, its JSON, and the files behind it."""

from __future__ import annotations

import base64
import json
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages_deploy.api.call import PIECE_BYTES
from pages_deploy.errors import DirectoryError
from pages_deploy.manifest import Asset, Manifest, build_manifest
from pages_deploy.upload_body import Stopped, UploadBody

if TYPE_CHECKING:
    from tests.world import BuildSite

NAMES = st.text("abcé. _-", min_size=1, max_size=8).filter(lambda name: set(name) != {"."})
RESERVED = {".git", "_headers"}


def body_of(
    manifest: Manifest, *, stop: threading.Event | None = None, seen: list[Asset] | None = None
) -> UploadBody:
    record = [] if seen is None else seen
    return UploadBody(
        manifest, manifest.assets, stop=stop or threading.Event(), on_asset=record.append
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
