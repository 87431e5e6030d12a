"""Whatever is asked for, nothing but the deployment at that host is answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator
from tests.emulator.direct_upload import DirectUpload, key_of
from tests.emulator.http.raw_requests import Said, said_to

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a path that leads out could show; the deployment has neither.
OF_ANOTHER = b"content of another project"
OF_THE_MACHINE = b"content of a file of this machine"
OWN = b"content of this project"
NAME = "beside.txt"
CLIMBS = (
    *("..", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "%c0%ae%c0%ae", "%uff0e%uff0e"),
    *("..%2f..", "..%5c..", "..\\..", "..;", "..%00", "..%0d%0a", "..%09"),
)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Two projects in an emulator that keeps its files in a directory, beside other files."""
    data = tmp_path_factory.mktemp("data")
    for directory in (data, data.parent):
        (directory / NAME).write_bytes(OF_THE_MACHINE)
    with Emulator(data=data) as running, DirectUpload(running) as client:
        client.create_project()
        client.deploy({"/404.html": OWN, "/a/b.txt": OWN})
        client.create_project("other")
        client.upload({f"/{NAME}": OF_ANOTHER})
        manifest = json.dumps({f"/{NAME}": key_of(f"/{NAME}", OF_ANOTHER)})
        form = {"manifest": (None, manifest)}
        assert client.call("POST", "{projects}/other/deployments", files=form).ok
        assert client.visit("other", f"/{NAME}").content == OF_ANOTHER
        yield running


def ask(emulator: Emulator, target: str, *, host: str) -> Said:
    head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return said_to(emulator, head.encode("latin-1"))


def targets() -> list[str]:
    return [
        *(f"/{'/'.join([climb] * 8)}/{NAME}" for climb in CLIMBS),
        *(f"/a/{climb}/{climb}/{climb}/{NAME}" for climb in CLIMBS),
        *(f"/{climb}/other.localhost/{NAME}" for climb in CLIMBS),
        *(f"/{climb}/records.sqlite3" for climb in CLIMBS),
        *(f"//{NAME}", f"/\\{NAME}", f"/%2f{NAME}", f"/%5c{NAME}", f"//other.localhost/{NAME}"),
        *(f"/{NAME}%00.html", f"/%00/{NAME}", f"/a%2f..%2f..%2f{NAME}"),
        *("/file:///etc/passwd", "/%66ile:///etc/passwd", "/etc/passwd"),
        *("/" + "a" * 16_000, "/" + "%2e" * 5_000, "/" + "../" * 5_000, "/" + "%2f" * 5_000),
        *("/%", "/%zz", "/%ff%fe", "/\xff\xfe"),
    ]


@pytest.mark.parametrize("target", targets(), ids=lambda target: repr(target[:60]))
def test_a_hostile_path_never_leaves_the_deployment(emulator: Emulator, target: str) -> None:
    said = ask(emulator, target, host="demo.localhost")
    (status,) = said.statuses
    assert status in {200, 308, 404}
    assert OF_ANOTHER not in said.raw
    assert OF_THE_MACHINE not in said.raw
    assert b"SQLite" not in said.raw
    assert b"root:" not in said.raw
    if status == 308:
        # Nor does it lead a visitor elsewhere.
        location = said.raw.partition(b"Location: ")[2].partition(b"\r\n")[0]
        assert location.startswith(b"/")
        assert not location.startswith((b"//", b"/\\"))


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/\x00", 400),
        ("/a\x00b", 400),
        ("/a b", 400),
        ("/\x7f", 400),
        ("..", 400),
        ("../beside.txt", 400),
        ("file:///etc/passwd", 400),
        ("*", 400),
        ("/" + "a" * 20_000, 414),
        ("/" + "../" * 6_000, 414),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_path_is_refused(emulator: Emulator, target: str, status: int) -> None:
    assert ask(emulator, target, host="demo.localhost").statuses == [status]


@pytest.mark.parametrize("target", targets(), ids=lambda target: repr(target[:60]))
def test_nor_does_the_page_show_any_file(emulator: Emulator, target: str) -> None:
    for prefix in ("", "/projects", "/projects/demo/deployments"):
        said = ask(emulator, f"{prefix}{target}"[:16_000], host="localhost")
        # Slashes alone are the first page.
        assert said.statuses == [404] or set(target) <= set("/%2f")
        assert OF_ANOTHER not in said.raw
        assert OF_THE_MACHINE not in said.raw


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("..", 421),
        ("..localhost", 404),
        (".localhost", 404),
        ("demo.localhost.evil.test", 421),
        ("demo..localhost", 404),
        ("other.demo.localhost", 404),
        ("demo.localhost/../other.localhost", 400),
        ("demo.localhost\\other.localhost", 400),
        ("demo.localhost@evil.test", 400),
        ("../../etc/passwd", 400),
        ("%2e%2e", 400),
        ("demo%00.localhost", 400),
        ("demo.localhost:port", 400),
        ("[::1", 400),
        ("", 400),
        ("a" * 300 + ".localhost", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_host_that_is_not_ours_shows_nothing(emulator: Emulator, host: str, status: int) -> None:
    for target in (f"/{NAME}", "/", "/a/b.txt"):
        said = ask(emulator, target, host=host)
        assert said.statuses == [status]
        assert b"content of" not in said.raw
