"""The emulator as a server and as an object."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages_deploy.emulator import Emulator, EmulatorError
from tests.emulator.direct_upload import DirectUpload, entry_of, key_of


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
