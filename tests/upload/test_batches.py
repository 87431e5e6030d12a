"""Packing assets into batches: nothing is lost, nothing is sent twice, no limit is passed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.site.limits import MAX_FILE_BYTES
from pages_deploy.site.manifest import Asset
from pages_deploy.upload.batches import (
    LEAST_BATCH_BYTES,
    MAX_BATCH_BYTES,
    MAX_BATCH_FILES,
    make_batches,
    split,
)

if TYPE_CHECKING:
    from random import Random

MIB = 1024 * 1024
# Empty files are common, and many of equal size are the hard case of packing.
SIZE = st.integers(0, 120) | st.sampled_from([0, 100])
# A list without its length chosen first is short nearly always.
SIZES = st.integers(0, 60).flatmap(lambda count: st.lists(SIZE, min_size=count, max_size=count))


def assets_of(sizes: list[int]) -> list[Asset]:
    return [Asset(f"/{n}", size, f"{n:032x}", "text/plain") for n, size in enumerate(sizes)]


@given(SIZES, st.integers(1, 5), st.integers(1, 100), st.integers(1, 10))
def test_every_asset_is_in_exactly_one_batch(
    sizes: list[int], parallel: int, max_bytes: int, max_files: int
) -> None:
    assets = assets_of(sizes)
    batches = make_batches(assets, parallel=parallel, max_bytes=max_bytes, max_files=max_files)
    packed = [asset.path for asset in itertools.chain(*batches)]
    assert sorted(packed) == sorted(asset.path for asset in assets)
    assert all(batches)


@example([0] * 30, 3, 100, 5)
@example([1] * 30, 1, 100, 7)
@example([60] * 3, 1, 100, 10)
@example([51] * 9, 1, 100, 10)
@given(SIZES, st.integers(1, 5), st.integers(1, 100), st.integers(1, 10))
def test_no_batch_passes_a_limit_unless_it_is_a_single_large_asset(
    sizes: list[int], parallel: int, max_bytes: int, max_files: int
) -> None:
    for batch in make_batches(
        assets_of(sizes), parallel=parallel, max_bytes=max_bytes, max_files=max_files
    ):
        assert len(batch) <= max_files
        assert len(batch) == 1 or sum(asset.size_bytes for asset in batch) <= max_bytes


@given(SIZES, st.randoms(use_true_random=False))
def test_the_order_of_the_assets_does_not_matter(sizes: list[int], random: Random) -> None:
    assets = assets_of(sizes)
    shuffled = sorted(assets, key=lambda _asset: random.random())
    in_order = make_batches(assets, parallel=3, max_bytes=100)
    assert make_batches(shuffled, parallel=3, max_bytes=100) == in_order


@given(st.lists(st.integers(1, 10), min_size=3, max_size=30), st.integers(1, 3))
def test_there_are_as_many_batches_as_run_at_once(sizes: list[int], parallel: int) -> None:
    assert len(make_batches(assets_of(sizes), parallel=parallel)) == parallel


def test_one_asset_is_one_batch_and_none_is_none() -> None:
    assert len(make_batches(assets_of([5]), parallel=3)) == 1
    assert make_batches([], parallel=3) == []


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ([MIB] * 30, [10] * 3),
        ([MIB] * 59, [*[19] * 1, *[20] * 2]),
        ([MIB] * 60, [10] * 6),
        ([MIB] * 119, [*[13] * 7, *[14] * 2]),
        ([MIB] * 120, [10] * 12),
        ([MIB] * 480, [40] * 12),
        # No more than the limits allow; one more for each connection.
        ([MIB] * 481, [*[32] * 14, 33]),
        ([1] * 6000, [2000] * 3),
        ([1] * 6001, [*[1000] * 5, 1001]),
        # In pairs, for more do not go into one.
        ([20_000_000] * 40, [*[1] * 2, *[2] * 19]),
    ],
    ids=lambda given: f"{len(given)} of {given[0]}",
)
def test_each_connection_gets_as_much_in_as_many_batches(
    sizes: list[int], counts: list[int]
) -> None:
    batches = make_batches(assets_of(sizes), parallel=3)
    assert sorted(len(batch) for batch in batches) == counts


@given(SIZES, st.integers(1, 5), st.integers(1, 100), st.integers(1, 10))
def test_the_heaviest_batch_goes_first(
    sizes: list[int], parallel: int, max_bytes: int, max_files: int
) -> None:
    batches = make_batches(
        assets_of(sizes), parallel=parallel, max_bytes=max_bytes, max_files=max_files
    )
    weights = [sum(asset.size_bytes for asset in batch) for batch in batches]
    assert weights == sorted(weights, reverse=True)


def test_large_files_do_not_scatter_the_small_ones() -> None:
    sizes = [20 * MIB] * 20 + [1000] * 96
    batches = make_batches(assets_of(sizes), parallel=3)
    assert sorted(len(batch) for batch in batches) == [*[2] * 8, *[25] * 4]


@pytest.mark.parametrize("sizes", [[50, 50], [100, 0]], ids=str)
def test_a_batch_is_filled_to_its_last_byte(sizes: list[int]) -> None:
    assert len(make_batches(assets_of(sizes), parallel=1, max_bytes=100)) == 1


def test_the_limits_are_those_of_the_service() -> None:
    # workers-sdk, packages/wrangler/src/pages/constants.ts
    assert MAX_BATCH_BYTES == 41_943_040
    assert MAX_BATCH_FILES == 2000
    assert LEAST_BATCH_BYTES <= MAX_BATCH_BYTES
    assert MAX_FILE_BYTES <= MAX_BATCH_BYTES


@given(st.lists(st.integers(0, 9), min_size=2, max_size=30))
def test_halves_are_not_empty_and_hold_everything_once(sizes: list[int]) -> None:
    batch = tuple(assets_of(sizes))
    left, right = split(batch)
    assert left
    assert right
    assert abs(len(left) - len(right)) <= 1
    assert sorted(asset.path for asset in left + right) == sorted(asset.path for asset in batch)
