"""`_headers`, `_redirects` and `_routes.json` as they are sent: as bytes, but in UTF-8.

Pages takes a file in another encoding, and then none of its rules means anything.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.reading import unreadable

if TYPE_CHECKING:
    from pages_deploy.site.reading import FoundFile

# UTF-32's begin like UTF-16's in one of both orders, and have zero bytes in the other.
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_special_file(file: FoundFile) -> bytes:
    """Read a special file whole.

    Raises DirectoryError where it cannot be read, and for UTF-16 and zero bytes.
    """
    try:
        with file.open() as opened:
            content = opened.readall()
    except OSError as error:
        raise unreadable(file.path, error) from error
    if content.startswith(_MARKS):
        raise DirectoryError(
            f"{file.path} is encoded in UTF-16, in which Pages finds no rule.",
            "Save it as UTF-8; PowerShell writes that by `-Encoding utf8`.",
        )
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise DirectoryError(
            f"{file.path} has a zero byte on line {line}: it is not text, or it is in UTF-16.",
            "Save it as UTF-8; PowerShell writes that by `-Encoding utf8`.",
        )
    return content
