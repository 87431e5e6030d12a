"""The three asset calls."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import DirectUpload, entry_of, error_code, key_of, running

KEY = key_of("/a.txt", b"a")
OTHER = key_of("/b.txt", b"b")


def missing(client: DirectUpload, *keys: str) -> list[str]:
    answer = client.assets("check-missing", {"hashes": keys})
    assert answer.status_code == 200
    return sorted(answer.json()["result"])


def test_uploaded_asset_is_no_longer_missing(client: DirectUpload) -> None:
    assert missing(client, KEY, OTHER) == sorted([KEY, OTHER])
    client.upload({"/a.txt": b"a"})
    assert missing(client, KEY, OTHER) == [OTHER]


def test_duplicates_are_tolerated_everywhere(client: DirectUpload) -> None:
    assert missing(client, KEY, KEY) == [KEY]
    entry = entry_of("/a.txt", b"a")
    assert client.assets("upload", [entry, entry]).json()["success"] is True
    answer = client.assets("upsert-hashes", {"hashes": [KEY, KEY, OTHER]})
    assert (answer.status_code, answer.json()["success"]) == (200, True)


def test_more_hashes_than_one_statement_takes(client: DirectUpload) -> None:
    keys = [f"{number:032x}" for number in range(2500)]
    assert len(missing(client, *keys)) == 2500


def test_hash_of_the_wrong_form_is_missing(client: DirectUpload) -> None:
    assert missing(client, "nonsense", "\ud800") == ["nonsense", "\ud800"]


def test_body_may_have_no_assets(client: DirectUpload) -> None:
    assert client.assets("upload", []).json()["success"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"key": "short"},
        {"key": KEY.upper()},
        {"key": None},
        {"value": "no base64!"},
        {"value": "YQ"},
        {"value": None},
        {"metadata": {"contentType": "text/html\r\nX: y"}},
    ],
)
def test_entry_that_is_refused(client: DirectUpload, change: dict[str, object]) -> None:
    good = entry_of("/b.txt", b"b")
    answer = client.assets("upload", [good, {**entry_of("/a.txt", b"a"), **change}])
    assert answer.status_code == 400
    assert missing(client, OTHER) == [OTHER], "a refused body leaves nothing behind"


@pytest.mark.parametrize("body", [{}, "text", [1]])
def test_body_of_the_wrong_form(client: DirectUpload, body: object) -> None:
    assert client.assets("upload", body).status_code == 400


@pytest.mark.parametrize("call", ["check-missing", "upsert-hashes"])
@pytest.mark.parametrize("body", [{}, {"hashes": "x"}, {"hashes": [1]}])
def test_hashes_of_the_wrong_form(client: DirectUpload, call: str, body: object) -> None:
    assert client.assets(call, body).status_code == 400


def test_file_above_the_limit() -> None:
    settings = EmulatorSettings(max_file_bytes=10)
    with running(settings) as client:
        client.create_project()
        assert client.assets("upload", [entry_of("/a", b"x" * 10)]).status_code == 200
        assert client.assets("upload", [entry_of("/a", b"x" * 11)]).status_code == 413


def test_largest_body_that_wrangler_sends(client: DirectUpload) -> None:
    entry = entry_of("/a.bin", bytes(22 * 1024 * 1024))
    assert client.assets("upload", [entry, entry]).status_code == 200


def test_token_expires_by_the_clock() -> None:
    clock = Clock()
    settings = EmulatorSettings(clock=clock, upload_token_seconds=60)
    with running(settings) as client:
        client.create_project()
        token = client.upload_token()
        clock.now += 59
        assert client.assets("check-missing", {"hashes": []}, token=token).status_code == 200
        clock.now += 1
        answer = client.assets("check-missing", {"hashes": []}, token=token)
        assert (answer.status_code, answer.text) == (403, "Expired JWT")
        assert answer.headers["Content-Type"].startswith("text/plain")


def test_invalid_token(client: DirectUpload) -> None:
    answer = client.assets("upload", [], token=client.upload_token() + "x")
    assert (answer.status_code, error_code(answer)) == (401, 8000013)
