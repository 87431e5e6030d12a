"""What is recorded of requests, and told to whoever watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.emulator import Emulator
from tests.emulator.direct_upload import DirectUpload

if TYPE_CHECKING:
    import pytest

    from pages_deploy.emulator.http.request_log import RecordedRequest


def test_whoever_watches_gets_each_request_before_it_takes_effect() -> None:
    seen = []

    def look(request: RecordedRequest) -> None:
        seen.append((request.method, request.path, len(emulator.store.projects.all(account_id))))

    with Emulator(on_request=look) as emulator, DirectUpload(emulator) as client:
        account_id = emulator.account_id
        client.create_project()
        assert len(emulator.store.projects.all(account_id)) == 1
    assert seen == [("POST", f"/accounts/{account_id}/pages/projects", 0)]


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
        monkeypatch.setattr(emulator.store.projects, "all", lambda _account_id: 1 // 0)
        answer = client.call("GET", "{projects}")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text
    assert "Traceback" in lines[0]
