"""Whether a manifest tells the truth about the assets that are there."""

from __future__ import annotations

import pytest

from tests.emulator.direct_upload import HOME, MANIFEST, DirectUpload, entry_of


def test_asset_that_was_never_uploaded_fails_the_deploy_stage(client: DirectUpload) -> None:
    made = client.submit({"/lost.html": "0" * 32}).json()["result"]
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("deploy", "failure")
    last = client.log(made["id"])["data"][-1]["line"]
    assert last.startswith("Error: /lost.html")


@pytest.mark.parametrize("path", ["/a.htm", "/a.HTML", "/html"])
def test_right_bytes_under_the_wrong_extension_fail(client: DirectUpload, path: str) -> None:
    client.upload(HOME)
    made = client.submit({**MANIFEST, path: MANIFEST["/index.html"]}).json()["result"]
    assert made["latest_stage"]["status"] == "failure"
    assert client.log(made["id"])["data"][-1]["line"].startswith(f"Error: {path}")


def test_wrong_bytes_under_a_key_fail_even_after_right_ones(client: DirectUpload) -> None:
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"
    wrong = entry_of("/index.html", b"other", key=MANIFEST["/index.html"])
    assert client.assets("upload", [wrong]).status_code == 200
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "failure"
    client.upload(HOME)
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "success"


def test_value_without_the_base64_mark_is_taken_as_it_is(client: DirectUpload) -> None:
    entry = {**entry_of("/index.html", HOME["/index.html"]), "base64": False}
    client.assets("upload", [entry])
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "failure"
