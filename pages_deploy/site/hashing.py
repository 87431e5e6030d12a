"""Hash the files of a build directory, by two processes where there is a second processor.

1. The files are cut into runs, whose numbers lie in a pipe. Whoever is free takes the next one.
2. A forked process does nothing but hash the runs that it takes; it writes the hashes into another
   pipe, and ends when no number is left.
3. A file that cannot be read, or wants a closer look, gets no hash: its place stays empty, and the
   caller says what is wrong, in the order of the files. So does whatever the other process leaves.

Two threads would wait for each other: most files are so small that Python itself is the work.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from pages_deploy.site.asset_hash import HASH_HEX_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pages_deploy.site.reading import FoundFile

    HashOne = Callable[[FoundFile], str | None]

# What takes as long as so many files is done before another process is of use; so many bytes take
# as long as a file.
WORTH_A_PROCESS = 500
BYTES_LIKE_A_FILE = 100_000
# Their numbers fit into the smallest pipe that Linux gives: a page.
MOST_RUNS = 1000
NUMBER_BYTES = 4
HASH_BYTES = HASH_HEX_DIGITS // 2
NO_HASH = bytes(HASH_BYTES)
# As much as the largest pipe holds.
READ_BYTES = 64 * 1024
# Those for which the command line has handlers.
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def hash_all(
    files: Sequence[FoundFile], hash_one: HashOne, on_hashed: Callable[[int], None]
) -> Iterator[str | None]:
    """Yield the hash of each file as `hash_one` returns it, or None, in the order of the files.

    `hash_one` must change nothing, for another process may call it. `on_hashed` is called with how
    many are hashed.
    """
    if _is_worth_a_process(files):
        hashes = _Shared(files, hash_one).hashes(on_hashed)
        if hashes is not None:
            yield from hashes
            on_hashed(len(files))
            return
    for number, file in enumerate(files, 1):
        yield hash_one(file)
        on_hashed(number)


def _is_worth_a_process(files: Sequence[FoundFile]) -> bool:
    # A fork of several threads may hold a lock of one that it does not have. macOS' own libraries
    # are not made for forks, and Windows has none.
    if sys.platform != "linux" or threading.active_count() > 1 or processors() < 2:
        return False
    size_bytes = sum(file.size_bytes for file in files)
    return len(files) > 1 and len(files) + size_bytes // BYTES_LIKE_A_FILE >= WORTH_A_PROCESS


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _without_signals() -> Iterator[None]:
    """Let signals wait: in a process just forked, this one's handlers would go on as this one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Shared:
    """The hashing of files by this process and one that it forks."""

    def __init__(self, files: Sequence[FoundFile], hash_one: HashOne) -> None:
        self._files = files
        self._hash_one = hash_one
        self._length = -(-len(files) // MOST_RUNS)
        self._hashes: list[str | None] = [None] * len(files)
        self._done = 0
        self._unread = b""

    def hashes(self, on_hashed: Callable[[int], None]) -> list[str | None] | None:
        """Return the hashes; None where the system allows no further process."""
        begun = self._begin()
        if begun is None:
            return None
        process, numbers, results = begun
        try:
            os.set_blocking(results, False)
            while number := os.read(numbers, NUMBER_BYTES):
                for place in self._places(int.from_bytes(number)):
                    self._hashes[place] = self._hash_one(self._files[place])
                    self._done += 1
                with contextlib.suppress(BlockingIOError):
                    self._take(os.read(results, READ_BYTES))
                on_hashed(min(self._done, len(self._files) - 1))
            os.set_blocking(results, True)
            while read := os.read(results, READ_BYTES):
                self._take(read)
        finally:
            os.close(numbers)
            os.close(results)
            # Where whoever has started this program ignores SIGCHLD, so does it, and nothing is
            # left of a process that has ended.
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
        return self._hashes

    def _begin(self) -> tuple[int, int, int] | None:
        """Fork; return the process, and where to read numbers of runs and what it has done."""
        runs = range(-(-len(self._files) // self._length))
        pipes: list[int] = []
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            numbers, fill, results, answer = pipes
            os.write(fill, b"".join(number.to_bytes(NUMBER_BYTES) for number in runs))
            with _without_signals():
                process = os.fork()
                if not process:
                    # Whoever could still write a number, or an answer, would keep the other one
                    # waiting.
                    self._be_the_second(numbers, answer, unused=(fill, results))
        except OSError:
            for one in pipes:
                os.close(one)
            return None
        os.close(fill)
        os.close(answer)
        return process, numbers, results

    def _be_the_second(self, numbers: int, answer: int, *, unused: tuple[int, int]) -> NoReturn:
        """Hash runs until none is left, and end without anything else that this process would."""
        try:
            for one in unused:
                os.close(one)
            for one in SIGNALS:
                signal.signal(one, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            # A collection would touch, and so copy, the memory that both have.
            gc.disable()
            # Writing fails once the first process has ended.
            while number := os.read(numbers, NUMBER_BYTES):
                os.write(answer, number + self._run_in_bytes(int.from_bytes(number)))
        finally:
            os._exit(0)

    def _run_in_bytes(self, number: int) -> bytes:
        hashes = (self._hash_one(self._files[place]) for place in self._places(number))
        return b"".join(NO_HASH if one is None else bytes.fromhex(one) for one in hashes)

    def _take(self, read: bytes) -> None:
        """Note the hashes of each run that has come as a whole."""
        self._unread += read
        while len(self._unread) >= NUMBER_BYTES:
            places = self._places(int.from_bytes(self._unread[:NUMBER_BYTES]))
            end = NUMBER_BYTES + len(places) * HASH_BYTES
            if len(self._unread) < end:
                return
            for place, start in zip(places, range(NUMBER_BYTES, end, HASH_BYTES), strict=True):
                one = self._unread[start : start + HASH_BYTES]
                self._hashes[place] = None if one == NO_HASH else one.hex()
            self._done += len(places)
            self._unread = self._unread[end:]

    def _places(self, number: int) -> range:
        start = number * self._length
        return range(start, min(start + self._length, len(self._files)))
