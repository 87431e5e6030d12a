"""The asset key, against values that npm's blake3-wasm gave for wrangler's formula."""

from __future__ import annotations

import pytest

from pages_deploy.emulator.state.asset_keys import asset_key, extension, is_key


@pytest.mark.parametrize(
    ("name", "content", "suffix", "key"),
    [
        ("index.html", b"<h1>home</h1>\n", "html", "260d432292df18555c39749e59348292"),
        ("index.html", b"<h1>hi</h1>\n", "html", "17453d0cfb9bacc76d9f30d3cb9ca048"),
        ("noext", b"n\n", "", "6327f78f79453d12ff1335fa1d9abf03"),
        (".env", b"n\n", "", "6327f78f79453d12ff1335fa1d9abf03"),
        ("file.", b"n\n", "", "6327f78f79453d12ff1335fa1d9abf03"),
        ("_headers", b"n\n", "", "6327f78f79453d12ff1335fa1d9abf03"),
        ("a.tar.gz", b"n\n", "gz", "7a0b40a17af172970d03144eae32e893"),
        ("we ird+&é.txt", b"n\n", "txt", "b98313712f1d2c58c89102758122d087"),
        (".foo.bar", b"n\n", "bar", "2f2ea2d6dcf00dd5793e8213dcf8cc6c"),
        ("empty.txt", b"", "txt", "f9bc91770fa5e997cbd47fba833629fc"),
        ("IMG.PNG", b"\x89PNG\r\n\x1a\n", "PNG", "6721593513c324fe5bc3b293378d9628"),
        ("x.éé", b"z", "éé", "5bcd0facf6e497a9a4d8b4a6ff28a3b0"),
        ("a..b", b"q", "b", "ec1c41a7b859f16c0e4105642900f31f"),
        ("big.bin", bytes(range(256)) * 4096, "bin", "70e90455afcde36366d6fe92e28101c3"),
    ],
)
def test_key_of_a_known_file(name: str, content: bytes, suffix: str, key: str) -> None:
    assert extension(f"/some.dir/{name}") == suffix
    assert asset_key(content, suffix) == key
    assert is_key(key)


@pytest.mark.parametrize("text", ["", "A" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n", "g" * 32])
def test_what_is_no_key(text: str) -> None:
    assert not is_key(text)
