"""Which programs may be started: those of the machine, none that a checkout brings along."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pages_deploy.ci.programs import (
    bare_environment,
    find_program,
    native_suffixes,
    run_program,
    search_path,
)


def program(folder: Path, name: str = "tool") -> Path:
    """Make a program."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\necho ran\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which this process works."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A directory of programs outside of any checkout."""
    return program(tmp_path / "bin").parent


def set_path(monkeypatch: pytest.MonkeyPatch, *folders: object) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "../checkout/bin", "{}/bin", "{}"])
def test_no_entry_of_path_leads_into_the_working_directory(
    checkout: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    program(checkout)
    program(checkout / "bin")
    set_path(monkeypatch, entry.format(checkout))
    assert find_program("tool", os.environ) is None
    set_path(monkeypatch, entry.format(checkout), machine)
    assert find_program("tool", os.environ) == str(machine / "tool")
    assert search_path(os.environ) == [str(machine)]


def test_no_link_leads_there_either(
    checkout: Path, machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(checkout / "bin")
    (tmp_path / "linked").symlink_to(checkout / "bin")
    program(checkout, "other")
    (machine / "other").symlink_to(checkout / "other")
    set_path(monkeypatch, tmp_path / "linked", machine)
    assert find_program("tool", os.environ) == str(machine / "tool")
    assert find_program("other", os.environ) is None


def test_a_working_directory_that_is_a_link_is_known_by_either_name(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(checkout / "bin")
    (tmp_path / "linked").symlink_to(checkout)
    monkeypatch.chdir("/")
    set_path(monkeypatch, checkout / "bin", tmp_path / "linked" / "bin")
    assert find_program("tool", os.environ, outside=[tmp_path / "linked"]) is None
    assert find_program("tool", os.environ, outside=[checkout]) is None
    assert find_program("tool", os.environ) == str(checkout / "bin" / "tool")


@pytest.mark.parametrize(
    "name", ["./tool", "bin/tool", "../bin/tool", "", ".", "..", "a\\b", "a\0"]
)
def test_a_relative_path_is_no_program(
    checkout: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    program(checkout)
    program(checkout / "bin")
    set_path(monkeypatch, machine)
    assert find_program(name, os.environ) is None


def test_an_absolute_path_is_one_unless_it_is_the_checkouts(checkout: Path, machine: Path) -> None:
    assert find_program(str(machine / "tool"), os.environ) == str(machine / "tool")
    assert find_program(str(program(checkout)), os.environ) is None


def test_what_cannot_be_run_is_passed_over(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "tool").mkdir(parents=True)
    program(tmp_path / "b").chmod(0o644)
    set_path(monkeypatch, tmp_path / "a", tmp_path / "b", machine)
    assert find_program("tool", os.environ) == str(machine / "tool")


def test_in_the_root_every_program_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a container works in `/`, all is below the working directory."""
    monkeypatch.chdir("/")
    assert find_program("sh", os.environ, outside=[Path("/")]) == shutil.which("sh")


@pytest.mark.parametrize(
    ("pathext", "name", "suffixes"),
    [
        (".COM;.EXE;.BAT;.CMD;.PY", "git", [".com", ".exe"]),
        (".EXE;.COM", "git", [".exe", ".com"]),
        (".EXE", "git.exe", [""]),
        (".EXE", "GIT.EXE", [""]),
        ("", "git", [".com", ".exe"]),
        (".PY;.JS", "git", [".com", ".exe"]),
    ],
)
def test_on_windows_a_programs_suffix_is_found_and_no_script_is_run(
    pathext: str, name: str, suffixes: list[str]
) -> None:
    assert list(native_suffixes("nt", pathext, name)) == suffixes
    assert list(native_suffixes("posix", pathext, name)) == [""]


def test_a_program_gets_what_it_needs_and_no_token(
    machine: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_path(monkeypatch, machine, checkout)
    monkeypatch.setenv("HOME", "/home/a")
    monkeypatch.setenv("SYSTEMROOT", "C:\\Windows")
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "secret")
    monkeypatch.setenv("TOOL_PLACE", "here")
    bare = {"PATH": str(machine), "HOME": "/home/a", "SYSTEMROOT": "C:\\Windows"}
    assert bare_environment(os.environ) == bare
    assert bare_environment(os.environ, prefixes=("TOOL_",)) == {**bare, "TOOL_PLACE": "here"}
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("USERPROFILE", "C:\\Users\\a")
    assert bare_environment(os.environ)["HOME"] == "C:\\Users\\a"


def test_a_program_that_fails_is_an_error_without_its_arguments(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "bad").chmod(0o755)
    with pytest.raises(OSError, match="bad failed: CalledProcessError") as info:
        run_program(str(tmp_path / "bad"), "secret", environ={})
    assert "secret" not in str(info.value)
    with pytest.raises(OSError, match="No such file"):
        run_program(str(tmp_path / "gone"), environ={})
