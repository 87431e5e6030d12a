"""Several requests at once: by a few threads, until all are answered or one fails.

1. Each thread takes one task after another.
2. The first failure is raised at once, by the thread that waits; the others begin no new task.
3. The threads are daemons and the waiting thread wakes up often: after an interrupt (Ctrl-C, on
   Windows too) nobody waits for a silent server.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")

# How often the waiting thread wakes up.
WAKE_SECONDS = 0.2


class Stopped(Exception):  # noqa: N818 - not an error: a task ends because the others do
    """Another task failed or the user interrupted, so this one goes no further."""


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
