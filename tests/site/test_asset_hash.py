"""The asset hash, against hashes that wrangler's own library computed."""

from __future__ import annotations

import base64
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.site.asset_hash import (
    CHUNK_BYTES,
    asset_hash,
    base64_chunks,
    extension_of,
    read_chunks,
)

# Made with npm's blake3-wasm 2.1.5, which wrangler uses.
FROM_WRANGLER = [
    ("index.html", b"<h1>home</h1>\n", "260d432292df18555c39749e59348292"),
    ("index.html", b"<h1>hi</h1>\n", "17453d0cfb9bacc76d9f30d3cb9ca048"),
    ("noext", b"n\n", "6327f78f79453d12ff1335fa1d9abf03"),
    (".env", b"n\n", "6327f78f79453d12ff1335fa1d9abf03"),
    ("file.", b"n\n", "6327f78f79453d12ff1335fa1d9abf03"),
    ("_headers", b"n\n", "6327f78f79453d12ff1335fa1d9abf03"),
    ("a.tar.gz", b"n\n", "7a0b40a17af172970d03144eae32e893"),
    ("we ird+&é.txt", b"n\n", "b98313712f1d2c58c89102758122d087"),
    (".foo.bar", b"n\n", "2f2ea2d6dcf00dd5793e8213dcf8cc6c"),
    ("empty.txt", b"", "f9bc91770fa5e997cbd47fba833629fc"),
    ("IMG.PNG", b"\x89PNG\r\n\x1a\n", "6721593513c324fe5bc3b293378d9628"),
    ("x.éé", b"z", "5bcd0facf6e497a9a4d8b4a6ff28a3b0"),
    ("a..b", b"q", "ec1c41a7b859f16c0e4105642900f31f"),
    ("big.bin", bytes(range(256)) * 4096, "70e90455afcde36366d6fe92e28101c3"),
]


@pytest.mark.parametrize(("name", "content", "expected"), FROM_WRANGLER)
def test_the_hash_is_wranglers(name: str, content: bytes, expected: str) -> None:
    assert asset_hash([content], name) == expected
    assert asset_hash(read_chunks(io.BytesIO(content)), f"/deep.dir/{name}") == expected


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("index.html", "html"),
        ("archive.tar.gz", "gz"),
        (".env", ""),
        (".html", ""),
        ("file.", ""),
        ("IMG.PNG", "PNG"),
        ("/a.b/c", ""),
        ("/a.b/.c", ""),
        ("/a.b/.c.d", "d"),
        ("", ""),
    ],
)
def test_the_extension_is_that_of_nodes_extname(name: str, extension: str) -> None:
    assert extension_of(name) == extension


@given(st.lists(st.binary(max_size=50)))
def test_base64_of_the_pieces_is_base64_of_the_whole(chunks: list[bytes]) -> None:
    assert b"".join(base64_chunks(chunks)) == base64.b64encode(b"".join(chunks))


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_how_the_content_is_cut_does_not_matter(content: bytes, cuts: list[int]) -> None:
    borders = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    chunks = [content[start:end] for start, end in itertools.pairwise(borders)]
    assert b"".join(chunks) == content
    assert asset_hash(chunks, "a.txt") == asset_hash([content], "a.txt")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_file_is_read_to_its_end(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert b"".join(read_chunks(io.BytesIO(content))) == content
