"""The floors: import-linter sees an import that points up, and the documents show its contracts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pages_deploy"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
DOCUMENTS = [CONTRIBUTING, ROOT / "docs/architecture.md"]


def layers() -> list[set[str]]:
    """Return the rooms of each layer of the contract, from above."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (found,) = (one for one in contracts if one.get("containers") == ["pages_deploy"])
    return [set(re.split(r" [|:] ", layer)) for layer in found["layers"]]


def floors(document: Path) -> list[set[str]]:
    """Return the rooms of each floor in a document's picture, from above.

    A floor is a line that begins with its number; those that follow without one are on it too.
    """
    picture = document.read_text("utf-8").partition("## The floors")[2].split("```")[1]
    found: list[set[str]] = []
    for line in picture.strip().splitlines():
        number, words = line[:1].strip(), line[1:].strip()
        # A room is written with a slash; one alone may be followed by what it is for.
        rooms = re.findall(r"([a-z_]+)/", words.partition("   ")[0])
        if number:
            found.append(set())
        found[-1] |= set(rooms) or {words.split()[0]}
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_picture_of_the_floors_is_that_of_the_contract(document: Path) -> None:
    assert floors(document) == layers()


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_import_that_points_up_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "pages_deploy", ignore=shutil.ignore_patterns("*.pyc"))
    file = tmp_path / "pages_deploy/text/masking.py"
    lines = file.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("import "))
    lines.insert(number - 1, "import pages_deploy.api.client")
    file.write_text("\n".join(lines), "utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    told = re.sub(r"\s+", " ", done.stdout)
    assert f"pages_deploy.text.masking -> pages_deploy.api.client (l.{number})" in told


def paths() -> list[str]:
    """Return all that is a path among what CONTRIBUTING.md has in backticks."""
    words = re.findall(r"`([^`\n]+)`", CONTRIBUTING.read_text("utf-8"))
    words = [word.removeprefix("python ") for word in words]
    return [word for word in words if " " not in word and re.search(r"/|\.[a-z]+$|^Docker", word)]


@pytest.mark.parametrize("path", dict.fromkeys(paths()))
def test_every_path_of_contributing_exists(path: str) -> None:
    """In `ci/<name>.py` any name will do."""
    pattern = re.sub(r"<[a-z]+>", "*", path).rstrip("/")
    assert [*ROOT.glob(pattern), *PACKAGE.glob(pattern)]


def test_the_paths_of_contributing_are_found() -> None:
    assert {"settings/options.py", "scripts/action.sh", "Dockerfile", "cli/<group>.py"} <= set(
        paths()
    )
