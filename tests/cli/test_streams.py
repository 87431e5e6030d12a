"""The program's streams and files as CI systems leave them: narrow, full, closed, gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.submissions import Submission
from tests.making import ids
from tests.world import DEPLOYMENTS, PROJECT, asked, connected, inherited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages_deploy.api.client import PagesClient
    from tests.world import BuildSite, FakeTime, RunCli

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
BRANCH, MESSAGE = "ветка/日本-ü", "Исправить 🚀 всё"
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this machine")


@pytest.fixture
def environ(emulator: Emulator, client: PagesClient) -> dict[str, str]:
    """The environment of a run that lacks nothing but the directory."""
    return {
        **inherited(),
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_BRANCH": "main",
    }


class Ended:
    """What a process left behind."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.stdout: bytes = done.stdout or b""
        self.stderr: bytes = done.stderr or b""
        assert b"Traceback" not in self.stderr, self.stderr.decode(errors="replace")
        assert b"Exception ignored" not in self.stderr, self.stderr.decode(errors="replace")

    def errors(self, encoding: str = "utf-8") -> list[str]:
        lines = self.stderr.decode(encoding).splitlines()
        return [line for line in lines if line.startswith("Error: ")]


def run(
    *arguments: str,
    environ: Mapping[str, str],
    cwd: Path,
    shell: str = 'exec "$@"',
    stdout: int = subprocess.PIPE,
) -> Ended:
    """Run `entrypoint.py` by a line of shell, which gets the command as its arguments."""
    command = [sys.executable, str(ROOT / "entrypoint.py"), *arguments]
    return Ended(
        subprocess.run(
            ["sh", "-c", shell, "sh", *command],
            env=environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    )


@pytest.fixture
def foreign(emulator: Emulator, client: PagesClient) -> str:
    """The id of a deployment whose branch and message are in other alphabets."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    submission = Submission(manifest={}, branch=BRANCH, commit_message=MESSAGE)
    return emulator.store.deployments.create(project, submission).id


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_table_in_other_alphabets_is_printed_on_a_narrow_stream(
    environ: dict[str, str], foreign: str, tmp_path: Path, encoding: str
) -> None:
    environ["PYTHONIOENCODING"] = encoding
    ended = run("deployments", "list", environ=environ, cwd=tmp_path)
    assert ended.code == 0
    (row,) = ended.stdout.decode(encoding).splitlines()[1:]
    assert foreign in row
    assert r"\u0432\u0435\u0442\u043a\u0430/\u65e5\u672c-" in row
    assert (r"\xfc" in row) == (encoding == "ascii")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("command", [["list"], ["latest"]], ids=lambda command: command[0])
def test_json_in_other_alphabets_is_json_on_every_stream(
    environ: dict[str, str], foreign: str, tmp_path: Path, encoding: str, command: list[str]
) -> None:
    environ["PYTHONIOENCODING"] = encoding
    ended = run("deployments", *command, "--json", environ=environ, cwd=tmp_path)
    assert ended.code == 0
    found = json.loads(ended.stdout.decode("ascii"))
    deployment = found[0] if isinstance(found, list) else found
    assert deployment["id"] == foreign
    assert (deployment["branch"], deployment["commit_message"]) == (BRANCH, MESSAGE)


def test_a_deployment_in_other_alphabets_is_made_and_told_on_narrow_streams(
    environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    environ |= {"PYTHONIOENCODING": "cp1252", "GITHUB_OUTPUT": str(output)}
    given = [f"--branch={BRANCH}", f"--commit-message={MESSAGE}", "--commit-hash=" + "a" * 40]
    directory = site({"index.html": "home", "日本/ünï 🚀.txt": "x"})
    ended = run(
        str(directory), *given, "--commit-dirty", "-v", "--json", environ=environ, cwd=tmp_path
    )
    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout)["files"] == 2
    assert r"\u0432\u0435\u0442\u043a\u0430" in ended.stderr.decode("cp1252")
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (stored,) = emulator.store.deployments.all(project)
    assert (stored.trigger.branch, stored.trigger.commit_message) == (BRANCH, MESSAGE)
    assert stored.id in output.read_text("utf-8")


RESULTS = [["deployments", "list"], ["deployments", "list", "--json"], ["projects", "list"]]
OWN_TEXTS = [["--help"], ["--version"], ["deploy", "--help"]]


@needs_full
@pytest.mark.parametrize("command", [*RESULTS, *OWN_TEXTS], ids=" ".join)
def test_a_result_that_does_not_fit_is_one_sentence_and_exit_code_1(
    environ: dict[str, str], foreign: str, tmp_path: Path, command: list[str]
) -> None:
    ended = run(*command, environ=environ, cwd=tmp_path, shell='exec "$@" > /dev/full')
    assert ended.code == 1
    (error,) = ended.errors()
    assert "No space left on device" in error


@pytest.mark.parametrize("command", [*RESULTS, *OWN_TEXTS], ids=" ".join)
def test_a_reader_that_has_gone_ends_the_program_quietly(
    environ: dict[str, str], foreign: str, tmp_path: Path, command: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = run(*command, environ=environ, cwd=tmp_path, stdout=writing)
    finally:
        os.close(writing)
    # As a shell tells it of a program that SIGPIPE ended.
    assert ended.code == 141
    assert ended.stderr == b""


def test_a_deployment_that_nobody_reads_of_is_made_and_its_outputs_are_written(
    environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    directory = site({"index.html": "home"})
    environ["GITHUB_OUTPUT"] = str(tmp_path / "output")
    ended = run(str(directory), environ=environ, cwd=tmp_path, shell='"$@" | head -1; exit 0')
    assert ended.errors() == []
    assert ended.stdout.startswith(b"Environment:")
    (only,) = ids(emulator)
    assert only in (tmp_path / "output").read_text()


@needs_full
def test_a_deployment_whose_result_does_not_fit_is_made_and_its_address_told(
    environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    directory = site({"index.html": "home"})
    environ["GITHUB_OUTPUT"] = str(tmp_path / "output")
    environ["PAGES_DEPLOY_JSON_FILE"] = str(tmp_path / "output.json")
    ended = run(str(directory), environ=environ, cwd=tmp_path, shell='exec "$@" > /dev/full')
    assert ended.code == 1
    assert len(ended.errors()) == 1
    (only,) = ids(emulator)
    assert f"http://{only[:8]}.demo." in ended.stderr.decode()
    # Later steps get their outputs all the same.
    assert only in (tmp_path / "output").read_text()
    assert only in (tmp_path / "output.json").read_text()


CLOSED = {"stdout": ">&-", "stderr": "2>&-", "stdin": "<&-", "all": "<&- >&- 2>&-"}


@pytest.mark.parametrize("closing", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize("command", [["deployments", "list"], ["--version"]], ids=" ".join)
def test_a_stream_that_is_closed_stops_nothing(
    environ: dict[str, str], foreign: str, tmp_path: Path, command: list[str], closing: str
) -> None:
    ended = run(*command, environ=environ, cwd=tmp_path, shell=f'exec "$@" {closing}')
    assert ended.code == 0, ended.stderr
    assert ended.stderr == b""
    assert bool(ended.stdout) == (">&-" not in closing.replace("2>&-", ""))


@pytest.mark.parametrize("closing", CLOSED.values(), ids=CLOSED)
def test_a_deployment_is_made_whatever_stream_is_closed(
    environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path, closing: str
) -> None:
    directory = site({"index.html": "home"})
    environ["PAGES_DEPLOY_JSON_FILE"] = "out.json"
    ended = run(str(directory), environ=environ, cwd=tmp_path, shell=f'exec "$@" {closing}')
    assert ended.code == 0, ended.stderr
    # Nothing that was meant for a stream got into a file or a connection that took its number.
    assert json.loads((tmp_path / "out.json").read_text())["id"] == ids(emulator)[0]
    # 308 leads from `/index.html` to where Pages serves it.
    assert {request.status for request in emulator.requests} == {200, 308}


@pytest.mark.parametrize("closing", ["2>&-", "2> /dev/null"])
def test_an_error_that_nobody_can_read_still_has_its_exit_code(
    environ: dict[str, str], tmp_path: Path, closing: str
) -> None:
    ended = run("deploy", "nowhere", environ=environ, cwd=tmp_path, shell=f'exec "$@" {closing}')
    assert ended.code == 2


@needs_full
def test_an_error_that_does_not_fit_still_has_its_exit_code(
    environ: dict[str, str], tmp_path: Path
) -> None:
    ended = run("deploy", "nowhere", environ=environ, cwd=tmp_path, shell='exec "$@" 2> /dev/full')
    assert ended.code == 2


DELETED = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'


def test_in_a_directory_that_was_deleted_what_needs_none_works(
    environ: dict[str, str], foreign: str, site: BuildSite, tmp_path: Path
) -> None:
    ended = run("deployments", "list", "--json", environ=environ, cwd=tmp_path, shell=DELETED)
    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout)[0]["id"] == foreign
    directory = site({"index.html": "home"})
    ended = run(str(directory), environ=environ, cwd=tmp_path, shell=DELETED)
    assert ended.code == 0, ended.stderr


def test_in_a_directory_that_was_deleted_what_needs_it_is_exit_code_2(
    environ: dict[str, str], emulator: Emulator, tmp_path: Path
) -> None:
    before = emulator.requests
    ended = run("deploy", "dist", environ=environ, cwd=tmp_path, shell=DELETED)
    assert ended.code == 2
    (error,) = ended.errors()
    assert "dist does not exist" in error
    assert emulator.requests == before


def test_bytes_that_are_no_text_are_one_sentence(
    environ: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    before = emulator.requests
    for name in ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"):
        odd = {**environ, name: os.fsdecode(b"value-\xff")}
        ended = run("projects", "list", environ=odd, cwd=tmp_path)
        assert ended.code == 2
        (error,) = ended.errors()
        assert "valid UTF-8" in error
    assert emulator.requests == before


def remove_the_directory(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()


def put_a_directory_there(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


class Spoiling:
    """Spoils a file at the moment in which the emulator has answered a creation."""

    def __init__(self) -> None:
        self.file = Path()
        self.spoil: Callable[[Path], None] = lambda _file: None

    def __call__(self, line: str) -> None:
        if line.startswith("POST") and line.endswith("/deployments 200"):
            self.spoil(self.file)


@pytest.fixture
def spoiling() -> Spoiling:
    return Spoiling()


@pytest.fixture
def watched(spoiling: Spoiling, fake_time: FakeTime) -> Iterator[Emulator]:
    with Emulator(log=spoiling) as running, connected(running, fake_time):
        yield running


VARIABLES = ["GITHUB_OUTPUT", "PAGES_DEPLOY_JSON_FILE", "WRANGLER_OUTPUT_FILE_PATH"]


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    "spoil", [remove_the_directory, put_a_directory_there], ids=lambda one: one.__name__
)
def test_an_output_file_that_is_spoilt_during_the_deployment_costs_no_result(
    run_cli: RunCli,
    watched: Emulator,
    spoiling: Spoiling,
    site: BuildSite,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    variable: str,
) -> None:
    spoiling.file, spoiling.spoil = tmp_path / "outputs" / "file", spoil
    spoiling.file.parent.mkdir()
    good = {name: str(tmp_path / name) for name in VARIABLES}
    outcome = run_cli(
        str(site({"index.html": "home"})),
        environ={
            **watched.environ(),
            **good,
            "CF_PROJECT": PROJECT,
            "PAGES_DEPLOY_BRANCH": "main",
            variable: str(spoiling.file),
        },
    )
    (only,) = ids(watched)
    url = f"http://{only[:8]}.demo."
    assert outcome.exit_code == 1
    assert f"Deployment:  {url}" in outcome.stdout
    assert len([line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]) == 1
    assert str(spoiling.file) in outcome.stderr
    assert url in outcome.stderr.partition("Error: ")[2]
    # The others were written all the same.
    for name in VARIABLES:
        if name != variable:
            assert only in (tmp_path / name).read_text()


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_output_file_that_is_removed_during_the_deployment_is_written_anew(
    run_cli: RunCli,
    watched: Emulator,
    spoiling: Spoiling,
    site: BuildSite,
    tmp_path: Path,
    variable: str,
) -> None:
    spoiling.file, spoiling.spoil = tmp_path / "file", lambda file: file.unlink(missing_ok=True)
    spoiling.file.touch()
    outcome = run_cli(
        str(site({"index.html": "home"})),
        environ={
            **watched.environ(),
            "CF_PROJECT": PROJECT,
            "PAGES_DEPLOY_BRANCH": "main",
            variable: str(spoiling.file),
        },
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert ids(watched)[0] in spoiling.file.read_text()


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_output_file_that_cannot_be_written_is_exit_code_2_before_anything_is_sent(
    environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path, variable: str
) -> None:
    before = emulator.requests
    # A file stands where the directory should be, which nobody can put right.
    (tmp_path / "in-the-way").write_text("")
    environ[variable] = str(tmp_path / "in-the-way" / "file")
    ended = run(str(site({"index.html": "home"})), environ=environ, cwd=tmp_path)
    assert ended.code == 2
    assert len(ended.errors()) == 1
    assert emulator.requests == before
    assert asked(emulator, "POST", DEPLOYMENTS) == []
