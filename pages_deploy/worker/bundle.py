"""The form in which Pages takes a Worker: `_worker.bundle`, as wrangler sends it.

1. `metadata` comes first, then the main module, the others, and source maps.
2. The boundary stands in the first line alone, and comes from a hash of what is in the form: the
   same code gives the same bytes.

workers-sdk, `packages/deploy-helpers/src/deploy/helpers/create-worker-upload-form.ts`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Any

from pages_deploy.errors import WorkerError
from pages_deploy.text.amounts import human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pages_deploy.worker.modules import Module, ModuleKind, Script

CONTENT_TYPES: dict[ModuleKind, str] = {
    "esm": "application/javascript+module",
    "commonjs": "application/javascript",
    "wasm": "application/wasm",
    "text": "text/plain",
    "data": "application/octet-stream",
    "source-map": "application/source-map",
}
# https://developers.cloudflare.com/pages/platform/limits/
MAX_BUNDLE_BYTES = 25 * 1024 * 1024
_SHOWN = 5


def bundle_bytes(script: Script, metadata: Mapping[str, Any]) -> bytes:
    """Return the form of a Worker; `metadata` is what goes beside the main module's name.

    Raises WorkerError for more than 25 MiB, naming the largest modules, and for a name that no
    form can carry.
    """
    maps = [module for module in script.others if module.kind == "source-map"]
    code = [module for module in script.others if module.kind != "source-map"]
    modules = [script.main, *code, *maps]
    told = {"main_module": script.main.name, **metadata}
    parts = [
        (
            b'Content-Disposition: form-data; name="metadata"\r\n\r\n',
            json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(),
        ),
        *((_head(module), module.content) for module in modules),
    ]
    boundary = _boundary(parts)
    form = b"".join(b"--%b\r\n%b%b\r\n" % (boundary, head, content) for head, content in parts) + (
        b"--%b--\r\n" % boundary
    )
    if len(form) > MAX_BUNDLE_BYTES:
        raise _too_large(len(form), modules)
    return form


def _head(module: Module) -> bytes:
    try:
        name = _escaped(module.name).encode()
    except UnicodeEncodeError as error:
        shown = module.name.encode(errors="replace").decode()
        raise WorkerError(
            f"{shown}: the name of the module is not UTF-8.", "Rename the file."
        ) from error
    kind = CONTENT_TYPES[module.kind].encode()
    disposition = b'Content-Disposition: form-data; name="%b"; filename="%b"\r\n' % (name, name)
    return b"%bContent-Type: %b\r\n\r\n" % (disposition, kind)


def _escaped(name: str) -> str:
    """Escape a name as forms do: https://html.spec.whatwg.org/#multipart-form-data."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _boundary(parts: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a boundary that is made of the content, and that does not occur in it."""
    digest = hashlib.sha256()
    for head, content in parts:
        digest.update(b"%d %d " % (len(head), len(content)))
        digest.update(head)
        digest.update(content)
    for attempt in itertools.count():
        tried = hashlib.sha256(b"%b %d" % (digest.digest(), attempt)).digest()
        number = int.from_bytes(tried) % 10**11
        boundary = b"----formdata-undici-0%011d" % number
        if not any(boundary in head or boundary in content for head, content in parts):
            return boundary
    raise AssertionError("no content has all boundaries in it")


def _too_large(size: int, modules: Iterable[Module]) -> WorkerError:
    largest = sorted(modules, key=lambda module: len(module.content), reverse=True)
    shown = ", ".join(
        f"{module.name} ({human_bytes(len(module.content))})" for module in largest[:_SHOWN]
    )
    return WorkerError(
        f"The Worker has {human_bytes(size)}, and Pages accepts at most {MAX_BUNDLE_BYTES} bytes "
        f"(25 MiB). Its largest modules: {shown}.",
        "Import less, or serve large files from the build directory.",
    )
