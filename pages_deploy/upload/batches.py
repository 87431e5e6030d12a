"""Assets -> batches, one for each upload request. Pure.

1. Decide how many requests each connection shall send: few, for each has to wait for an answer in
   which its line does nothing; but some, so that what must be repeated is not too much.
2. Take the assets from the largest to the smallest, each for the batch that is lightest so far, so
   that all connections end at about the same time.
3. Send the heaviest first.

The service takes 40 MiB and 2,000 files in a request (workers-sdk, `pages/upload.ts`).
"""

from __future__ import annotations

import heapq
import itertools
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.site.manifest import Asset

MAX_BATCH_BYTES = 40 * 1024 * 1024
MAX_BATCH_FILES = 2000

# Of a large site each connection sends as many, as long as none of them is smaller than this.
REQUESTS_EACH = 4
LEAST_BATCH_BYTES = 10 * 1024 * 1024

Batch = tuple["Asset", ...]


def make_batches(
    assets: Iterable[Asset],
    *,
    parallel: int,
    max_bytes: int = MAX_BATCH_BYTES,
    max_files: int = MAX_BATCH_FILES,
) -> list[Batch]:
    """Pack assets so that no batch has more than `max_files` assets or `max_bytes` raw bytes.

    `parallel` is how many requests run at once. An asset larger than `max_bytes` gets a batch of
    its own. Every asset is in exactly one batch.
    """
    # Two sorts need no key for each asset that would have to be made.
    ordered = sorted(assets, key=attrgetter("path"))
    ordered.sort(key=attrgetter("size_bytes"), reverse=True)
    total_bytes = sum(asset.size_bytes for asset in ordered)
    each = max(
        min(REQUESTS_EACH, total_bytes // (parallel * LEAST_BATCH_BYTES)),
        _ceil(total_bytes, parallel * max_bytes),
        _ceil(len(ordered), parallel * max_files),
    )
    # Lightest first; the second member keeps the order stable among equals.
    numbers = itertools.count()
    open_batches: list[tuple[int, int, list[Asset]]]
    open_batches = [(0, next(numbers), []) for _ in range(min(parallel * each, len(ordered)))]
    full: list[tuple[int, int, list[Asset]]] = []
    for asset in ordered:
        while open_batches and len(open_batches[0][2]) >= max_files:
            full.append(heapq.heappop(open_batches))
        if not open_batches or open_batches[0][0] + asset.size_bytes > max_bytes:
            # Even the lightest has no room left, so another one is needed.
            heapq.heappush(open_batches, (asset.size_bytes, next(numbers), [asset]))
            continue
        size_bytes, number, members = open_batches[0]
        members.append(asset)
        heapq.heapreplace(open_batches, (size_bytes + asset.size_bytes, number, members))
    heaviest_first = sorted(full + open_batches, key=lambda one: (-one[0], one[1]))
    return [tuple(members) for _, _, members in heaviest_first if members]


def split(batch: Batch) -> tuple[Batch, Batch]:
    """Cut a batch of at least two assets in halves; every other asset goes to either side."""
    return batch[::2], batch[1::2]


def _ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)
