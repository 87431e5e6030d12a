"""A file that several write to: ours is added to what is there, and nothing of others is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import summary_file
from pages_deploy.ci.summary_file import add_to

if TYPE_CHECKING:
    from pathlib import Path

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")


def before_the_end(there: bytes) -> tuple[int, bytes]:
    """Put a letter before the last one."""
    return max(len(there) - 1, 0), b"x" + there[-1:]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "summary"


def test_a_missing_file_is_made(file: Path) -> None:
    add_to(str(file), before_the_end)
    assert file.read_bytes() == b"x"


@needs_locks
def test_what_is_there_is_read_and_its_end_is_written_anew(file: Path) -> None:
    file.write_bytes(b"a\xff.")
    add_to(str(file), before_the_end)
    add_to(str(file), before_the_end)
    assert file.read_bytes() == b"a\xffxx."


def test_what_stays_whole_is_only_appended_to(file: Path) -> None:
    file.write_bytes(b"a.")
    add_to(str(file), lambda there: (len(there), b"b"))
    assert file.read_bytes() == b"a.b"


def test_what_cannot_be_added_leaves_the_file_as_it_is(file: Path) -> None:
    def refuse(_there: bytes) -> tuple[int, bytes]:
        raise ValueError("full")

    file.write_bytes(b"a.")
    with pytest.raises(ValueError, match="full"):
        add_to(str(file), refuse)
    assert file.read_bytes() == b"a."


@needs_locks
def test_what_somebody_appends_meanwhile_is_not_lost(file: Path) -> None:
    def interrupted(there: bytes) -> tuple[int, bytes]:
        if there:
            with file.open("ab") as stream:
                stream.write(b"of another")
        return before_the_end(there)

    file.write_bytes(b"a.")
    add_to(str(file), interrupted)
    assert file.read_bytes() == b"a.of another\n\nx"


@needs_locks
def test_without_the_lock_ours_is_appended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none

    monkeypatch.setattr(summary_file, "LOCK_SECONDS", 0)
    file.write_bytes(b"a.")
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        add_to(str(file), before_the_end)
    assert file.read_bytes() == b"a.\n\nx"


@needs_locks
def test_a_file_system_without_locks_is_appended_to(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    file.write_bytes(b"a.")
    add_to(str(file), before_the_end)
    assert file.read_bytes() == b"a.\n\nx"


@needs_locks
def test_processes_that_add_at_once_all_have_their_part(file: Path) -> None:
    program = (
        "from pages_deploy.ci.summary_file import add_to\n"
        "for _ in range(20):\n"
        f"    add_to({str(file)!r}, lambda there: (max(len(there) - 1, 0), b'xyz' + there[-1:]))\n"
    )
    file.write_bytes(b".")
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert file.read_bytes() == b"xyz" * 60 + b"."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_gets_ours_alone(file: Path) -> None:
    os.mkfifo(file)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(file.read_bytes()), daemon=True)
    reader.start()
    add_to(str(file), before_the_end)
    reader.join(20)
    assert found == [b"x"]
