"""Wait until the files below some directories have changed, and have come to rest.

By looking again and again: what tells of changes by itself differs from system to system, does not
cross the mounts of containers, and loses some.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pages_deploy.clock import Timer

LOOK_EVERY_SECONDS = 0.5
# A site with more files than Pages takes is not going to be deployed.
MOST_FILES = 150_000

Snapshot = dict[str, tuple[int, int]]


def wait_for_changes(places: Iterable[Path], before: Snapshot, timer: Timer) -> Snapshot:
    """Return what is there once it differs from `before` and no longer changes.

    A build empties its output first: nothing at all, and what changes between two looks, is not
    the end of one.
    """
    places = tuple(places)
    latest = before
    while True:
        timer.sleep(LOOK_EVERY_SECONDS)
        now = snapshot(places)
        if now and now == latest and now != before:
            return now
        latest = now


def snapshot(places: Iterable[Path]) -> Snapshot:
    """Return size and time of change of every file at or below some places, by its path."""
    found: Snapshot = {}
    for place in places:
        for path in _files(place):
            try:
                status = path.stat()
            except (OSError, ValueError):
                # Gone meanwhile, or a link that leads nowhere.
                continue
            found[str(path)] = (status.st_mtime_ns, status.st_size)
            if len(found) >= MOST_FILES:
                return found
    return found


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, _, names in os.walk(place):
        for name in names:
            yield Path(folder, name)
