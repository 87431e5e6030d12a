"""What becomes of a visit when workerd itself does what it never should: by a stand-in for it."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from concurrent import futures
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.http.connections import listen
from pages_deploy.emulator.http.served import Served
from pages_deploy.emulator.http.worker_assets import WorkerAssets
from pages_deploy.emulator.sites.workerd.bindings import Compatibility
from pages_deploy.emulator.sites.workerd.config import WorkerSetup
from pages_deploy.emulator.sites.workerd.failures import WorkerFailedError
from pages_deploy.emulator.sites.workerd.pool import WorkerPool
from pages_deploy.emulator.sites.workerd.process import Launch
from pages_deploy.emulator.sites.workerd.runner import WorkerRunner
from tests.emulator.direct_upload import DirectUpload
from tests.emulator.worker_code import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")

# Tells where it listens as workerd does, and does with the head of each request what a test says.
PROGRAM = """#!{python} -I
import json, os, pathlib, re, socket, sys, time
config = pathlib.Path("config.capnp").read_text()
name = re.search(r'sockets = \\[\\(name = "(\\w+)"', config)[1]
{first}
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
print("noise {{" + json.dumps({{"event": "listen", "socket": name, "port": port}}), flush=True)
while True:
    connection, _ = listener.accept()
    head = connection.recv(65536)
    {then}
    connection.close()
"""
SAY_OK = 'connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")'
SETUP = WorkerSetup(modules=(), compatibility=Compatibility("2024-01-01"), bindings=())


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    def make(*, first: str = "", then: str = SAY_OK) -> Path:
        file = tmp_path / "stand in"
        file.write_text(PROGRAM.format(python=sys.executable, first=first, then=then))
        file.chmod(0o755)
        return file

    return make


@contextlib.contextmanager
def visited(program: Path, **settings: Any) -> Iterator[DirectUpload]:
    given = EmulatorSettings(workerd=program, **settings)
    with Emulator(settings=given) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        client.deploy({"/index.html": b"home"}, **{"_worker.bundle": bundle()})
        yield client


def failed(answer: requests.Response) -> str:
    assert answer.status_code == 500
    return answer.headers["X-Emulator-Worker"]


def test_a_program_that_answers_is_believed(program: Callable[..., Path]) -> None:
    with visited(program()) as client:
        assert client.visit("demo").text == "ok"


def test_it_gets_next_to_no_environment_and_a_directory_of_its_own(
    program: Callable[..., Path], tmp_path: Path
) -> None:
    noted = tmp_path / "noted"
    first = f"""
