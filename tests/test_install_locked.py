"""The demo's packages are installed without installing pip first."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from typing import TYPE_CHECKING

import pytest

from scripts import install_locked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """The Python of an environment without pip."""
    venv.create(tmp_path / "bare", with_pip=False)
    return str(tmp_path / "bare" / ("Scripts" if sys.platform == "win32" else "bin") / "python")


def command_in(python: str, base: str) -> tuple[list[str], dict[str, str]]:
    """Ask for pip's command in another environment."""
    code = (
        "from scripts.install_locked import pip_command; import json, sys;"
        "print(json.dumps(pip_command(sys.argv[1])))"
    )
    told = subprocess.run([python, "-c", code, base], capture_output=True, text=True, check=True)
    command, variables = json.loads(told.stdout)
    return command, variables


def test_an_environment_with_pip_uses_its_own() -> None:
    command, variables = install_locked.pip_command("no-such-python")
    assert (command, variables) == ([sys.executable, "-m", "pip"], {})


def test_without_it_the_pip_of_the_python_below_installs(bare: str) -> None:
    command, variables = command_in(bare, sys.executable)
    assert command == [sys.executable, "-m", "pip", "--python", bare]
    assert variables == {}


def test_without_any_pip_the_wheel_of_ensurepip_is_started_as_it_is(bare: str) -> None:
    command, variables = command_in(bare, bare)
    assert command == [bare, "-m", "pip"]
    done = subprocess.run(
        [*command, "--version"], env=variables, capture_output=True, text=True, check=True
    )
    assert ".whl" in done.stdout


def test_debians_place_of_the_wheel_is_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _name: str(tmp_path))
    assert install_locked.bundled_pip() != tmp_path / "pip-99-py3-none-any.whl"
    (tmp_path / "pip-99-py3-none-any.whl").touch()
    assert install_locked.bundled_pip() == tmp_path / "pip-99-py3-none-any.whl"


def test_where_the_system_has_no_pip_the_error_says_how_to_get_it(
    bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _name: None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        install_locked.pip_command(bare)
