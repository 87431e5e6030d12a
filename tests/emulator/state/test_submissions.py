"""What a deployment is made of: the form that creates one."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import HOME, MANIFEST, DirectUpload, error_code, key_of, running


def test_missing_manifest(client: DirectUpload) -> None:
    answer = client.submit(None, branch="main")
    assert (answer.status_code, error_code(answer)) == (400, 8000096)


@pytest.mark.parametrize("manifest", [[], {"no-slash": "0" * 32}, {"/a": 1}, {"/\ud800": "x"}])
def test_unusable_manifest(client: DirectUpload, manifest: object) -> None:
    assert error_code(client.submit(manifest)) == 8000096


def test_manifest_above_the_file_limit() -> None:
    settings = EmulatorSettings(max_file_count=1)
    with running(settings) as client:
        client.create_project()
        assert client.submit({"/a": "0" * 32}).status_code == 200
        assert client.submit({"/a": "0" * 32, "/b": "0" * 32}).status_code == 400


@pytest.mark.parametrize("message", ["x" * 384, "é" * 192, "a genuine \ufffd"])
def test_commit_message_that_fits(client: DirectUpload, message: str) -> None:
    assert client.submit(MANIFEST, commit_message=message).status_code == 200


def test_commit_message_that_is_too_long(client: DirectUpload) -> None:
    answer = client.submit(MANIFEST, commit_message="é" * 192 + "x")
    assert (answer.status_code, error_code(answer)) == (400, 8000111)


def test_commit_message_that_was_cut_inside_a_character(client: DirectUpload) -> None:
    form = {"manifest": (None, "{}"), "commit_message": (None, "é".encode()[:1])}
    answer = client.call("POST", "{projects}/demo/deployments", files=form)
    assert error_code(answer) == 8000111


def test_deployment_without_files(client: DirectUpload) -> None:
    assert client.deploy({})["latest_stage"]["status"] == "success"


def test_special_files_are_kept(client: DirectUpload) -> None:
    made = client.deploy(
        HOME, **{"_headers": b"/*\n  X: y\n", "_redirects": b"/a /b\n", "_worker.bundle": b"--x"}
    )
    assert made["uses_functions"] is True
    assert client.special_files(made["id"]) == {
        "_headers": b"/*\n  X: y\n",
        "_redirects": b"/a /b\n",
        "_worker.bundle": b"--x",
    }


def test_two_kinds_of_worker_exclude_each_other(client: DirectUpload) -> None:
    parts = {"_worker.bundle": b"--x", "_worker.js": b"x"}
    assert client.submit(MANIFEST, **parts).status_code == 400


def test_manifest_of_several_megabytes() -> None:
    settings = EmulatorSettings(max_file_count=100_000)
    with running(settings) as client:
        client.create_project()
        client.upload(HOME)
        key = key_of("/x.html", HOME["/index.html"])
        manifest = {f"/{'directory/' * 15}{number}.html": key for number in range(32_000)}
        made = client.submit(manifest).json()["result"]
        assert made["latest_stage"]["status"] == "success"
