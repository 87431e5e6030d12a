"""A Worker's form is wrangler's, byte for byte but for the boundary."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundle import MAX_BUNDLE_BYTES, bundle_bytes
from pages_deploy.worker.modules import Module, ModuleKind, Script

MAIN = Module("functionsWorker-0.78.js", "esm", b"export default {}\n")
# What wrangler 4.164 has sent, but for the number in the boundary.
AS_SENT = b"""------formdata-undici-000000000000
Content-Disposition: form-data; name="metadata"

{"main_module":"functionsWorker-0.78.js"}
------formdata-undici-000000000000
Content-Disposition: form-data; name="functionsWorker-0.78.js"; filename="functionsWorker-0.78.js"
Content-Type: application/javascript+module

export default {}

------formdata-undici-000000000000
Content-Disposition: form-data; name="./c4d8-hello.txt"; filename="./c4d8-hello.txt"
Content-Type: text/plain

hello
------formdata-undici-000000000000--
""".replace(b"\n", b"\r\n").replace(b"{}\r\n\r\n", b"{}\n\r\n")


def parts_of(form: bytes) -> list[Message]:
    """Take a form apart by the standard library's reader of MIME."""
    boundary = form.split(b"\r\n", 1)[0].removeprefix(b"--")
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    message = message_from_bytes(head + form)
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, Message)]


def test_the_form_is_the_one_that_wrangler_sends() -> None:
    form = bundle_bytes(Script(MAIN, (Module("./c4d8-hello.txt", "text", b"hello"),)), {})
    number = form.split(b"\r\n", 1)[0].removeprefix(b"------formdata-undici-")
    assert len(number) == 12
    assert form.replace(number, b"0" * 12) == AS_SENT


def test_equal_code_gives_equal_bytes_and_other_code_another_boundary() -> None:
    def form(content: bytes) -> bytes:
        return bundle_bytes(Script(Module("a.js", "esm", content)), {})

    assert form(b"1") == form(b"1")
    assert form(b"1").split(b"\r\n")[0] != form(b"2").split(b"\r\n")[0]


def test_the_metadata_follows_the_main_modules_name() -> None:
    metadata = {"bindings": [], "compatibility_date": "2024-01-01", "vars": {"a": "é"}}
    form = bundle_bytes(Script(MAIN), metadata)
    expected = (
        '{"main_module":"functionsWorker-0.78.js","bindings":[],'
        '"compatibility_date":"2024-01-01","vars":{"a":"é"}}'
    )
    assert expected.encode() in form


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("esm", "application/javascript+module"),
        ("commonjs", "application/javascript"),
        ("wasm", "application/wasm"),
        ("text", "text/plain"),
        ("data", "application/octet-stream"),
        ("source-map", "application/source-map"),
    ],
)
def test_each_kind_has_its_type(kind: ModuleKind, content_type: str) -> None:
    form = bundle_bytes(Script(MAIN, (Module("x", kind, b"\0\xff\r\n"),)), {})
    *_, part = parts_of(form)
    assert part["Content-Type"] == content_type
    assert b"\r\n\r\n\0\xff\r\n\r\n--" in form


def test_source_maps_come_last() -> None:
    script = Script(MAIN, (Module("main.map", "source-map", b"{}"), Module("a.js", "esm", b"1")))
    names = [part.get_filename() for part in parts_of(bundle_bytes(script, {}))]
    assert names == [None, "functionsWorker-0.78.js", "a.js", "main.map"]


def test_names_are_escaped_as_forms_do_and_else_left_as_they_are() -> None:
    form = bundle_bytes(Script(Module('lib/[é] "x"\r\n%20.js', "esm", b"")), {})
    assert 'name="lib/[é] %22x%22%0D%0A%20.js"; filename="lib/[é]'.encode() in form


def test_a_boundary_that_is_in_the_content_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        """A hash that is the number of those made before."""

        made = -1

        def __init__(self, _content: bytes = b"") -> None:
            Counting.made += 1
            self._number = Counting.made

        def update(self, _content: bytes) -> None: ...

        def digest(self) -> bytes:
            return bytes([self._number])

    monkeypatch.setattr(hashlib, "sha256", Counting)
    content = b"x----formdata-undici-000000000001x"
    form = bundle_bytes(Script(Module("a.js", "esm", content)), {})
    assert form.startswith(b"------formdata-undici-000000000002\r\n")


def test_more_than_pages_takes_is_refused_with_the_largest_modules() -> None:
    script = Script(
        Module("main.js", "esm", b"1"),
        (
            Module("big.wasm", "wasm", bytes(MAX_BUNDLE_BYTES - 2_000_000)),
            *(Module(f"{index}.js", "esm", bytes(500_000)) for index in range(5)),
        ),
    )
    with pytest.raises(WorkerError, match=r"25 MiB.*modules: big\.wasm \(24\.2 MB\), 0\.js"):
        bundle_bytes(script, {})


def test_what_is_as_large_as_may_be_is_taken() -> None:
    def form(size: int) -> bytes:
        return bundle_bytes(Script(Module("main.js", "esm", bytes(size))), {})

    room = MAX_BUNDLE_BYTES - len(form(0))
    assert len(form(room)) == MAX_BUNDLE_BYTES
    with pytest.raises(WorkerError):
        form(room + 1)


def test_a_name_that_is_no_unicode_is_refused() -> None:
    metadata: dict[str, Any] = {}
    with pytest.raises(WorkerError, match=r"^a\?\.js: the name"):
        bundle_bytes(Script(MAIN, (Module("a\udcff.js", "esm", b""),)), metadata)
