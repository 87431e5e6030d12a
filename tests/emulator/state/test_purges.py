"""Purging the caches of zones."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running

URL = "https://example.test/"


def purge_path(client: DirectUpload) -> str:
    return f"/zones/{client.emulator.zone_id}/purge_cache"


@pytest.mark.parametrize(
    "body",
    [
        {"purge_everything": True},
        {"files": [URL, {"url": URL, "headers": {"CF-Device-Type": "mobile"}}]},
        {"files": [URL] * 30},
        {"tags": ["a"]},
        {"hosts": ["www.example.test"] * 100},
        {"prefixes": ["www.example.test/blog"]},
    ],
)
def test_purge_is_accepted_and_recorded(client: DirectUpload, body: dict[str, object]) -> None:
    answer = client.call("POST", purge_path(client), json=body)
    assert answer.status_code == 200
    (purge,) = client.emulator.store.purges.all()
    assert purge.id == answer.json()["result"]["id"]
    assert (purge.zone_id, purge.body) == (client.emulator.zone_id, body)
    assert purge.call == "purge_cache"


def test_invalidation_takes_the_same_bodies(client: DirectUpload) -> None:
    path = f"/zones/{client.emulator.zone_id}/invalidate_cache"
    assert client.call("POST", path, json={"tags": ["a"]}).status_code == 200
    assert error_code(client.call("POST", path, json={"tags": "a"})) == 1014
    assert [(one.call, one.body) for one in client.emulator.store.purges.all()] == [
        ("invalidate_cache", {"tags": ["a"]})
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1012),
        ({"purge_everything": False}, 1012),
        ({"purge_everything": True, "files": [URL]}, 1012),
        ({"files": URL}, 1014),
        ({"hosts": {}}, 1014),
        ({"files": []}, 1012),
        ({"files": [URL] * 31}, 1012),
        ({"hosts": ["www.example.test"] * 101}, 1012),
        ({"files": ["/relative"]}, 1012),
        ({"files": [1]}, 1012),
        ({"prefixes": [URL]}, 1012),
        ([], 6007),
    ],
)
def test_purge_that_is_refused(client: DirectUpload, body: object, code: int) -> None:
    answer = client.call("POST", purge_path(client), json=body)
    assert (answer.status_code, error_code(answer)) == (400, code)
    assert client.emulator.store.purges.all() == ()


def test_limit_of_files_is_a_setting() -> None:
    settings = EmulatorSettings(max_purge_files=100)
    with running(settings) as client:
        body = {"files": [URL] * 100}
        assert client.call("POST", purge_path(client), json=body).status_code == 200
