"""Files of the root that are read whole: as bytes, but in UTF-8.

Pages takes `_headers`, `_redirects` and `_routes.json` in another encoding, and then none of their
rules means anything; in `.assetsignore` none would match.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.ignoring import IGNORE_FILE
from pages_deploy.site.patterns import MAX_BYTES, Pattern, read_patterns
from pages_deploy.site.reading import unreadable

if TYPE_CHECKING:
    from pages_deploy.site.reading import FoundFile

# UTF-32's begin like UTF-16's in one of both orders, and have zero bytes in the other.
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AS_UTF_8 = "Save it as UTF-8; PowerShell writes that by `-Encoding utf8`."


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
        raise _no_text(file, "is encoded in UTF-16, in which Pages finds no rule.")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise _no_text(file, f"has a zero byte on line {line}: it is not text, or it is in UTF-16.")
    return content


def read_ignore_file(file: FoundFile) -> tuple[Pattern, ...]:
    """Read the patterns of `.assetsignore`.

    Raises DirectoryError as `read_special_file` does, where it is too large, and for what is not
    UTF-8: it would match no file, which then were published.
    """
    if file.size_bytes > MAX_BYTES:
        raise DirectoryError(
            f"{file.path} has {file.size_bytes} bytes; it may have {MAX_BYTES}.",
            "Name directories in place of their files, or let the build leave them out.",
            path=file.path,
            code="special-file-too-large",
        )
    content = read_special_file(file)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _no_text(file, f"is not UTF-8 on line {line}.") from error
    return read_patterns(content, IGNORE_FILE)


def _no_text(file: FoundFile, what: str) -> DirectoryError:
    return DirectoryError(
        f"{file.path} {what}", _AS_UTF_8, path=file.path, code="special-file-not-text"
    )
