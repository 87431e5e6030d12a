"""Assets -> batches, one for each upload request. Pure.

1. Take the assets from the largest to the smallest.
2. Decide how many batches there must be for the limits, and at least as many as run at once.
3. Give each asset to the batch that is lightest so far.

The service takes 40 MiB and 2,000 files in a request (workers-sdk, `pages/upload.ts`). We stay
well below: a request that must be repeated costs less, and on a slow line it ends before the
gateway loses patience. A single file may be larger than the aim, never than the limit.
"""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.site.manifest import Asset

MAX_BATCH_BYTES = 40 * 1024 * 1024
MAX_BATCH_FILES = 2000

AIMED_BATCH_BYTES = 10 * 1024 * 1024
AIMED_BATCH_FILES = 1000

Batch = tuple["Asset", ...]


def make_batches(
    assets: Iterable[Asset],
    *,
    parallel: int,
    max_bytes: int = AIMED_BATCH_BYTES,
    max_files: int = AIMED_BATCH_FILES,
) -> list[Batch]:
    """Pack assets so that no batch has more than `max_files` assets or `max_bytes` raw bytes.

    An asset larger than `max_bytes` gets a batch of its own. Every asset is in exactly one batch.
    """
    ordered = sorted(assets, key=lambda asset: (-asset.size_bytes, asset.path))
    large = list(itertools.takewhile(lambda asset: asset.size_bytes > max_bytes, ordered))
    small = ordered[len(large) :]
    wanted = max(
        min(parallel, len(small)),
        _ceil(sum(asset.size_bytes for asset in small), max_bytes),
        _ceil(len(small), max_files),
    )
    # Lightest first; the second member keeps the order stable among equals.
    numbers = itertools.count()
    open_batches: list[tuple[int, int, list[Asset]]]
    open_batches = [(0, next(numbers), []) for _ in range(wanted)]
    full: list[list[Asset]] = []
    for asset in small:
        while open_batches and len(open_batches[0][2]) >= max_files:
            full.append(heapq.heappop(open_batches)[2])
        if not open_batches or open_batches[0][0] + asset.size_bytes > max_bytes:
            # Even the lightest has no room left, so another one is needed.
            heapq.heappush(open_batches, (asset.size_bytes, next(numbers), [asset]))
            continue
        size_bytes, number, members = open_batches[0]
        members.append(asset)
        heapq.heapreplace(open_batches, (size_bytes + asset.size_bytes, number, members))
    packed = [*full, *(members for _, _, members in sorted(open_batches, key=lambda b: b[:2]))]
    return [(asset,) for asset in large] + [tuple(members) for members in packed if members]


def split(batch: Batch) -> tuple[Batch, Batch]:
    """Cut a batch of at least two assets in halves; every other asset goes to either side."""
    return batch[::2], batch[1::2]


def _ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)
