"""How a request goes out: in small writes, with its length, and in the form that Pages reads."""

from __future__ import annotations

import email.parser
import email.policy
import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.call import Call, Credentials, segment
from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit, WorkerParts
from pages_deploy.api.transport import Endpoint, Transport
from pages_deploy.errors import SettingsError
from pages_deploy.retry import ONCE
from pages_deploy.site.manifest import build_manifest
from pages_deploy.upload.missing import UploadPlan
from pages_deploy.upload.upload import upload
from tests.raw_server import Received, json_answer, serving
from tests.world import CHECK_MISSING, COMMIT, DEPLOYMENTS, PROJECT, UPLOAD, asked

if TYPE_CHECKING:
    from email.message import EmailMessage

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime

# What leaves a slow line within the time for one write.
SMALL = 128 * 1024
HASHES = [f"{number:032x}" for number in range(10_000)]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all writes to connections of clients."""
    sizes: list[int] = []
    send = http.client.HTTPConnection.send

    def recorded(self: http.client.HTTPConnection, data: Any) -> None:
        sizes.append(len(data))
        send(self, data)

    monkeypatch.setattr(http.client.HTTPConnection, "send", recorded)
    return sizes


def test_a_json_body_goes_out_in_small_writes_and_arrives_whole(
    client: PagesClient, emulator: Emulator, writes: list[int]
) -> None:
    token = client.projects.upload_token(PROJECT)
    assert client.assets.check_missing(token, HASHES) == HASHES
    (request,) = asked(emulator, "POST", CHECK_MISSING)
    assert (
        request.content_length
        == len(json.dumps({"hashes": HASHES}, separators=(",", ":")).encode())
        > 2 * SMALL
    )
    assert sum(writes) > request.content_length
    assert max(writes) <= SMALL


def test_a_form_goes_out_in_small_writes_and_arrives_whole(
    client: PagesClient, emulator: Emulator, writes: list[int]
) -> None:
    headers = b"".join(b"/%d\n  X-Number: %d\n" % (number, number) for number in range(20_000))
    created = client.deployments.create(
        PROJECT,
        manifest={},
        branch="main",
        commit=Commit(),
        special_files={"_headers": headers},
    )
    (request,) = asked(emulator, "POST", DEPLOYMENTS)
    assert request.content_length is not None
    assert request.content_length > len(headers) > 2 * SMALL
    assert max(writes) <= SMALL
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    stored = emulator.store.deployments.get(project, created.id)
    assert emulator.store.deployments.special_files(stored) == {"_headers": headers}


def test_files_go_out_in_small_writes_and_arrive_whole(
    client: PagesClient, emulator: Emulator, site: BuildSite, writes: list[int]
) -> None:
    content = bytes(number % 251 for number in range(1_000_000))
    manifest = build_manifest(site({"big.bin": content}))
    upload(client, manifest, UploadPlan(PROJECT))
    (request,) = asked(emulator, "POST", UPLOAD)
    assert request.content_length is not None
    assert request.content_length > 1_333_333
    assert max(writes) <= SMALL
    assert emulator.store.assets.content(manifest.assets[0].hash) == content


class Recorder:
    """Answers every request like a successful creation, and keeps it."""

    def __init__(self) -> None:
        self.received: list[Received] = []

    def __call__(self, request: Received) -> bytes:
        self.received.append(request)
        result = {"id": "a" * 36, "environment": "preview", "url": "https://a.demo.pages.dev"}
        return json_answer(json.dumps({"success": True, "result": result}).encode())

    @property
    def only(self) -> Received:
        (request,) = self.received
        return request


def parts_of(request: Received) -> list[EmailMessage]:
    """Read a form by the standard library's parser, which is not the one that wrote it."""
    content_type = request.headers["content-type"]
    assert content_type.startswith("multipart/form-data; boundary=")
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message: Any = parser.parsebytes(head + request.body)
    parts: list[EmailMessage] = message.get_payload()
    return parts


def content_of(part: EmailMessage) -> bytes:
    content: Any = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def test_the_form_of_a_creation_has_the_parts_that_pages_reads(fake_time: FakeTime) -> None:
    recorder = Recorder()
    manifest = {"/index.html": "a" * 32, '/"quoted" & ü\n.txt': "b" * 32, "/日本/🚀.js": "c" * 32}
    special_files = {"_headers": b"/*\n  X: \xff\r\n", "_redirects": "/ä /b\n".encode()}
    with (
        serving(recorder) as port,
        PagesClient(
            "token", "a", base_url=f"http://127.0.0.1:{port}", timer=fake_time.timer
        ) as client,
    ):
        client.deployments.create(
            PROJECT,
            manifest=manifest,
            branch='ветка/"日本"',
            commit=Commit(COMMIT, "Fix\n\nünï 🚀", dirty=False),
            special_files=special_files,
        )
    assert recorder.only.headers["content-length"] == str(len(recorder.only.body))
    assert "transfer-encoding" not in recorder.only.headers
    parts = parts_of(recorder.only)
    names = [part.get_param("name", header="content-disposition") for part in parts]
    assert names == [
        "manifest",
        "branch",
        "commit_message",
        "commit_hash",
        "commit_dirty",
        "_headers",
        "_redirects",
    ]
    texts, files = parts[:5], parts[5:]
    for part in texts:
        assert part["Content-Type"] is None
        assert part.get_filename() is None
    assert json.loads(content_of(texts[0])) == manifest
    assert [content_of(part).decode() for part in texts[1:]] == [
        'ветка/"日本"',
        "Fix\r\n\r\nünï 🚀",
        COMMIT,
        "false",
    ]
    for part, (name, content) in zip(files, special_files.items(), strict=True):
        assert part["Content-Type"] == "application/octet-stream"
        assert part.get_filename() == name
        assert content_of(part) == content


