"""The command line as a process: signals, streams, and what is left behind."""

from __future__ import annotations

import base64
import contextlib
import json
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests

from pages_deploy.emulator.http.faults import Stall
from tests.worker.conftest import workerd_program
from tests.world import DEPLOYMENTS, PROJECT, UPLOAD, asked, inherited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

__all__ = ["workerd_program"]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 30.0


class Program:
    """`entrypoint.py` as a running process, whose output can be waited for line by line."""

    def __init__(self, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "dev", str(ROOT / "entrypoint.py"), *arguments],
            cwd=cwd,
            env={**inherited(), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # No buffer, so that waiting for the next byte is not deceived by those read already.
            bufsize=0,
        )

    def line(self, name: str) -> str:
        """Read the next line of `stdout` or `stderr`; fails when none comes."""
        stream = self.process.stdout if name == "stdout" else self.process.stderr
        assert stream is not None
        read = b""
        while not read.endswith(b"\n"):
            ready, _, _ = select.select([stream], [], [], PATIENCE_SECONDS)
            byte = stream.read(1) if ready else b""
            assert byte, f"the line was not ended: {read!r}"
            read += byte
        return read.decode().rstrip("\n")

    def line_with(self, name: str, text: str) -> str:
        """Read lines until one contains a text, and return that one."""
        while text not in (line := self.line(name)):
            pass
        return line

    def end(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Send a signal, if any, and return exit code and the rest of both outputs.

        The time is far below the silence of 60 seconds that a request is allowed.
        """
        if number is not None:
            self.process.send_signal(number)
        stdout, stderr = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert b"Traceback" not in stderr, stderr
        return self.process.returncode, stdout.decode(), stderr.decode()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Start programs; whatever still runs at the end is ended."""
    running: list[Program] = []

    def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Program:
        program = Program(arguments, environ or {}, tmp_path)
        running.append(program)
        return program

    yield run
    for program in running:
        if program.process.poll() is None:
            program.process.kill()
        program.process.communicate()


@pytest.fixture
def start_deploy(
    client: PagesClient, emulator: Emulator, site: BuildSite, start: Callable[..., Program]
) -> Callable[[], Program]:
    """Start the deployment of a small site to the project `demo`."""
    environ = {**emulator.environ(), "CF_PROJECT": PROJECT, "PAGES_DEPLOY_BRANCH": "main"}
    directory = site({"index.html": "home", "a.css": "a"})
    return lambda: start(str(directory), environ=environ)


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_an_upload_that_stalls_and_leaves_no_deployment(
    emulator: Emulator, start_deploy: Callable[[], Program], number: signal.Signals, exit_code: int
) -> None:
    emulator.fail_next("POST", UPLOAD, Stall(), times=None)
    program = start_deploy()
    while not asked(emulator, "POST", UPLOAD):
        # As long as no upload has come, the program runs; a look now and then is enough.
        with pytest.raises(subprocess.TimeoutExpired):
            program.process.wait(0.05)
    code, stdout, stderr = program.end(number)
    assert code == exit_code, stderr
    assert stdout == ""
    assert "Interrupted" in stderr
    assert asked(emulator, "POST", DEPLOYMENTS) == []


def test_a_signal_during_the_wait_says_that_the_deployment_goes_on(
    emulator: Emulator, start_deploy: Callable[[], Program]
) -> None:
    emulator.outcome_next(stage="build", status="active")
    program = start_deploy()
    deployment_id = program.line_with("stderr", "Created deployment").split()[2].rstrip(":")
    # The wait has begun once a stage is told.
    program.line_with("stderr", "Stage")
    code, stdout, stderr = program.end(signal.SIGTERM)
    assert code == 143
    assert stdout == ""
    assert f"Deployment {deployment_id} exists and continues" in stderr


def exported(lines: str) -> dict[str, str]:
    """Return what a shell exports into which these lines are pasted."""
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        ["sh", "-c", 'eval "$1"; exec "$2" -c "$3"', "sh", lines, sys.executable, program],
        env={},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    names = [line.removeprefix("export ").partition("=")[0] for line in lines.splitlines()]
    environ = json.loads(done.stdout)
    return {name: environ[name] for name in names}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)], ids=["TERM", "INT"]
)
def test_the_emulator_prints_its_variables_serves_and_ends_by_a_signal(
    start: Callable[..., Program], as_json: bool, number: signal.Signals, exit_code: int
) -> None:
    program = start("emulator", "--port", "0", *(["--json"] if as_json else []))
    if as_json:
        variables = json.loads(program.line("stdout"))
    else:
        variables = exported("\n".join(program.line("stdout") for _ in range(3)))
    assert set(variables) == {
        "CLOUDFLARE_API_BASE_URL",
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
    }
    answer = requests.get(
        f"{variables['CLOUDFLARE_API_BASE_URL']}/accounts",
        headers={"Authorization": f"Bearer {variables['CLOUDFLARE_API_TOKEN']}"},
        timeout=PATIENCE_SECONDS,
    )
    assert [account["id"] for account in answer.json()["result"]] == [
        variables["CLOUDFLARE_ACCOUNT_ID"]
    ]
    # What to do next and where to look is told before it waits for its end.
    assert "pages-deploy dist --project-name" in program.line_with("stderr", "another terminal")
    page_url = program.line_with("stderr", "in a browser").split()[-1]
    assert "Projects" in requests.get(page_url, timeout=PATIENCE_SECONDS).text
    program.line_with("stderr", "until Ctrl-C")
    code, stdout, _ = program.end(number)
    assert code == exit_code
    assert stdout == ""


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no address with brackets")
def test_what_a_shell_would_take_for_something_else_is_quoted(
    start: Callable[..., Program],
) -> None:
    program = start("emulator", "--port", "0", "--host", "::1")
    lines = "\n".join(program.line("stdout") for _ in range(3))
    assert exported(lines)["CLOUDFLARE_API_BASE_URL"].startswith("http://[::1]:")
    assert "='http://[::1]:" in lines
    program.end(signal.SIGTERM)


