"""What a data directory keeps."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator, EmulatorError
from pages_deploy.emulator.state.store import ASSETS_DIRECTORY, RECORDS_FILE
from tests.emulator.direct_upload import DirectUpload, key_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"/index.html": b"home", "/404.html": b"lost"}


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with Emulator(data=data) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        emulator.store.add_domain("demo", "www.example.test")
        made = client.deploy(FILES, branch="x", _headers=b"/*\n")
        token = client.upload_token()
        path = f"/zones/{emulator.zone_id}/purge_cache"
        client.call("POST", path, json={"purge_everything": True})
        purges = emulator.store.purges.all()
    with Emulator(data=data) as emulator, DirectUpload(emulator) as client:
        again = client.deployment(made["id"])
        assert {**again, "url": "", "aliases": []} == {**made, "url": "", "aliases": []}
        assert again["url"] == f"http://{made['short_id']}.demo.localhost:{emulator.port}"
        assert client.visit("x.demo", "/nothing").content == b"lost"
        keys = [key_of(path, body) for path, body in FILES.items()]
        answer = client.assets("check-missing", {"hashes": keys}, token=token)
        assert answer.json()["result"] == []
        assert client.deploy(FILES)["latest_stage"]["status"] == "success"
        assert emulator.store.purges.all() == purges


def test_changes_survive_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        old, _ = (client.deploy({"/index.html": body}) for body in (b"old", b"new"))
        client.call("POST", f"{{projects}}/demo/deployments/{old['id']}/rollback")
        emulator.domain_outcome_next(status="error", verification_error="CNAME record not set")
        client.call("POST", "{projects}/demo/domains", json={"name": "www.example.test"})
        client.call("PATCH", "{projects}/demo", json={"name": "renamed"})
    with Emulator(data=tmp_path) as emulator, DirectUpload(emulator) as client:
        assert client.visit("demo").content == b"old"
        (domain,) = client.call("GET", "{projects}/renamed/domains").json()["result"]
        assert domain["verification_data"]["error_message"] == "CNAME record not set"


def test_same_emulator_can_start_again(tmp_path: Path) -> None:
    emulator = Emulator(data=tmp_path)
    for _ in range(2):
        with emulator:
            assert emulator.port > 0


def test_assets_are_whole_files_by_key(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        client.upload(FILES)
        client.upload(FILES)
    stored = [path for path in (tmp_path / ASSETS_DIRECTORY).rglob("*") if path.is_file()]
    assert {path.name: path.read_bytes() for path in stored} == {
        key_of(path, body): body for path, body in FILES.items()
    }


def test_damaged_asset_fails_the_next_deployment(tmp_path: Path) -> None:
    key = key_of("/index.html", b"home")
    with Emulator(data=tmp_path) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        client.upload(FILES)
        (tmp_path / ASSETS_DIRECTORY / key[:2] / key).write_bytes(b"ho")
        made = client.submit({"/index.html": key}).json()["result"]
        assert made["latest_stage"]["status"] == "failure"


def test_second_emulator_on_one_directory(tmp_path: Path) -> None:
    with Emulator(data=tmp_path), pytest.raises(EmulatorError, match="another emulator"):
        Emulator(data=tmp_path).start()


def test_directory_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(EmulatorError, match="data directory"):
        Emulator(data=file).start()


def test_records_that_are_no_database(tmp_path: Path) -> None:
    (tmp_path / RECORDS_FILE).write_text("no database, but long enough to look like one" * 10)
    with pytest.raises(EmulatorError, match="records"):
        Emulator(data=tmp_path).start()


def test_records_of_another_version(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / RECORDS_FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(EmulatorError, match="another version"):
        Emulator(data=tmp_path).start()
