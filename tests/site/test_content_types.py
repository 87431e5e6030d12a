"""Content types, against facts of npm's mime 3.0.0, which wrangler uses."""

from __future__ import annotations

import mimetypes

import pytest

from pages_deploy.site.content_types import content_type_of

FROM_MIME = [
    ("index.html", "text/html"),
    ("index.htm", "text/html"),
    ("app.js", "application/javascript"),
    ("app.mjs", "application/javascript"),
    ("app.css", "text/css"),
    ("data.json", "application/json"),
    ("app.js.map", "application/json"),
    ("site.webmanifest", "application/manifest+json"),
    ("module.wasm", "application/wasm"),
    ("feed.xml", "application/xml"),
    ("feed.rss", "application/rss+xml"),
    ("a.tar.gz", "application/gzip"),
    ("video.ts", "video/mp2t"),
    ("font.woff", "font/woff"),
    ("font.woff2", "font/woff2"),
    ("font.ttf", "font/ttf"),
    ("image.webp", "image/webp"),
    ("image.avif", "image/avif"),
    ("image.svg", "image/svg+xml"),
    ("favicon.ico", "image/vnd.microsoft.icon"),
    ("notes.md", "text/markdown"),
    ("paper.pdf", "application/pdf"),
    ("song.mp3", "audio/mpeg"),
    ("film.mp4", "video/mp4"),
    ("film.webm", "video/webm"),
    ("table.csv", "text/csv"),
    ("robots.txt", "text/plain"),
]


@pytest.mark.parametrize(("name", "expected"), FROM_MIME)
def test_the_type_is_that_of_mime(name: str, expected: str) -> None:
    assert content_type_of(name) == expected
    assert content_type_of(f"deep/{name.upper()}") == expected


@pytest.mark.parametrize("name", ["file", "file.", "file.unheard-of", "a.b/c", "sub/file"])
def test_an_unknown_name_is_octets(name: str) -> None:
    assert content_type_of(name) == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("txt", "text/plain"),
        (".html", "text/html"),
        ("sub/txt", "application/octet-stream"),
        ("sub/.html", "application/octet-stream"),
    ],
)
def test_a_name_without_extension_is_looked_up_whole_in_the_root_alone(
    name: str, expected: str
) -> None:
    assert content_type_of(name) == expected


def test_the_table_of_the_host_is_never_asked() -> None:
    mimetypes.add_type("text/odd", ".js")
    try:
        assert content_type_of("app.js") == "application/javascript"
    finally:
        mimetypes.init()
