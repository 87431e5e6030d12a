"""The hashes of many files: the same by two processes as by one, whatever becomes of the other."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.site import hashing
from pages_deploy.site.hashing import MOST_RUNS, WORTH_A_PROCESS, hash_all
from pages_deploy.site.manifest import build_manifest
from pages_deploy.site.reading import FoundFile
from pages_deploy.site.secret_search import SecretSearch
from tests.site.secrets_made import SECRETS
from tests.world import unprivileged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import BuildSite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the other process")
MANY = WORTH_A_PROCESS + 7


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a process of one thread and two processors, which a test's need not be."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(hashing, "processors", lambda: 2)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the processes that are forked."""
    processes: list[int] = []
    fork = os.fork

    def noted() -> int:
        process = fork()
        if process:
            processes.append(process)
        return process

    monkeypatch.setattr(os, "fork", noted)
    return processes


def files(count: int, size_bytes: int = 1) -> list[FoundFile]:
    return [FoundFile(f"/{number}", "", size_bytes, number) for number in range(count)]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def name_as_hash(file: FoundFile) -> str:
    return f"{int(file.path[1:]) + 1:032x}"


def in_one_process(root: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(hashing, "processors", lambda: 1)
        return build_manifest(root)


@pytest.mark.parametrize(
    "count", [WORTH_A_PROCESS, MOST_RUNS - 1, MOST_RUNS + 1, 5 * MOST_RUNS + 3]
)
def test_each_hash_stands_at_the_place_of_its_file(count: int, forks: list[int]) -> None:
    done: list[int] = []
    several = files(count)
    assert list(hash_all(several, name_as_hash, done.append)) == list(map(name_as_hash, several))
    assert len(forks) == 1
    assert done == sorted(done)
    assert done[-1] == count
    assert done.count(count) == 1


def test_the_other_process_takes_its_share(forks: list[int]) -> None:
    here = os.getpid()
    first = threading.Event()

    def hash_slowly(file: FoundFile) -> str:
        if os.getpid() == here and not first.is_set():
            # Until the other one has come as far as the last file but those of this run.
            first.set()
            os.waitid(os.P_PID, forks[0], os.WEXITED | os.WNOWAIT)
        return f"{os.getpid():032x}"

    found = list(hash_all(files(MANY), hash_slowly, lambda _done: None))
    assert found.count(f"{forks[0]:032x}") >= MANY - 2
    assert found.count(f"{here:032x}") >= 1


def test_a_manifest_is_the_same_by_two_processes_as_by_one(
    site: BuildSite, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = site({f"{number % 7}/{number}.html": f"page {number}" for number in range(MANY)})
    by_two = build_manifest(root)
    assert len(forks) == 1
    assert by_two == in_one_process(root, monkeypatch)
    assert len(forks) == 1


def test_secrets_are_found_in_the_order_of_the_files_whoever_saw_them(
    site: BuildSite, forks: list[int]
) -> None:
    secret, _ = SECRETS["npm"]
    held = {f"{number:04}.txt": secret if number % 3 == 0 else "x" for number in range(MANY)}
    search = SecretSearch()
    build_manifest(site({**held, "a/.env": "x"}), search=search)
    assert len(forks) == 1
    expected = [f"/{name}" for name, content in held.items() if content == secret]
    assert [one.path for one in search.found] == [*expected, "/a/.env"]


def test_the_first_file_that_cannot_be_read_is_named(
    public_directory: Path, forks: list[int]
) -> None:
    for number in range(MANY):
        file = public_directory / f"{number:04}.txt"
        file.write_text("x")
        if number > 400 and number % 2:
            file.chmod(0)
    with unprivileged(), pytest.raises(DirectoryError, match=r"Cannot read /0401\.txt"):
        build_manifest(public_directory)
    problems: list[DirectoryError] = []
    with unprivileged():
        manifest = build_manifest(public_directory, on_problem=problems.append)
    assert len(problems) == len(range(401, MANY, 2))
    assert len([one for one in manifest.assets if one.path < "/1"]) == MANY - len(problems)
    assert len(forks) == 2


def of_this_process(here: int, then: Callable[[], None]) -> Callable[[FoundFile], str]:
    """Return who hashes here, and in any other process does something else."""

    def hash_one(file: FoundFile) -> str:
        if os.getpid() != here:
            then()
        return name_as_hash(file)

    return hash_one


def fail() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    "end", [fail, lambda: os.kill(os.getpid(), signal.SIGKILL)], ids=["raises", "is killed"]
)
def test_what_the_other_process_leaves_is_done_with_care(
    end: Callable[[], None], forks: list[int]
) -> None:
    several = files(MANY)
    found = list(hash_all(several, of_this_process(os.getpid(), end), lambda _done: None))
    assert len(forks) == 1
    left = [place for place, one in enumerate(found) if one is None]
    assert len(left) <= 1
    assert all(one == name_as_hash(file) for one, file in zip(found, several, strict=True) if one)


def test_an_interrupt_ends_the_other_process_too(forks: list[int]) -> None:
    here = os.getpid()

    def interrupted(file: FoundFile) -> str:
        if os.getpid() == here:
            raise KeyboardInterrupt
        signal.pause()
        return name_as_hash(file)

    with pytest.raises(KeyboardInterrupt):
        list(hash_all(files(MANY), interrupted, lambda _done: None))
    (process,) = forks
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_few_files_are_hashed_without_another_process(forks: list[int]) -> None:
    done: list[int] = []
    several = files(WORTH_A_PROCESS - 1)
    assert list(hash_all(several, name_as_hash, done.append)) == list(map(name_as_hash, several))
    assert done == list(range(1, WORTH_A_PROCESS))
    list(hash_all(files(1, 10**9), name_as_hash, done.append))
    assert forks == []


def test_few_large_files_are_worth_another_process(forks: list[int]) -> None:
    several = files(3, 20_000_000)
    hashes = list(map(name_as_hash, several))
    assert list(hash_all(several, name_as_hash, lambda _done: None)) == hashes
    assert len(forks) == 1


@pytest.mark.parametrize("call", ["fork", "pipe", "write"])
def test_where_the_system_allows_no_process_this_one_hashes_all(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = descriptors()
    done: list[int] = []

    def refused(*_: object) -> int:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refused)
        found = list(hash_all(files(MANY), name_as_hash, done.append))
    assert found == list(map(name_as_hash, files(MANY)))
    assert done == list(range(1, MANY + 1))
    assert descriptors() == before


@pytest.mark.parametrize("what", ["threads", "processors", "system"])
def test_nothing_is_forked_where_it_does_harm_or_no_good(
    what: str, forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "threads":
        monkeypatch.setattr(threading, "active_count", lambda: 2)
    elif what == "processors":
        monkeypatch.setattr(hashing, "processors", lambda: 1)
    else:
        monkeypatch.setattr(sys, "platform", "darwin")
    several = files(MANY)
    hashes = list(map(name_as_hash, several))
    assert list(hash_all(several, name_as_hash, lambda _done: None)) == hashes
    assert forks == []


def test_no_pipe_is_left_open(forks: list[int]) -> None:
    before = descriptors()
    list(hash_all(files(MANY), name_as_hash, lambda _done: None))
    assert len(forks) == 1
    assert descriptors() == before


def test_nothing_is_amiss_where_no_process_is_to_be_waited_for() -> None:
    """Who starts this one may have it ignore SIGCHLD, and then nothing is left of a process."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        found = list(hash_all(files(MANY), name_as_hash, lambda _done: None))
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert found == list(map(name_as_hash, files(MANY)))


def test_a_signal_at_once_ends_the_other_process_and_does_not_make_it_go_on_as_the_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fork, went_on = os.fork, tmp_path / "went-on"
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def interrupted() -> int:
        process = fork()
        if not process:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except BaseException:  # noqa: BLE001 - it must never go on as a test
                went_on.touch()
                os._exit(1)
        return process

    monkeypatch.setattr(os, "fork", interrupted)
    found = list(hash_all(files(MANY), name_as_hash, lambda _done: None))
    assert found == list(map(name_as_hash, files(MANY)))
    assert not went_on.exists()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == waiting
