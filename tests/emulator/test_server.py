"""The emulator as a server and as an object."""

from __future__ import annotations

import http.client
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator, EmulatorError
from tests.emulator.direct_upload import DirectUpload, entry_of, key_of

if TYPE_CHECKING:
    from pages_deploy.emulator.http.request_log import RecordedRequest


def test_environment_for_a_client(emulator: Emulator) -> None:
    assert emulator.environ() == {
        "CLOUDFLARE_API_BASE_URL": f"http://127.0.0.1:{emulator.port}/client/v4",
        "CLOUDFLARE_API_TOKEN": emulator.api_token,
        "CLOUDFLARE_ACCOUNT_ID": emulator.account_id,
    }
    assert emulator.site_url("x.demo") == f"http://x.demo.localhost:{emulator.port}"


def test_credentials_are_the_same_in_every_emulator(emulator: Emulator) -> None:
    other = Emulator()
    assert (other.api_token, other.account_id, other.zone_id) == (
        emulator.api_token,
        emulator.account_id,
        emulator.zone_id,
    )


def test_port_that_is_in_use(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="cannot listen"):
        Emulator(port=emulator.port).start()


@pytest.mark.parametrize("port", [-1, 70_000])
def test_port_that_does_not_exist(port: int) -> None:
    with pytest.raises(EmulatorError, match="cannot listen"):
        Emulator(port=port).start()


def test_emulator_that_is_not_running() -> None:
    emulator = Emulator()
    with pytest.raises(EmulatorError, match="not running"):
        emulator.environ()
    emulator.close()


def test_emulator_that_is_running_already(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="running already"):
        emulator.start()


def test_whoever_watches_gets_each_request_before_it_takes_effect() -> None:
    seen = []

    def look(request: RecordedRequest) -> None:
        seen.append((request.method, request.path, len(emulator.store.projects(account_id))))

    with Emulator(on_request=look) as emulator, DirectUpload(emulator) as client:
        account_id = emulator.account_id
        client.create_project()
        assert len(emulator.store.projects(account_id)) == 1
    assert seen == [("POST", f"/accounts/{account_id}/pages/projects", 0)]


def test_connection_stays_open_between_requests(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    try:
        # The second request would start in the middle of the first one's body, were that unread.
        for body in (b"x" * 100_000, b"", b"y"):
            connection.request("POST", "/client/v4/unknown", body=body)
            own_port = connection.sock.getsockname()[1]
            answer = connection.getresponse()
            assert (answer.status, answer.version) == (501, 11)
            answer.read()
            assert connection.sock is not None
            assert connection.sock.getsockname()[1] == own_port
    finally:
        connection.close()


def test_client_that_wants_to_close(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    connection.request("GET", "/client/v4/x", headers={"Connection": "close"})
    answer = connection.getresponse()
    assert answer.getheader("Connection") == "close"
    answer.read()
    connection.close()


def test_client_that_leaves_in_the_middle_of_a_body() -> None:
    lines: list[str] = []
    with Emulator(log=lines.append) as emulator:
        for framing in (b"Content-Length: 1000", b"Transfer-Encoding: chunked"):
            with socket.create_connection(("127.0.0.1", emulator.port)) as connection:
                connection.sendall(b"POST /client/v4/x HTTP/1.1\r\nHost: x\r\n" + framing)
                connection.sendall(b"\r\n\r\nabc")
        with DirectUpload(emulator) as client:
            assert client.call("GET", "/accounts").status_code == 200
    assert not [line for line in lines if "Traceback" in line]


def test_no_thread_outlives_the_emulator() -> None:
    before = set(threading.enumerate())
    with Emulator() as emulator, DirectUpload(emulator) as client:
        port = emulator.port
        client.call("GET", "/accounts")
        with socket.create_connection(("127.0.0.1", port)):
            emulator.close()
        assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_parallel_uploads_and_deployments(client: DirectUpload) -> None:
    token = client.upload_token()
    files = {f"/{number}.txt": str(number).encode() for number in range(60)}

    def upload(path: str) -> int:
        with DirectUpload(client.emulator) as own:
            return own.assets("upload", [entry_of(path, files[path])], token=token).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(upload, files)) == {200}
    manifest = {path: key_of(path, body) for path, body in files.items()}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client.submit(manifest), range(6)))
    assert {one.json()["result"]["latest_stage"]["status"] for one in answers} == {"success"}


def test_requests_are_recorded_without_their_headers(client: DirectUpload) -> None:
    client.deploy({"/a.txt": b"a"}, branch="x")
    client.visit("x.demo", "/a.txt?b=c")
    recorded = client.emulator.requests
    last = recorded[-1]
    assert (last.method, last.path, last.query, last.status) == (
        "GET",
        "x.demo.localhost/a.txt",
        "b=c",
        200,
    )
    upload = next(one for one in recorded if one.path == "/pages/assets/upload")
    assert (upload.method, upload.status) == ("POST", 200)
    assert upload.content_length is not None
    assert client.emulator.api_token not in repr(recorded)


def test_log_gets_one_line_for_each_request() -> None:
    lines: list[str] = []
    with Emulator(log=lines.append) as emulator, DirectUpload(emulator) as client:
        client.call("GET", "/accounts?page=1")
    assert lines == ["GET /accounts 200"]


def test_quiet_by_default(client: DirectUpload, capfd: pytest.CaptureFixture[str]) -> None:
    client.call("GET", "/unknown")
    assert capfd.readouterr() == ("", "")


def test_mistake_inside_is_answered_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    with Emulator(log=lines.append) as emulator, DirectUpload(emulator) as client:
        monkeypatch.setattr(emulator.store, "projects", lambda _account_id: 1 // 0)
        answer = client.call("GET", "{projects}")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text
    assert "Traceback" in lines[0]
