"""The container's door: our own command line, or the program that a CI asks for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pages_deploy.cli.entrypoint import program_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("command", [["sh", "-c", "true"], ["cat"], ["tail", "-f", "/dev/null"]])
def test_a_program_that_a_runner_starts_is_found(command: list[str]) -> None:
    assert program_of(command) == shutil.which(command[0])
    assert program_of(command) is not None


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["-v"],
        ["deploy"],
        ["deploy", "dist"],
        ["preview"],
        ["emulator"],
        ["--", "sh"],
        ["neither-a-program-nor-a-directory"],
    ],
    ids=str,
)
def test_everything_else_is_ours(arguments: list[str]) -> None:
    assert program_of(arguments) is None


@pytest.mark.parametrize(
    "word", ["x" * 5000, "/" + "x" * 5000, "a/" * 3000, "\0", "a\0b", "\udcff", "", "."], ids=ascii
)
def test_a_word_that_can_be_no_program_is_ours(word: str) -> None:
    assert program_of([word]) is None
    assert program_of([word, "-c", "true"]) is None


def test_a_build_directory_is_a_directory_whatever_program_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert program_of(["sh"]) is not None
    (tmp_path / "sh").mkdir()
    assert program_of(["sh"]) is None


@pytest.mark.parametrize("word", ["tool", "./tool", "bin/tool", "{}/tool"])
def test_what_a_checkout_or_a_build_has_put_there_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Where a build directory should be, there may as well be a program."""
    for file in (tmp_path / "tool", tmp_path / "bin" / "tool"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{tmp_path}:bin")
    assert program_of([word.format(tmp_path)]) is None