def test_worker_code_has_its_parts_in_wranglers_order(fake_time: FakeTime) -> None:
    recorder = Recorder()
    worker = WorkerParts(b"--b\r\n\xff", routing_config=b"{}", routes_json=b'{"version": 1}')
    with (
        serving(recorder) as port,
        PagesClient(
            "token", "a", base_url=f"http://127.0.0.1:{port}", timer=fake_time.timer
        ) as client,
    ):
        client.deployments.create(
            PROJECT,
            manifest={},
            branch="main",
            special_files={"_odd": b"", **worker.files, "_redirects": b"", "_headers": b""},
        )
    parts = parts_of(recorder.only)
    assert [part.get_param("name", header="content-disposition") for part in parts] == [
        "manifest",
        "branch",
        "_headers",
        "_redirects",
        "functions-filepath-routing-config.json",
        "_worker.bundle",
        "_routes.json",
        "_odd",
    ]
    assert {part["Content-Type"] for part in parts[2:]} == {"application/octet-stream"}
    assert b"--b\r\n\xff" in recorder.only.body


def test_worker_code_may_come_without_rules_and_routing() -> None:
    assert WorkerParts(b"x").files == {"_worker.bundle": b"x"}


def test_what_is_not_known_has_no_part(fake_time: FakeTime) -> None:
    recorder = Recorder()
    with (
        serving(recorder) as port,
        PagesClient(
            "token", "a", base_url=f"http://127.0.0.1:{port}", timer=fake_time.timer
        ) as client,
    ):
        client.deployments.create(
            PROJECT, manifest={}, branch="", commit=Commit(), special_files={}
        )
    (part,) = parts_of(recorder.only)
    assert part.get_param("name", header="content-disposition") == "manifest"
    assert content_of(part) == b"{}"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('a"; filename="evil', b'name="a%22; filename=%22evil"'),
        ("a\r\nContent-Type: text/html\r\n\r\nx", b"%0D%0AContent-Type"),
        ("a\nb", b"%0A"),
        ("ü", 'name="ü"'.encode()),
    ],
    ids=["quote", "CRLF", "line feed", "letter"],
)
def test_a_name_cannot_leave_its_place_in_the_form(
    fake_time: FakeTime, name: str, written: bytes
) -> None:
    recorder = Recorder()
    with serving(recorder) as port:
        transport = Transport(
            Credentials.of_token("t"), Endpoint(f"http://127.0.0.1:{port}"), timer=fake_time.timer
        )
        fields: list[Any] = [
            (name, (None, "one")),
            ("file", (name, b"two", "application/octet-stream")),
        ]
        call = Call("POST", "/thing", "try", ONCE, fields=fields)
        transport.request(call, lambda result: result)
        transport.close()
    first, second = parts_of(recorder.only)
    assert written in recorder.only.body
    assert first["Content-Type"] is None
    assert first.get_filename() is None
    assert second["Content-Type"] == "application/octet-stream"
    assert (content_of(first), content_of(second)) == (b"one", b"two")


def test_a_call_without_a_body_says_so(fake_time: FakeTime) -> None:
    recorder = Recorder()
    with serving(recorder) as port:
        transport = Transport(
            Credentials.of_token("t"), Endpoint(f"http://127.0.0.1:{port}"), timer=fake_time.timer
        )
        for method in ("GET", "POST", "DELETE"):
            transport.request(Call(method, "/thing", "try", ONCE), lambda result: result)
        transport.close()
    for request in recorder.received:
        assert request.body == b""
        assert request.headers.get("content-length", "0") == "0"
        assert "content-type" not in request.headers
        assert "transfer-encoding" not in request.headers


@pytest.mark.parametrize("name", ["", ".", "..", "..."])
def test_a_name_that_would_mean_another_path_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="cannot be the name or the id"):
        segment(name)


@pytest.mark.parametrize(
    ("name", "path"), [("demo", "demo"), ("a/b", "a%2Fb"), ("..a", "..a"), ("a?b#c", "a%3Fb%23c")]
)
def test_a_name_is_one_segment_of_a_path(name: str, path: str) -> None:
    assert segment(name) == path
