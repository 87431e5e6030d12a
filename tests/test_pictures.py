"""The pictures of the documents are of today, small, and told in words; how they are made."""

from __future__ import annotations

import re
import struct
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts import flow_picture, github_pictures, pictures, png
from scripts.terminal_pictures import screen

ROOT = Path(__file__).parent.parent
DRAW = "run: python scripts/pictures.py"
SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
on_unix = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminal on this system")


def shown() -> dict[Path, str]:
    """Return each picture that a document shows, with its words."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return {
        (file.parent / path).resolve(): words
        for file in documents
        for words, path in SHOWN.findall(file.read_text("utf-8"))
        if "://" not in path
    }


def test_every_picture_is_shown_with_words_and_small() -> None:
    found = shown()
    assert set(found) == {file.resolve() for file in pictures.PICTURES.iterdir()}
    for file, words in found.items():
        assert len(words.split()) > 5, file
        assert file.stat().st_size < pictures.MOST_BYTES, file


@pytest.mark.slow
@on_unix
def test_the_drawings_are_what_the_program_writes_today() -> None:
    for name, drawing in pictures.svgs().items():
        assert (pictures.PICTURES / f"{name}.svg").read_text("utf-8") == drawing, DRAW


@pytest.mark.slow
@on_unix
def test_comment_and_summary_are_what_the_program_writes_today(tmp_path: Path) -> None:
    pages = github_pictures.pages(tmp_path)
    assert set(pages) == {"comment", "summary"}
    for name, page in pages.items():
        picture = (pictures.PICTURES / f"{name}.png").read_bytes()
        assert png.source_of(picture) == pictures.digest_of(page), DRAW


@pytest.mark.parametrize("name", ["deploy", "run", "performance"])
def test_a_drawing_is_whole_and_fetches_nothing(name: str) -> None:
    data = (pictures.PICTURES / f"{name}.svg").read_bytes()
    svg = ElementTree.fromstring(data)
    assert len("".join(svg.itertext()).split()) > 20
    assert {name for element in svg.iter() for name in element.attrib if "href" in name} == set()
    assert b"url(http" not in data


def test_the_steps_that_are_drawn_are_those_that_are_told() -> None:
    told = (ROOT / "docs/how-it-works.md").read_text("utf-8")
    assert len(re.findall(r"^\d+\. ", told, flags=re.MULTILINE)) == len(flow_picture.STEPS)


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("one\r\ntwo\r\n\r\n", ["one", "two"]),
        ("abcdefgh", ["abcde", "fgh"]),
        ("bar\r\n\x1b[?25h\r\x1b[1A\x1b[2Ksaid\r\n", ["said"]),
        ("12345\rab", ["ab345"]),
        ("\x1b[32mgreen\x1b[0m", ["green"]),
    ],
    ids=["lines", "folded", "bar", "over", "colored"],
)
def test_a_screen_shows_what_a_terminal_would(written: str, lines: list[str]) -> None:
    assert [line.plain for line in screen(written, columns=5)] == lines


def test_a_screen_keeps_the_colors_of_each_word() -> None:
    (line,) = screen("a \x1b[31mred\x1b[0m b", columns=20)
    assert [(line.plain[span.start : span.end], str(span.style)) for span in line.spans] == [
        ("red", "color(1)")
    ]


def test_a_screen_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="does not know"):
        screen("\x1b[5D", columns=20)


@pytest.mark.parametrize(
    ("kind", "second"),
    [
        (0, (9, 9, 9, 250, 0, 0)),
        (1, (9, 9, 9, 241, 247, 247)),
        (2, (9, 9, 9, 250, 0, 0)),
        (3, (9, 9, 9, 246, 252, 252)),
        (4, (9, 9, 9, 241, 247, 247)),
    ],
    ids=["none", "sub", "up", "average", "paeth"],
)
def test_a_picture_gets_a_palette_and_stays_the_same(kind: int, second: tuple[int, ...]) -> None:
    data = bytes([0, *[0] * 6, kind, *second])
    head = struct.pack(">IIBBBBB", 2, 2, *png.TRUE_COLOR)
    small = png.small(png.written((b"IHDR", head), (b"IDAT", zlib.compress(data))), source="a1")
    assert png.source_of(small) == "a1"
    chunks = dict(png.chunks(small))
    black, *others = (chunks[b"PLTE"][at : at + 3] for at in range(0, 9, 3))
    assert black == bytes(3)
    assert sorted(others) == [bytes([9, 9, 9]), bytes([250, 0, 0])]
    first, below = others.index(bytes([9, 9, 9])) + 1, others.index(bytes([250, 0, 0])) + 1
    assert zlib.decompress(chunks[b"IDAT"]) == bytes([0, 0, 0, 0, first, below])


def test_a_picture_of_another_form_is_refused() -> None:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    with pytest.raises(ValueError, match="no picture of Chromium's form"):
        png.small(png.written((b"IHDR", head)), source="")
    assert not png.source_of(png.written((b"IHDR", head)))
