"""Several requests at once: by a few threads, until all are answered or one fails.

1. Each thread takes one task after another.
2. The first failure is raised at once, by the thread that waits; the others begin no new task.
3. The threads are daemons and the waiting thread wakes up often: after an interrupt (Ctrl-C, on
   Windows too) nobody waits for a silent server.

A single request whose answer is needed later only goes on beside the others: `Beside`.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from functools import partial
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")

# How often the waiting thread wakes up.
WAKE_SECONDS = 0.2


class Stopped(Exception):  # noqa: N818 - not an error: a task ends because the others do
    """Another task failed or the user interrupted, so this one goes no further."""


class Beside(Generic[T]):
    """One piece of work that goes on while its caller does something else."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._ended: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
        self._outcome: Callable[[], T] | None = None
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised again by whoever wants the result
            self._ended.put(partial(_raise, error))
        else:
            self._ended.put(lambda: result)

    def result(self) -> T:
        """Wait until it has ended, and return its result or raise what it has raised."""
        while self._outcome is None:
            with contextlib.suppress(queue.Empty):
                self._outcome = self._ended.get(timeout=WAKE_SECONDS)
        return self._outcome()


def _raise(error: Exception) -> NoReturn:
    raise error


def in_threads(
    work: Callable[[T], R],
    tasks: Iterable[T],
    *,
    threads: int,
    stop: threading.Event | None = None,
) -> list[R]:
    """Do `work` for every task, some at once, and return the results in the order of the tasks.

    Raises the first exception that `work` raises. `stop` is set as soon as no more is wanted: a
    long `work` should look at it, and raise Stopped.
    """
    stop = stop or threading.Event()
    todo: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
    results: dict[int, R] = {}
    count = 0
    for numbered in enumerate(tasks):
        todo.put(numbered)
        count += 1

    def run() -> None:
        while not stop.is_set():
            try:
                number, task = todo.get_nowait()
            except queue.Empty:
                return
            try:
                results[number] = work(task)
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001 - raised again by the waiting thread
                ended.put(error)
                return
            ended.put(None)

    try:
        for _ in range(min(threads, count)):
            threading.Thread(target=run, daemon=True).start()
        left = count
        while left:
            try:
                error = ended.get(timeout=WAKE_SECONDS)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            left -= 1
    finally:
        stop.set()
    return [results[number] for number in range(count)]