pathlib.Path({str(noted)!r}).write_text(json.dumps([dict(os.environ), os.getcwd(), sys.argv[1:]]))
"""
    with visited(program(first=first), workerd_environ={"ONLY": "this"}) as client:
        client.visit("demo")
        environ, directory, arguments = json.loads(noted.read_text())
    # What Python adds by itself.
    assert {name for name in environ if name != "LC_CTYPE"} == {"ONLY"}
    assert "pages-emulator-" in directory
    assert arguments == ["serve", "--verbose", "--control-fd=1", "config.capnp"]


@pytest.mark.parametrize("what", ["missing", "no program", "a directory"])
def test_what_cannot_be_started_is_a_page(tmp_path: Path, what: str) -> None:
    file = tmp_path / what
    if what == "no program":
        file.write_text("text")
    elif what == "a directory":
        file.mkdir()
    with visited(file) as client:
        answer = client.visit("demo")
        assert failed(answer) == "did-not-start"
        assert "workerd cannot be run" in answer.text


def test_what_ends_at_once_has_said_why(program: Callable[..., Path]) -> None:
    with visited(program(first='sys.exit("no <way>")')) as client:
        answer = client.visit("demo")
    assert failed(answer) == "did-not-start"
    assert "no &lt;way&gt;" in answer.text


def test_only_the_end_of_what_is_said_is_shown(program: Callable[..., Path]) -> None:
    first = 'print("x" * 1_000_000); print("y\\n" * 100_000); sys.exit("the end")'
    with visited(program(first=first)) as client:
        answer = client.visit("demo")
    assert "the end" in answer.text
    assert len(answer.content) < 20_000


def test_one_that_dies_is_told_and_started_anew(
    program: Callable[..., Path], tmp_path: Path
) -> None:
    # The first one dies of its first request.
    died = tmp_path / "died"
    then = f"""
    if not os.path.exists({str(died)!r}):
        pathlib.Path({str(died)!r}).touch(); print("dying", flush=True); os._exit(3)
    {SAY_OK}"""
    with visited(program(then=then.strip())) as client:
        answer = client.visit("demo")
        assert failed(answer) == "ended"
        assert "dying" in answer.text
        assert client.visit("demo").text == "ok"


@pytest.mark.parametrize(
    ("said", "how"),
    [
        (b"", "ended"),
        (b"nonsense\r\n\r\n", "unreadable"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "unreadable"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n", "unreadable"),
    ],
    ids=["nothing", "no HTTP", "fields", "field"],
)
def test_what_is_no_answer_is_a_page(program: Callable[..., Path], said: bytes, how: str) -> None:
    with visited(program(then=f"connection.sendall({said!r})")) as client:
        assert failed(client.visit("demo")) == how


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ],
    ids=["length", "chunks", "no chunk"],
)
def test_an_answer_that_is_cut_off_is_not_passed_on_as_whole(
    program: Callable[..., Path], said: bytes
) -> None:
    with visited(program(then=f"connection.sendall({said!r})")) as client:
        connection = HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/", headers={"Host": "demo.localhost"})
            with pytest.raises((HTTPException, ConnectionError)):
                connection.getresponse().read()
        assert client.call("GET", "/accounts").status_code == 200


def test_an_answer_that_ends_with_the_connection_is_whole(program: Callable[..., Path]) -> None:
    with visited(program(then='connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\nall")')) as client:
        assert client.visit("demo").text == "all"


def test_an_old_client_gets_an_answer_in_chunks_whole(program: Callable[..., Path]) -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with visited(program(then=f"connection.sendall({said!r})")) as client:
        connection = HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
        # Without a public name; HTTP/1.0 has no chunks.
        connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
        with contextlib.closing(connection):
            connection.request("GET", "/", headers={"Host": "demo.localhost"})
            answer = connection.getresponse()
            assert "Transfer-Encoding" not in answer.headers
            assert answer.read() == b"abcde"


@pytest.mark.parametrize("moment", ["start", "answer", "stream"])
def test_closing_the_emulator_waits_for_no_worker(
    program: Callable[..., Path], tmp_path: Path, moment: str
) -> None:
    reached = tmp_path / "reached"
    hang = f"pathlib.Path({str(reached)!r}).touch(); time.sleep(1000)"
    begun = 'connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nab"); '
    what = {
        "start": {"first": hang},
        "answer": {"then": hang},
        "stream": {"then": begun + hang},
    }[moment]
    before = set(threading.enumerate())
    with futures.ThreadPoolExecutor(1) as pool:
        with visited(program(**what)) as client:
            visit = pool.submit(visit_once, client)
            while not reached.exists():
                assert not futures.wait([visit], timeout=0.01).done
        # It gets a page, or the end of its connection.
        visit.result(timeout=20)
    assert set(threading.enumerate()) <= before


def visit_once(client: DirectUpload) -> int:
    with contextlib.suppress(requests.RequestException):
        return requests.get(
            f"http://127.0.0.1:{client.emulator.port}/",
            headers={"Host": "demo.localhost"},
            timeout=60,
        ).status_code
    return 0


def test_who_has_been_idle_is_stopped_and_who_is_visited_is_not(
    program: Callable[..., Path],
) -> None:
    pool = WorkerPool(Launch(program=program(), assets_port=1, start_seconds=20.0))
    try:
        with pool.visit("one", lambda: SETUP) as visited_one:
            with pool.visit("two", lambda: SETUP) as visited_two:
                pass
            pool.stop_idle(3600.0)
            assert visited_two.is_running
            pool.stop_idle(0.0)
            assert (visited_one.is_running, visited_two.is_running) == (True, False)
            assert pool.deployment_of(visited_one.secret) == "one"
            assert pool.deployment_of(visited_two.secret) is None
        with pool.visit("two", lambda: SETUP) as again:
            assert again is not visited_two
            assert again.is_running
    finally:
        pool.close()
    assert not again.is_running
    with pytest.raises(WorkerFailedError), pool.visit("one", lambda: SETUP):
        pass


@pytest.mark.parametrize("secret", [None, "", "0" * 64, "é"])
def test_without_a_secret_nobody_gets_assets_by_the_inner_door(
    program: Callable[..., Path], secret: str | None
) -> None:
    with visited(program()) as client:
        store = client.emulator.store
        launch = Launch(program=program(), assets_port=1, start_seconds=20.0)
        reports: list[str] = []
        workers = WorkerRunner(store, launch)
        with listen("127.0.0.1", 0) as listener:
            port = listener.getsockname()[1]
            door = Served(
                listener,
                WorkerAssets(store, workers, report=reports.append),
                report=reports.append,
                max_body_bytes=1000,
            )
        fields = {"Host": "demo.localhost"}
        if secret is not None:
            fields["X-Emulator-Worker-Secret"] = secret.encode().decode("latin-1")
        answer = requests.get(f"http://127.0.0.1:{port}/", headers=fields, timeout=20)
        door.stop_accepting()
        door.close()
        workers.close()
    assert (answer.status_code, reports) == (403, [])
