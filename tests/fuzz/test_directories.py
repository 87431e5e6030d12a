"""What is in a build directory is what is served; what cannot be is refused by name."""

from __future__ import annotations

import ast
import http.client
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from pages_deploy.errors import DirectoryError
from pages_deploy.rules.addresses import address_of, served_at
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.fuzz import trees
from tests.fuzz.effort import effort, mostly
from tests.fuzz.trees import Content, Link, Tree, files_of, plant
from tests.making import deployed

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator import Emulator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere not every name is taken, or one for another"
)

SPECIAL = {"_headers", "_redirects", "_routes.json"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def emptied(place: Path) -> Path:
    """Return a build directory that is new, with a directory around it that links can reach."""
    around = os.fsencode(place / "around")
    if os.path.lexists(around):
        # As bytes, so that every name can be removed.
        shutil.rmtree(around)
    root = place / "around" / "site"
    root.mkdir(parents=True)
    (place / "around" / "a").write_text("no part of the site")
    return root


def read(manifest: Manifest) -> dict[str, bytes]:
    """Return the content of each asset by its path."""
    found = {}
    for asset in manifest.assets:
        with manifest.open(asset) as file:
            found[asset.path] = file.read()
        assert asset.size_bytes == len(found[asset.path])
    assert len(found) == len(manifest.assets)
    return found


@given(tree=trees.trees(trees.names, trees.contents))
@effort(50)
def test_every_file_is_an_asset_under_its_own_name(place: Path, tree: Tree) -> None:
    assume(files_of(tree))
    root = emptied(place)
    plant(root, tree)
    manifest = build_manifest(root)
    assert read(manifest) == files_of(tree)
    assert (manifest.special_files, manifest.left_out) == ({}, ())
    # One hash for one content and extension, and for these alone.
    hashes = {asset.path: asset.hash for asset in manifest.assets}
    kinds = {path: (content, path.rpartition(".")[2]) for path, content in read(manifest).items()}
    for first, hash_of_first in hashes.items():
        for second, hash_of_second in hashes.items():
            if kinds[first] == kinds[second]:
                assert hash_of_first == hash_of_second
            elif kinds[first][0] != kinds[second][0]:
                assert hash_of_first != hash_of_second


def expected(
    tree: Tree, prefix: str = "", *, hidden: bool = False
) -> tuple[dict[str, Content], dict[str, Content], set[str]]:
    """Return assets, special files and what is left out, by the rules in words of the README."""
    assets: dict[str, Content] = {}
    special: dict[str, Content] = {}
    left_out: set[str] = set()
    for name, entry in tree.items():
        if name in {".DS_Store", ".git", "node_modules"} and not hidden:
            continue
        if not prefix and name == ".wrangler":
            continue
        if not prefix and name == "_worker.js":
            continue
        if not prefix and name in SPECIAL and isinstance(entry, bytes):
            special |= {name: entry} if entry else {}
        elif not prefix and name in {*SPECIAL, "functions"}:
            left_out.add(name)
        elif isinstance(entry, dict):
            below = expected(entry, f"{prefix}/{name}", hidden=hidden or name.startswith("."))
            assets |= below[0]
        else:
            assets[f"{prefix}/{name}"] = entry
    return assets, special, left_out


@given(tree=trees.trees(trees.any_names, trees.contents))
@effort(50)
def test_what_is_left_out_set_aside_or_refused_depends_on_the_place_alone(
    place: Path, tree: Tree
) -> None:
    contents = [tree.get(name) for name in SPECIAL]
    assume(
        not any(
            isinstance(one, bytes) and re.match(rb"\xff\xfe|\xfe\xff|(?s:.*)\0", one)
            for one in contents
        )
    )
    root = emptied(place)
    plant(root, tree)
    assets, special, left_out = expected(tree)
    if not assets and not special and "_worker.js" not in tree:
        event("nothing")
        with pytest.raises(DirectoryError, match="no file to deploy"):
            build_manifest(root)
        return
    manifest = build_manifest(root)
    assert read(manifest) == assets
    assert manifest.special_files == special
    assert set(manifest.left_out) == left_out


INSIDE = ["{root}/index.html", "{root}/dir", "{root}/dir/a", "index.html", "../dir/a", "a", "A"]
OUTSIDE = [".", "..", "{root}", "{root}/..", "{root}/../a", "missing", "/", "/dev/null", "x" * 999]
links = mostly(st.sampled_from(INSIDE), st.sampled_from(OUTSIDE)).map(Link)
leaves: st.SearchStrategy[Content] = trees.contents | links
SITE: Tree = {"index.html": b"home", "dir": {"a": b"1"}}


@given(tree=trees.trees(st.sampled_from(trees.ORDINARY), leaves, max_leaves=4))
@effort(60)
def test_links_bring_in_nothing_from_outside_and_never_go_in_circles(
    place: Path, tree: Tree
) -> None:
    root, tree = emptied(place), SITE | tree
    plant(root, tree)
    leaves = files_of(tree)
    planted = [root / path[1:] for path, leaf in leaves.items() if isinstance(leaf, Link)]
    try:
        manifest = build_manifest(root)
    except DirectoryError:
        event("refused")
        # Links to files of the site alone are never a reason.
        assert not all(link.is_file() and link.resolve().is_relative_to(root) for link in planted)
        return
    event("followed" if planted else "no link")
    found = read(manifest)
    assert {path for path, leaf in leaves.items() if not isinstance(leaf, Link)} <= found.keys()
    for path, content in found.items():
        real = (root / path[1:]).resolve(strict=True)
        assert real.is_relative_to(root)
        assert content == real.read_bytes()


latin = st.binary(max_size=4).map(lambda name: name.translate(None, b"/\0"))
no_utf8 = st.tuples(
    latin, st.sampled_from([b"\xff", b"caf\xe9", b"\xc0\x80", b"\xed\xa0\x80"]), latin
)


@given(before=st.lists(trees.names, max_size=2), name=no_utf8.map(b"".join), is_file=st.booleans())
@effort(30)
def test_a_name_that_is_no_utf8_is_refused_with_its_bytes(
    place: Path, before: list[str], name: bytes, is_file: bool
) -> None:
    directory = emptied(place).joinpath(*before)
    directory.mkdir(parents=True, exist_ok=True)
    odd = directory / name.decode(errors="surrogateescape")
    if is_file:
        odd.write_bytes(b"x")
    else:
        odd.mkdir()
    with pytest.raises(DirectoryError, match="not valid UTF-8") as info:
        build_manifest(place / "around" / "site")
    # All of it in ASCII, as Python spells bytes.
    told = info.value.message.removeprefix("The file name ").removesuffix(" is not valid UTF-8.")
    assert ast.literal_eval(told).endswith(b"/" + name)
    assert info.value.message.encode()


def answers(emulator: Emulator, url: str, paths: list[str]) -> dict[str, tuple[int, bytes]]:
    """Return what a site answers to plain requests for these paths, percent-encoded."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    found = {}
    for path in paths:
        connection.request("GET", quote(path), headers={"Host": urlsplit(url).netloc})
        answer = connection.getresponse()
        found[path] = (answer.status, answer.read())
    connection.close()
    return found


@given(tree=trees.trees(trees.names, trees.contents))
@effort(20)
def test_what_is_in_the_directory_is_what_is_served(
    place: Path, emulator: Emulator, client: PagesClient, tree: Tree
) -> None:
    files = files_of(tree)
    assume(files)
    root = emptied(place)
    plant(root, tree)
    deployment = deployed(client, root)
    at = {path: address_of(path, files.__contains__) for path in files}
    served = answers(emulator, deployment.url, [path for path in at.values() if path])
    assert served == {path: (200, files[name]) for name, path in at.items() if path}
    # And nothing else: the name of a directory, one more letter, another case.
    others = {f"{path}x" for path in files} | {path.rpartition("/")[0] for path in files} - {""}
    others |= {path.swapcase() for path in files}
    absent = sorted(path for path in others if served_at(path, files.__contains__) is None)
    # Without a 404 page the home page answers for all that is missing.
    home = (200, files["/index.html"]) if "/index.html" in files else None
    found = answers(emulator, deployment.url, absent).values()
    assert all(answer == home or answer[0] == 404 for answer in found)
