"""The processes of the Workers that are visited: one for each deployment, few at once.

1. A deployment's process starts at its first visit; who comes meanwhile waits for the same one.
2. One that has ended is started anew at the next visit.
3. Above `MAX_PROCESSES`, those that nobody has visited for longest are stopped; so is whoever has
   been idle for long. None is stopped during a visit.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.sites.workerd.failures import WorkerFailedError
from pages_deploy.emulator.sites.workerd.process import Launch, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.emulator.sites.workerd.config import WorkerSetup

MAX_PROCESSES: Final = 4
"""So many Workers run although nobody visits them; each takes some tens of megabytes."""

_IDLE_SECONDS: Final = 600.0
_LOOK_EVERY_SECONDS: Final = 60.0


@dataclass
class _Place:
    """Where the process of one deployment is, or will be."""

    starting: threading.Lock = field(default_factory=threading.Lock)
    process: WorkerProcess | None = None
    visits: int = 0
    left_at: float = 0.0


class WorkerPool:
    """The running Workers of one emulator."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._lock = threading.Lock()
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._closing = threading.Event()
        self._watch: threading.Thread | None = None

    @contextlib.contextmanager
    def visit(
        self, deployment_id: str, setup: Callable[[], WorkerSetup]
    ) -> Iterator[WorkerProcess]:
        """The process of a deployment, for as long as it is needed.

        `setup` tells what to start, where nothing runs. Raises WorkerFailedError.
        """
        place = self._enter(deployment_id)
        try:
            with place.starting:
                if place.process is None or not place.process.is_running:
                    place.process = self._started(place, setup())
                process = place.process
            yield process
        finally:
            self._leave(place)

    def deployment_of(self, secret: str) -> str | None:
        """The id of the deployment whose process knows this secret; None if none does."""
        with self._lock:
            for deployment_id, place in self._places.items():
                if place.process is not None and place.process.knows(secret):
                    return deployment_id
        return None

    def stop_idle(self, seconds: float) -> None:
        """Stop the processes that nobody has visited for so long."""
        left_before = time.monotonic() - seconds
        self._stop(lambda place: place.left_at <= left_before)

    def close(self) -> None:
        """Stop all of them, whoever visits, and start none any more."""
        self._closing.set()
        with self._lock:
            places, watch = list(self._places.values()), self._watch
            self._places.clear()
        for place in places:
            if place.process is not None:
                place.process.stop()
        if watch is not None:
            watch.join()

    def _enter(self, deployment_id: str) -> _Place:
        with self._lock:
            if self._closing.is_set():
                raise WorkerFailedError("end", "The emulator is closing.")
            place = self._places.setdefault(deployment_id, _Place())
            self._places.move_to_end(deployment_id)
            place.visits += 1
            if self._watch is None:
                self._watch = threading.Thread(target=self._stop_now_and_then, daemon=True)
                self._watch.start()
        return place

    def _leave(self, place: _Place) -> None:
        with self._lock:
            place.visits -= 1
            place.left_at = time.monotonic()
            surplus = len(self._places) - MAX_PROCESSES
        if surplus > 0:
            self._stop(lambda _place: True, at_most=surplus)

    def _started(self, place: _Place, setup: WorkerSetup) -> WorkerProcess:
        if place.process is not None:
            place.process.stop()
        # Known before it starts: a Worker may ask for its assets at once, and closing must find it.
        place.process = process = WorkerProcess(self._launch, setup)
        if self._closing.is_set():
            process.stop()
        process.start()
        return process

    def _stop(self, condition: Callable[[_Place], bool], *, at_most: int | None = None) -> None:
        """Stop those that meet a condition and that nobody visits, the first ones first."""
        with self._lock:
            found = [
                deployment_id
                for deployment_id, place in self._places.items()
                if not place.visits and condition(place)
            ]
            places = [self._places.pop(deployment_id) for deployment_id in found[:at_most]]
        for place in places:
            if place.process is not None:
                place.process.stop()

    def _stop_now_and_then(self) -> None:
        while not self._closing.wait(_LOOK_EVERY_SECONDS):
            self.stop_idle(_IDLE_SECONDS)
