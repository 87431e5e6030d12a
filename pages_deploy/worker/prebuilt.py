"""Reading a bundle that has been built before, by `wrangler pages functions build --outfile FILE`.

1. The first line is the boundary; each part lies between two of them.
2. `metadata` names the main module; whatever else a Worker needs comes from the configuration.
3. Every other part is a module, kept as it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundle import CONTENT_TYPES, MAX_BUNDLE_BYTES
from pages_deploy.worker.modules import Module, ModuleKind, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: dict[str, ModuleKind] = {name: kind for kind, name in CONTENT_TYPES.items()}
# https://datatracker.ietf.org/doc/html/rfc2046#section-5.1.1
MAX_BOUNDARY_BYTES = 70
# Far more than any Worker has.
MAX_PARTS = 10_000
MAX_HEAD_BYTES = 16_384
_DISPOSITION = re.compile(r'form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?')


class _Part(NamedTuple):
    name: str
    content_type: str
    is_file: bool
    content: bytes


def read_bundle(content: bytes, shown: str) -> Script:
    """Read a bundle; `shown` is how people name its file.

    Raises WorkerError, which names the file, for what is no bundle, is cut off, has more than
    25 MiB, or has no main module that Pages could ask.
    """
    if len(content) > MAX_BUNDLE_BYTES:
        raise WorkerError(
            f"{shown}: it has {len(content)} bytes, and Pages accepts at most {MAX_BUNDLE_BYTES} "
            "(25 MiB).",
            "Import less, or serve large files from the build directory.",
        )
    parts: dict[str, _Part] = {}
    for part in _parts(content, shown):
        name = part.name.removeprefix("./")
        if name in parts:
            _refuse(shown, f"two of its parts have the name '{part.name}'")
        parts[name] = part
    metadata = parts.pop("metadata", None)
    if metadata is None or metadata.is_file:
        _refuse(shown, "it has no metadata")
    main_name = _main_name(metadata.content, shown)
    modules = [_module(part, shown) for part in parts.values()]
    main = next((module for module in modules if module.name == main_name), None)
    if main is None:
        _refuse(shown, f"its main module '{main_name}' is missing")
    if main.kind != "esm":
        _refuse(shown, f"its main module '{main_name}' is not an ES module, so it exports nothing")
    return Script(main, tuple(module for module in modules if module is not main))


def _refuse(shown: str, what: str) -> NoReturn:
    raise WorkerError(
        f"{shown}: this is not a Worker bundle that can be deployed: {what}.",
        "Create it with `wrangler pages functions build --outfile FILE`, and do not change it.",
    )


def _parts(content: bytes, shown: str) -> Iterator[_Part]:
    end_of_line = content.find(b"\r\n", 0, MAX_BOUNDARY_BYTES + 4)
    boundary = content[2:end_of_line]
    if not content.startswith(b"--") or end_of_line < 0 or not boundary:
        _refuse(shown, "it does not begin as multipart/form-data does")
    delimiter = b"\r\n--" + boundary
    start = end_of_line + 2
    for _ in range(MAX_PARTS):
        end, is_last = _end_of_part(content, delimiter, start)
        if end < 0:
            _refuse(shown, "its end is missing")
        yield _part(content, start, end, shown)
        start = end + len(delimiter) + 2
        if is_last:
            if content[start:].strip(b"\r\n"):
                _refuse(shown, "there is something after its end")
            return
    _refuse(shown, f"it has more than {MAX_PARTS} parts")


def _end_of_part(content: bytes, delimiter: bytes, start: int) -> tuple[int, bool]:
    """Return where a part ends, and whether it is the last one; -1 where no end comes."""
    end = content.find(delimiter, start)
    while end >= 0:
        follows = content[end + len(delimiter) : end + len(delimiter) + 2]
        if follows in {b"\r\n", b"--"}:
            return end, follows == b"--"
        # A line of the content that begins as the boundary does.
        end = content.find(delimiter, end + len(delimiter))
    return -1, False


def _part(content: bytes, start: int, end: int, shown: str) -> _Part:
    head_end = content.find(b"\r\n\r\n", start, min(end, start + MAX_HEAD_BYTES))
    if head_end < 0:
        _refuse(shown, "the headers of a part have no end")
    fields: dict[str, str] = {}
    try:
        for line in content[start:head_end].decode().split("\r\n"):
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
    except UnicodeDecodeError:
        _refuse(shown, "the headers of a part are not UTF-8")
    found = _DISPOSITION.fullmatch(fields.get("content-disposition", ""))
    if found is None:
        _refuse(shown, "a part has no name")
    return _Part(
        _unescaped(found[1]),
        fields.get("content-type", "").partition(";")[0].strip().lower(),
        found[2] is not None,
        content[head_end + 4 : end],
    )


def _unescaped(name: str) -> str:
    """Undo what forms do to names: https://html.spec.whatwg.org/#multipart-form-data."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _main_name(metadata: bytes, shown: str) -> str:
    try:
        told = json.loads(metadata)
    except (ValueError, RecursionError):
        _refuse(shown, "its metadata is not JSON")
    if not isinstance(told, dict):
        _refuse(shown, "its metadata is not a JSON object")
    if "body_part" in told:
        _refuse(shown, "its Worker is not an ES module (`body_part`): it has no default export")
    main = told.pop("main_module", None)
    if not isinstance(main, str) or not main:
        _refuse(shown, "its metadata names no main module")
    if settings := sorted(key for key, value in told.items() if value):
        raise WorkerError(
            f"{shown}: its metadata contains {', '.join(settings)}, which would be lost: "
            "compatibility date, flags and bindings come from the configuration file, or from the "
            "project.",
            "Set them there, and create the bundle with `wrangler pages functions build`.",
        )
    return main


def _module(part: _Part, shown: str) -> Module:
    kind = KINDS.get(part.content_type)
    if kind is None or not part.is_file or not part.name:
        what = f"has the type '{part.content_type}'" if part.is_file else "is not a file"
        _refuse(shown, f"its part '{part.name}' {what}, so it is not a module")
    return Module(part.name, kind, part.content)
