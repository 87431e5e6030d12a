"""Content types by file name, the same on every host.

The table `content_types.txt` lists what wrangler declares: it is generated from npm's mime 3.0.0
by `scripts/update_content_types.py`. The operating system's tables are never asked, since they
differ from machine to machine (Python's own table on a slim image knows neither woff2 nor webp).
"""

from __future__ import annotations

from functools import cache
from importlib import resources

HTML = "text/html"
DEFAULT_CONTENT_TYPE = "application/octet-stream"
# https://www.iana.org/assignments/media-types/
USUAL_KINDS = frozenset(
    ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
)


def content_type_of(name: str) -> str:
    """Return the content type of a relative path (`/` separates, no leading `/`), without charset.

    The rules are those of npm's `mime`: letter case is ignored, and a name in the root directory
    that has no extension is looked up whole (a root file `txt` is `text/plain`, `sub/txt` is not).
    """
    # Most names are as simple as this.
    dot = name.rfind(".")
    known = _table().get(name[dot + 1 :]) if dot > 0 else None
    if known is not None and name[dot - 1] not in "/\\":
        return known
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    extension = base.rpartition(".")[2]
    has_extension = len(extension) < len(base) - 1
    if has_extension or len(base) == len(name):
        return _table().get(extension, DEFAULT_CONTENT_TYPE)
    return DEFAULT_CONTENT_TYPE


def is_known_type(content_type: str) -> bool:
    """Whether a type, with parameters or without, is in the table or of one of the usual kinds."""
    name = content_type.partition(";")[0].strip().lower()
    return name.partition("/")[0] in USUAL_KINDS or name in _table().values()


@cache
def _table() -> dict[str, str]:
    text = (resources.files(__package__) / "content_types.txt").read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            content_type, *extensions = line.split()
            table.update(dict.fromkeys(extensions, content_type))
    return table
