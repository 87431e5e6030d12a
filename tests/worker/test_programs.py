"""Programs are found where npm puts them; scripts, and what lies about, are not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pages_deploy.errors import SettingsError, WorkerError
from pages_deploy.worker import programs
from pages_deploy.worker.esbuild import ESBUILD, find_esbuild
from pages_deploy.worker.module_tree import Need
from pages_deploy.worker.programs import Search, find_program, system_name
from pages_deploy.worker.workerd import find_workerd

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs have other names there")

PLACE = f"node_modules/@esbuild/{system_name()}/bin/esbuild"
NEEDS = [Need("functions/a.ts", "it is TypeScript"), Need("b.js:1:2", "it contains JSX")]


def put(file: Path, content: bytes = b"\x7fELF...") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755)
    return file


def found(directory: Path, path: str = "", named: Path | None = None) -> Path | None:
    tool = find_program(ESBUILD, Search(directory, {"PATH": path}, named))
    return tool.file if tool is not None else None


def test_the_package_of_this_system_comes_before_what_is_linked(tmp_path: Path) -> None:
    put(tmp_path / "node_modules/.bin/esbuild")
    package = put(tmp_path / PLACE)
    assert found(tmp_path) == package


def test_what_is_linked_counts_once_it_is_a_program(tmp_path: Path) -> None:
    link = put(tmp_path / "node_modules/.bin/esbuild", b"#!/usr/bin/env node\n")
    assert found(tmp_path) is None
    put(link)
    assert found(tmp_path) == link


def test_pnpm_keeps_it_elsewhere(tmp_path: Path) -> None:
    kept = put(tmp_path / PLACE.replace("node_modules", "node_modules/.pnpm/node_modules"))
    assert found(tmp_path) == kept


def test_directories_above_are_looked_into_the_nearest_first(tmp_path: Path) -> None:
    far = put(tmp_path / PLACE)
    inner = tmp_path / "packages/site"
    inner.mkdir(parents=True)
    assert found(inner) == far
    near = put(tmp_path / "packages/node_modules/.bin/esbuild")
    assert found(inner) == near


def test_path_comes_before_node_modules(tmp_path: Path) -> None:
    put(tmp_path / PLACE)
    program = put(tmp_path / "bin/esbuild")
    assert found(tmp_path, f"{tmp_path / 'none'}{os.pathsep}{program.parent}") == program


@pytest.mark.parametrize("entry", ["", ".", "bin", "{here}"])
def test_path_does_not_lead_into_the_working_directory(
    tmp_path: Path, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "esbuild")
    put(tmp_path / "bin/esbuild")
    monkeypatch.chdir(tmp_path)
    assert found(tmp_path, f"{entry.format(here=tmp_path)}{os.pathsep}") is None


def test_a_script_on_path_is_passed_over(tmp_path: Path) -> None:
    """What npm, pnpm and yarn put there needs Node.js."""
    put(tmp_path / "first/esbuild", b"#!/bin/sh\n")
    (tmp_path / "second/esbuild").mkdir(parents=True)
    put(tmp_path / "third/esbuild").chmod(0o644)
    path = os.pathsep.join(str(tmp_path / name) for name in ("first", "second", "third"))
    assert found(tmp_path, path) is None


def test_the_named_one_wins_and_is_named_from_the_working_directory(tmp_path: Path) -> None:
    put(tmp_path / PLACE)
    named = put(tmp_path / "tools/es")
    assert found(tmp_path, named=Path("tools/es")) == named
    assert found(tmp_path, named=named) == named


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such file"), (b"#!/usr/bin/env node\n", "it is a script")]
)
def test_a_named_one_that_cannot_be_started_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    put(tmp_path / PLACE)
    if content is not None:
        put(tmp_path / "es", content)
    with pytest.raises(SettingsError, match=f"^ESBUILD: es .*{said}") as raised:
        found(tmp_path, named=Path("es"))
    assert PLACE in raised.value.hint


def test_the_images_own_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = put(tmp_path / "opt/esbuild")
    monkeypatch.setattr(programs, "__file__", str(tmp_path / "opt/programs.py"))
    assert found(tmp_path) == beside
    package = put(tmp_path / PLACE)
    assert found(tmp_path) == package


def test_no_token_is_passed_on(tmp_path: Path) -> None:
    put(tmp_path / PLACE)
    environ = {"CLOUDFLARE_API_TOKEN": "secret", "PATH": "/bin", "TMPDIR": "/t", "HOME": "/root"}
    tool = find_esbuild(Search(tmp_path, environ), NEEDS)
    assert tool.environ == {"TMPDIR": "/t"}


def test_without_esbuild_the_error_names_the_file_the_reason_and_the_line_that_gets_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(WorkerError) as raised:
        find_esbuild(Search(tmp_path), NEEDS)
    assert raised.value.message.startswith(
        "functions/a.ts: it is TypeScript (and 1 more), so the Worker has to be bundled. That "
        "needs esbuild, which is neither on PATH"
    )
    assert "npm install --save-dev esbuild" in raised.value.hint
    assert "ESBUILD" in raised.value.hint


def test_workerd_is_never_needed(tmp_path: Path) -> None:
    assert find_workerd(Search(tmp_path)) is None


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    put(tmp_path / PLACE, b"\x7fELF of another machine")
    tool = find_esbuild(Search(tmp_path), NEEDS)
    with pytest.raises(WorkerError, match="esbuild cannot be started") as raised:
        tool.run("--version", timeout_seconds=60)
    assert system_name() in raised.value.hint


def test_what_does_not_end_is_killed(tmp_path: Path) -> None:
    sleeper = programs.Tool("sleep", Path("/bin/sleep"), tmp_path, {})
    with pytest.raises(WorkerError, match=r"within 0\.05 seconds"):
        sleeper.run("3600", timeout_seconds=0.05)
