"""Calls about zones."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running


def test_zones_by_name(client: DirectUpload) -> None:
    (zone,) = client.call("GET", "/zones?name=example.test").json()["result"]
    assert (zone["id"], zone["name"]) == (client.emulator.zone_id, "example.test")
    assert zone["account"]["id"] == client.emulator.account_id
    assert client.call("GET", "/zones").json()["result"] == [zone]
    assert client.call("GET", "/zones?name=other.test").json()["result"] == []
    assert client.call("GET", f"/zones/{zone['id']}").json()["result"] == zone


def test_zones_in_pages() -> None:
    zones = {f"{number:032x}": f"zone-{number}.test" for number in range(25)}
    settings = EmulatorSettings(zones=zones)
    with running(settings) as client:
        first = client.call("GET", "/zones").json()
        second = client.call("GET", "/zones?page=2&per_page=20").json()
    assert first["result_info"]["total_pages"] == 2
    assert [zone["id"] for zone in first["result"] + second["result"]] == list(zones)


@pytest.mark.parametrize(("zone", "status", "code"), [("x", 404, 7003), ("f" * 32, 403, 10000)])
def test_unknown_zone(client: DirectUpload, zone: str, status: int, code: int) -> None:
    answer = client.call("POST", f"/zones/{zone}/purge_cache", json={"purge_everything": True})
    assert (answer.status_code, error_code(answer)) == (status, code)