def test_the_emulator_answers_at_the_names_that_it_is_given(start: Callable[..., Program]) -> None:
    program = start("emulator", "--port", "0", "--json", "--allow-host", "pages.internal")
    variables = json.loads(program.line("stdout"))
    statuses = [
        requests.get(
            f"{variables['CLOUDFLARE_API_BASE_URL']}/accounts",
            headers={
                "Authorization": f"Bearer {variables['CLOUDFLARE_API_TOKEN']}",
                "Host": host,
            },
            timeout=PATIENCE_SECONDS,
        ).status_code
        for host in ("pages.internal", "evil.test")
    ]
    assert statuses == [200, 421]
    program.end(signal.SIGTERM)


def test_a_port_that_is_taken_is_an_error_of_the_settings(
    emulator: Emulator, start: Callable[..., Program]
) -> None:
    code, stdout, stderr = start("emulator", "--port", str(emulator.port)).end()
    assert code == 2
    assert stdout == ""
    assert "The emulator cannot start" in stderr


def test_a_preview_serves_until_it_is_interrupted(
    site: BuildSite, start: Callable[..., Program]
) -> None:
    program = start("preview", str(site({"about.txt": "about me"})), "--port", "0")
    address = program.line_with("stdout", "Serving at ").split()[2]
    host = address.removeprefix("http://").rstrip("/")
    answer = requests.get(
        f"http://127.0.0.1:{host.rpartition(':')[2]}/about.txt",
        headers={"Host": host},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.text == "about me"
    code, _, _ = program.end(signal.SIGTERM)
    assert code == 143


def test_a_preview_runs_the_functions_and_tells_what_they_say(
    workerd_program: Path, site: BuildSite, start: Callable[..., Program], tmp_path: Path
) -> None:
    fails = "export const onRequest = ({ request }) => { console.log('here'); throw Error('A'); };"
    url = fails.replace("throw Error('A')", "return new Response(request.url)")
    site({"fails.js": fails, "url.js": url}, "functions")
    directory = site({"index.html": "home", "about.txt": "about me"})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = start(
        *("preview", str(directory), "--port", "0", "--workerd", str(workerd_program)),
        environ={"TMPDIR": str(temporary)},
    )
    port = program.line_with("stdout", "Serving at ").rpartition(":")[2].split("/")[0]
    host = f"preview.localhost:{port}"

    def visit(path: str) -> requests.Response:
        return requests.get(
            f"http://127.0.0.1:{port}{path}", headers={"Host": host}, timeout=PATIENCE_SECONDS
        )

    assert visit("/about.txt").text == "about me"
    assert visit("/url?a=b").text == f"http://{host}/url?a=b"
    program.line_with("stderr", "Worker: here")
    assert visit("/fails").status_code == 500
    program.line_with("stderr", "Worker: Uncaught Error: A")
    program.line_with("stderr", "at onRequest (fails.js:1:")
    code, _, _ = program.end(signal.SIGTERM)
    assert code == 143
    # With it the process of the Worker has ended, whose files these were.
    assert list(temporary.iterdir()) == []


def test_the_module_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pages_deploy", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("pages-deploy")


def test_the_entrypoint_becomes_the_program_that_a_runner_asks_for(
    start: Callable[..., Program],
) -> None:
    code, stdout, _ = start("sh", "-c", "echo from the shell; exit 7").end()
    assert (code, stdout) == (7, "from the shell\n")


@pytest.mark.parametrize("spelling", ["plain", "quoted", "base64"])
def test_a_bug_shows_a_traceback_without_any_secret(
    environ: dict[str, str], tmp_path: Path, spelling: str
) -> None:
    token = "the+marked/token=of.a~bug"
    spellings = {
        "plain": token,
        "quoted": quote(token, ""),
        "base64": base64.b64encode(token.encode()).decode(),
    }
    program = f"""
import sys
from pages_deploy.cli import deploy, main
def broken(*_, **__):
    try:
        raise ValueError({spellings[spelling]!r} + chr(10) + "::error::boom")
    except ValueError as error:
        raise RuntimeError("no such state") from error
deploy.deploy_with = broken
sys.argv = ["pages-deploy", "deploy", "site"]
main.run()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **inherited(),
            "PYTHONPATH": str(ROOT),
            **environ,
            "CLOUDFLARE_API_TOKEN": token,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "RuntimeError: no such state" in ended.stderr
    assert "a bug in pages-deploy" in ended.stderr
    shown = ended.stdout + ended.stderr
    assert not [text for text in spellings.values() if text in shown]
    assert not [line for line in shown.splitlines() if line.startswith("::")]
