"""Ctrl-C at the start of every door: the program ends with 130, quietly, whatever it is doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.world import inherited

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
DOORS = {
    "module": "runpy.run_module('pages_deploy', run_name='__main__', alter_sys=True)",
    "script": "from pages_deploy.cli.start import run; sys.exit(run())",
    "entrypoint": f"runpy.run_path({str(ROOT / 'entrypoint.py')!r}, run_name='__main__')",
}
# Sends itself a signal when a module is about to be imported; then goes through a door.
PROGRAM = """
import os, runpy, sys
module, number = sys.argv[1], int(sys.argv[2])
class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), number)
sys.meta_path.insert(0, Interrupter())
sys.argv = ["pages-deploy", "deploy", "nowhere"]
"""


def run(program: str, *arguments: str, environ: Mapping[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(
    "module",
    ["pages_deploy.cli.main", "click", "pages_deploy.settings.options", "requests", "blake3"],
)
@pytest.mark.parametrize("of", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_signal_while_modules_are_imported_ends_it(
    door: str, module: str, of: signal.Signals
) -> None:
    code, stdout, stderr = run(PROGRAM + door, module, str(int(of)), environ=inherited())
    assert code == 128 + of
    assert stdout == ""
    assert "Traceback" not in stderr
    assert len(stderr.splitlines()) <= 1


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_ctrl_c_before_signals_are_known_ends_it(door: str) -> None:
    # Without coverage, which imports this module before everything else.
    environ = {"PATH": os.environ["PATH"]}
    assert run(PROGRAM + door, "signal", "2", environ=environ) == (130, "", "")


def test_ctrl_c_while_an_error_is_told_ends_it() -> None:
    program = """
import os, sys
from pages_deploy.cli import main
from pages_deploy.reporting.console import Console
Console.fail = lambda *_: os.kill(os.getpid(), 2)
sys.argv = ["pages-deploy", "deploy", "nowhere"]
main.run()
"""
    code, stdout, stderr = run(program, environ=inherited())
    assert (code, stdout, stderr) == (130, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the other process")
def test_a_large_directory_is_hashed_by_two_processes(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number}.html").write_text(str(number))
    program = """
import os, sys
from pages_deploy.cli import main
from pages_deploy.site import hashing
hashing.processors = lambda: 2
fork = os.fork
os.fork = lambda: print("forked", flush=True) or fork()
sys.argv = ["pages-deploy", "check", sys.argv[1]]
main.run()
"""
    _, stdout, _ = run(program, str(tmp_path), environ=inherited())
    assert stdout.splitlines().count("forked") == 1


def test_no_guesser_of_encodings_is_imported_and_nobody_hears_of_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("home")
    program = """
import os, sys
from pages_deploy.cli.start import run_command_line
names = ("chardet", "charset_normalizer")
leave = os._exit
def tell(code):
    print([sys.modules.get(name) for name in names], "requests" in sys.modules, flush=True)
    leave(code)
os._exit = tell
sys.argv = ["pages-deploy", "check", sys.argv[1]]
run_command_line()
"""
    environ = {**inherited(), "PYTHONWARNINGS": "error"}
    code, stdout, stderr = run(program, str(tmp_path), environ=environ)
    assert (code, stderr.count("encod"), "Warning: " in stderr) == (0, 0, False)
    assert stdout.splitlines()[-1] == "[None, None] True"
