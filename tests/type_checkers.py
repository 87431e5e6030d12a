"""What type checkers say of programs that use the package."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[1]
# The packaging of pyright that brings all it needs along; `pyright` itself loads more at run time.
PYRIGHT = "basedpyright"


def mypy(files: Iterable[Path]) -> str:
    """Return what mypy complains of in programs, as strict as it is with the package."""
    # In the project's own folder, for its settings and its cache.
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *map(str, files)]
    return _output_of(command, ROOT)


def pyright(files: Iterable[Path]) -> str:
    """Return what pyright complains of in programs of one folder; skips where there is none."""
    program = shutil.which(PYRIGHT, path=Path(sys.executable).parent) or shutil.which(PYRIGHT)
    if program is None:
        pytest.skip(f"{PYRIGHT} is not installed")
    folder = next(iter(files)).parent
    settings = {
        "typeCheckingMode": "strict",
        "include": [file.name for file in files],
        "extraPaths": [str(ROOT)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = [program, "--pythonpath", sys.executable]
    output = _output_of(command, folder)
    return "\n".join(line for line in output.splitlines() if " - error: " in line)


CHECKERS: dict[str, Callable[[Iterable[Path]], str]] = {"mypy": mypy, "pyright": pyright}


def _output_of(command: list[str], directory: Path) -> str:
    run = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    return run.stdout
