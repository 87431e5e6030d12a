"""The form of every answer, and what is not emulated."""

from __future__ import annotations

import pytest
import requests

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running


def test_envelope_of_a_success(client: DirectUpload) -> None:
    envelope = client.call("GET", "{projects}").json()
    assert envelope.keys() == {"result", "success", "errors", "messages", "result_info"}
    assert envelope["success"] is True
    assert (envelope["errors"], envelope["messages"]) == ([], [])


def test_answers_have_a_ray(client: DirectUpload) -> None:
    assert client.call("GET", "/accounts").headers["CF-RAY"].endswith("-EMU")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "{projects}"),
        ("GET", "/accounts/{account}/workers/scripts"),
        ("HEAD", "/accounts"),
        ("GET", "/"),
    ],
)
def test_what_is_not_emulated_says_so(client: DirectUpload, method: str, path: str) -> None:
    answer = client.call(method, path)
    assert answer.status_code == 501
    if method != "HEAD":
        (error,) = answer.json()["errors"]
        account = client.emulator.account_id
        projects = f"/accounts/{account}/pages/projects"
        assert f"{method} {path.format(account=account, projects=projects)}" in error["message"]


@pytest.mark.parametrize("path", ["/client/v4", "/client/v4/"])
def test_the_root_of_the_api_is_no_call(emulator: Emulator, path: str) -> None:
    answer = requests.get(f"http://127.0.0.1:{emulator.port}{path}", timeout=20)
    assert error_code(answer) in {7000, 7003}


def test_api_answers_under_the_name_localhost(client: DirectUpload) -> None:
    headers = {"Host": f"localhost:{client.emulator.port}"}
    assert client.call("GET", "/accounts", headers=headers).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]"])
def test_body_that_is_no_json_object(client: DirectUpload, body: bytes) -> None:
    assert error_code(client.call("POST", "{projects}", data=body)) == 6007


def test_body_above_the_limit() -> None:
    settings = EmulatorSettings(max_body_bytes=1000)
    with running(settings) as client:
        assert client.call("POST", "{projects}", data=b" " * 1001).status_code == 413
        # The body was read to its end, so the connection is still good.
        assert client.call("GET", "{projects}").status_code == 200


def test_body_in_chunks(client: DirectUpload) -> None:
    pieces = iter([b'{"name": "chunks",', b'"production_branch": "main"}'])
    assert client.call("POST", "{projects}", data=pieces).status_code == 200
    assert client.call("GET", "{projects}/chunks").status_code == 200
