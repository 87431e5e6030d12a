"""A bundle that wrangler has built is taken as it is, and a broken one is refused by its name."""

from __future__ import annotations

import json

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundle import MAX_BUNDLE_BYTES, bundle_bytes
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.prebuilt import MAX_PARTS, read_bundle

MAIN = Module("functionsWorker-0.5.js", "esm", b'import "./x";\r\nexport default {}\n')
OTHERS = (
    Module("./c4-\u00e9.txt", "text", b"\xff\0\r\n--\r\n"),
    Module("a.wasm", "wasm", b""),
    Module("b.bin", "data", b"\r\n\r\n"),
    Module('c "d".js', "commonjs", b"module.exports = 1"),
    Module("functionsWorker-0.5.js.map", "source-map", b"{}"),
)
FORM = bundle_bytes(Script(MAIN, OTHERS), {})
BOUNDARY = FORM.split(b"\r\n")[0]


def part(head: str, content: str = "") -> bytes:
    return f"--b\r\n{head}\r\n\r\n{content}\r\n".encode()


def metadata(**told: object) -> bytes:
    return part('Content-Disposition: form-data; name="metadata"', json.dumps(told))


def module(name: str = "m", kind: str = "application/javascript+module") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
    return part(f"{disposition}\r\nContent-Type: {kind}", "export default {}")


END = b"--b--\r\n"
WHOLE = metadata(main_module="m") + module() + END


def test_every_module_is_kept_as_it_is() -> None:
    assert read_bundle(FORM, "f") == Script(MAIN, OTHERS)


def test_the_main_module_may_stand_anywhere() -> None:
    content = module("a") + metadata(main_module="m") + module("./m") + END
    with pytest.raises(WorkerError, match="'m' is missing"):
        read_bundle(content, "f")
    script = read_bundle(module("a") + metadata(main_module="m") + module() + END, "f")
    assert (script.main.name, [other.name for other in script.others]) == ("m", ["a"])


def test_what_begins_as_the_boundary_does_is_content() -> None:
    text = b"1\r\n--bx\r\n--b-\r\n"
    content = module("x", "text/plain").replace(b"export default {}", text)
    script = read_bundle(metadata(main_module="m") + module() + content + END, "f")
    assert script.others[0].content == text


BROKEN = {
    "nothing": (b"", "does not begin as multipart/form-data does"),
    "javascript": (b"export default {}", "does not begin as multipart/form-data does"),
    "no line end": (b"--abc", "does not begin as multipart/form-data does"),
    "a long boundary": (
        b"--" + b"a" * 5_000 + b"\r\n",
        "does not begin as multipart/form-data does",
    ),
    "line feeds alone": (
        FORM.replace(b"\r\n", b"\n"),
        "does not begin as multipart/form-data does",
    ),
    "cut in a module": (FORM[: len(FORM) // 2], "its end is missing"),
    "cut before its end": (FORM.removesuffix(BOUNDARY + b"--\r\n"), "its end is missing"),
    "two in one": (FORM + FORM, "something after its end"),
    "no blank line": (b"--b\r\nContent-Type: x\r\n--b--", "headers of a part"),
    "fields in no alphabet": (
        b"--b\r\n\xff: x\r\n\r\n\r\n--b--",
        "headers of a part are not UTF-8",
    ),
    "no name": (part("Content-Type: text/plain") + END, "a part has no name"),
    "no metadata": (module() + END, "it has no metadata"),
    "no JSON": (WHOLE.replace(b'{"main', b"{main"), "metadata is not JSON"),
    "a list": (part('Content-Disposition: form-data; name="metadata"', "[]") + END, "JSON object"),
    "deep": (
        part('Content-Disposition: form-data; name="metadata"', "[" * 200_000) + END,
        "metadata is not JSON",
    ),
    "no main module": (metadata() + module() + END, "names no main module"),
    "another main module": (metadata(main_module="n") + module() + END, "'n' is missing"),
    "a service worker": (metadata(body_part="m") + module() + END, "body_part"),
    "a main module that is text": (
        metadata(main_module="m") + module(kind="text/plain") + END,
        "'m' is not an ES module",
    ),
    "a type of another kind": (
        metadata(main_module="m") + module() + module("p.py", "text/x-python") + END,
        "'p.py' has the type 'text/x-python'",
    ),
    "a field beside the modules": (
        metadata(main_module="m")
        + module()
        + part('Content-Disposition: form-data; name="x"')
        + END,
        "'x' is not a file",
    ),
    "a module twice": (metadata(main_module="m") + module() + module() + END, "have the name 'm'"),
    "a module twice, spelt apart": (
        metadata(main_module="m") + module() + module("./m") + END,
        "have the name './m'",
    ),
    "bindings": (
        metadata(main_module="m", bindings=[{"name": "KV"}], compatibility_flags=[])
        + module()
        + END,
        "its metadata contains bindings, which",
    ),
}


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused_with_the_files_name_and_the_reason(
    content: bytes, said: str
) -> None:
    with pytest.raises(WorkerError, match=said.replace("(", r"\(")) as raised:
        read_bundle(content, "out/_worker.bundle")
    assert raised.value.message.startswith("out/_worker.bundle: ")
    assert raised.value.exit_code == 2
    assert raised.value.hint


def test_empty_settings_of_the_metadata_are_no_loss() -> None:
    content = metadata(main_module="m", bindings=[], compatibility_flags=[]) + module() + END
    assert read_bundle(content, "f").main.name == "m"


def test_more_than_pages_takes_is_refused_unread() -> None:
    with pytest.raises(WorkerError, match="25 MiB"):
        read_bundle(b"\0" * (MAX_BUNDLE_BYTES + 1), "f")


def test_more_parts_than_anybody_has_are_refused() -> None:
    parts = b"".join(module(str(index)) for index in range(MAX_PARTS))
    with pytest.raises(WorkerError, match="more than 10000 parts"):
        read_bundle(metadata(main_module="0") + parts + END, "f")
