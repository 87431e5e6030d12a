"""Tails of a deployment's log."""

from __future__ import annotations

from tests.emulator.direct_upload import HOME, DirectUpload

DEPLOYMENTS = "{projects}/demo/deployments"


def test_tail_is_opened_and_closed(client: DirectUpload) -> None:
    made = client.deploy(HOME)
    path = f"{DEPLOYMENTS}/{made['id']}/tails"
    tail = client.call("POST", path, json={"filters": []}).json()["result"]
    assert tail["url"].startswith("ws://")
    assert client.emulator.store.tails.count(made["id"]) == 1
    assert client.call("DELETE", f"{path}/{tail['id']}").json()["result"] is None
    assert client.emulator.store.tails.count(made["id"]) == 0
    assert client.call("DELETE", f"{path}/{tail['id']}").status_code == 404
