"""PNG files from Chromium, made small, with a word on what they were taken of.

A page of text has few colors: with a palette of them it takes a third of the room.
https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SOURCE = b"Source-SHA256\0"
# Three bytes a pixel and eight bits a channel, not interlaced: what Chromium writes.
TRUE_COLOR = (8, 2, 0, 0, 0)
MOST_COLORS = 256
# Nobody sees a difference of less.
COARSENESS = 8


def small(png: bytes, *, source: str) -> bytes:
    """Return a picture with a palette, and with the digest of its source.

    Raises ValueError for a picture that is no screenshot of Chromium.
    """
    parts = list(chunks(png))
    width, height, *form = struct.unpack(">IIBBBBB", parts[0][1])
    if tuple(form) != TRUE_COLOR:
        raise ValueError(f"this is no picture of Chromium's form: {form}")
    packed = b"".join(data for name, data in parts if name == b"IDAT")
    palette, rows = _with_palette(_rows(zlib.decompress(packed), width * 3))
    return written(
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"tEXt", SOURCE + source.encode()),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)),
        (b"IEND", b""),
    )


def written(*named: tuple[bytes, bytes]) -> bytes:
    """Return a file of chunks, each with its name and its data."""
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in named
    )


def source_of(png: bytes) -> str:
    """Return the digest of what a picture was taken of; empty where it has none."""
    for name, data in chunks(png):
        if name == b"tEXt" and data.startswith(SOURCE):
            return data.removeprefix(SOURCE).decode()
    return ""


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk's name and data."""
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _rows(data: bytes, length: int) -> Iterator[bytearray]:
    """Undo the filters: https://www.w3.org/TR/png-3/#9Filters."""
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for at in range(length):
            left, corner = (row[at - 3], above[at - 3]) if at >= 3 else (0, 0)
            if kind == 1:
                row[at] = (row[at] + left) & 255
            elif kind == 2:
                row[at] = (row[at] + above[at]) & 255
            elif kind == 3:
                row[at] = (row[at] + (left + above[at]) // 2) & 255
            elif kind == 4:
                row[at] = (row[at] + _paeth(left, above[at], corner)) & 255
        yield row
        above = row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def _with_palette(rows: Iterator[bytearray]) -> tuple[bytes, list[bytes]]:
    """Return the colors that are used most, and each pixel as the number of the nearest one."""
    pixels = [list(zip(row[::3], row[1::3], row[2::3], strict=True)) for row in rows]
    counted = Counter(pixel for row in pixels for pixel in row)
    palette: list[tuple[int, ...]] = []
    coarse = set[tuple[int, ...]]()
    for color, _ in counted.most_common():
        place = tuple(channel // COARSENESS for channel in color)
        if place not in coarse and len(palette) < MOST_COLORS:
            coarse.add(place)
            palette.append(color)
    nearest = {color: _nearest(color, palette) for color in counted}
    return bytes(sum(palette, ())), [bytes(nearest[pixel] for pixel in row) for row in pixels]


def _nearest(color: tuple[int, ...], palette: list[tuple[int, ...]]) -> int:
    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(color, palette[number], strict=True))

    return min(range(len(palette)), key=distance)
