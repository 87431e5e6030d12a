"""What is measured, part by part: each runs its tools in turn and returns its rows.

1. `start`: `--version` beside a bare interpreter.
2. `cold`: everything is missing. We, the floor, and the other tools.
3. `again`: nothing is missing.
4. `memory`: few large files.
5. `scale`: ten times as many files.
6. `latency`: nothing to upload, and each call takes 200 ms.
7. `bandwidth`: 100 ms a call, 200 Mbit/s a connection.
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench import measure, peers, sites
from bench.row import Row, seconds, spread
from bench.traffic import Server, in_a_row, share_used

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.measure import Sample
    from bench.peers import Tool
    from bench.sites import Site

LATENCY_SECONDS = 0.2
LINE_LATENCY_SECONDS = 0.1
LINE_BYTES_PER_SECOND = 200_000_000 // 8
LARGE_FILES = 40
# Of the time of a first deployment, ours to theirs.
TARGETS = {"wrangler": 0.15}
START_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Bar:
    """One bar of the chart: a tool's median time for a site."""

    site: str
    tool: str
    seconds: float


def start(runs: int) -> list[Row]:
    def of(*command: str) -> Sample:
        return measure.run(command, {}, cwd=peers.ROOT, timeout_seconds=START_TIMEOUT_SECONDS)

    # It takes a moment only, so that there may be more of it.
    found = measure.in_turn(
        runs * 3,
        {
            "ours": partial(of, *peers.ENTRYPOINT, "--version"),
            "bare": partial(of, sys.executable, "-I", "-c", "pass"),
        },
    )
    note = f"{seconds('ours', found['ours'])}, {seconds('bare', found['bare'])}"
    value = measure.ratio(walls(found["ours"]), walls(found["bare"]))
    return [Row("`--version` / `python -c pass`", "times", 3, value, note)]


def cold(runs: int, bars: list[Bar]) -> list[Row]:
    middle, big = sites.middle(), sites.big()
    others, missing = wanted(peers.wrangler, peers.cf_publish)
    middle_rows = cold_rows(middle, [peers.ours(), peers.floor(), *others], runs, bars)
    big_rows = cold_rows(big, [peers.ours(), peers.floor()], runs, bars)
    what = f"cold, {middle.files:,} files: wall, ours / "
    absent = [Row(what + name, "times", TARGETS.get(name), None, why) for name, why in missing]
    memory = big_rows.pop()
    middle_rows.pop()
    return [*middle_rows, *absent, *big_rows, memory]


def cold_rows(site: Site, tools: Sequence[Tool], runs: int, bars: list[Bar]) -> list[Row]:
    """Return processor time and wall to the floor's, wall to the others', and memory."""
    with Server() as server:
        found = measure.in_turn(
            runs, {tool.name: partial(peers.deploy, tool, site.root, server) for tool in tools}
        )
    ours, floor, *others = (found[tool.name] for tool in tools)
    bars += [
        Bar(site.name, tool.name, statistics.median(walls(found[tool.name]))) for tool in tools
    ]
    used = [[one.cpu_seconds for one in samples] for samples in (ours, floor)]
    files = f"{site.files:,} files"
    rows = [
        Row(
            f"cold, {files}: processor time, ours / the floor",
            "times",
            1.5,
            measure.ratio(*used),
            f"{spread('ours', used[0])}, {spread('the floor', used[1])}",
        ),
        compared(f"cold, {files}: wall, ours / the floor", 1.3, ours, floor),
    ]
    for tool, samples in zip(tools[2:], others, strict=True):
        name = tool.name.partition(" ")[0]
        what = f"cold, {files}: wall, ours / {name}"
        rows.append(compared(what, TARGETS.get(name), ours, samples, name))
    return [*rows, memory_row(site, 70, ours, floor)]


def again(runs: int) -> list[Row]:
    site = sites.big()
    with Server(holds_everything=True) as server:
        found = against_floor(site, server, runs)
    what = f"nothing new, {site.files:,} files: wall, ours / the floor"
    return [compared(what, 1.3, found["ours"], found["floor"])]


def memory(runs: int) -> list[Row]:
    site = sites.large(LARGE_FILES)
    with Server() as server:
        found = against_floor(site, server, runs)
    return [memory_row(site, 40, found["ours"], found["floor"])]


def scale(runs: int) -> list[Row]:
    small, large = sites.generated(10_000), sites.generated(100_000)
    with Server() as server:
        of = partial(peers.deploy, peers.ours())
        found = measure.in_turn(
            runs,
            {
                "large": partial(of, large.root, server),
                "small": partial(of, small.root, server),
            },
        )
    note = f"{seconds('100,000', found['large'])}, {seconds('10,000', found['small'])}"
    value = measure.ratio(walls(found["large"]), walls(found["small"]))
    return [
        Row("cold: wall, 100,000 files / 10,000 files", "times", 11, value, note),
        memory_row(large, 110, found["large"]),
    ]


def latency(runs: int) -> list[Row]:
    others, missing = wanted(peers.wrangler)
    site = peers.ROOT / "examples/site"
    chains: dict[str, list[int]] = {}
    with Server(latency_seconds=LATENCY_SECONDS, holds_everything=True) as server:

        def deploy(tool: Tool) -> Sample:
            sample = peers.deploy(tool, site, server)
            chains.setdefault(tool.name, []).append(in_a_row(server.calls()))
            return sample

        tools = [peers.ours(), *others]
        found = measure.in_turn(runs, {tool.name: partial(deploy, tool) for tool in tools})
    counts = [f"{name} {statistics.median(chain):.0f}" for name, chain in chains.items()]
    calls = statistics.median(chains[peers.ours().name])
    what = "200 ms a call, nothing to upload: "
    rows = [Row(f"{what}calls one after another", "calls", 5, calls, ", ".join(counts))]
    for tool in others:
        ours, theirs = found[peers.ours().name], found[tool.name]
        rows.append(compared(f"{what}wall, ours / wrangler", 0.45, ours, theirs, "wrangler"))
    rows += [Row(f"{what}wall, ours / {name}", "times", 0.45, None, why) for name, why in missing]
    return rows


def bandwidth(runs: int) -> list[Row]:
    return [line_row(site, runs) for site in (sites.middle(), sites.large(LARGE_FILES))]


def line_row(site: Site, runs: int) -> Row:
    """Return which share of three links the uploads of a site use."""
    shares = []
    with Server(
        latency_seconds=LINE_LATENCY_SECONDS, bytes_per_second=LINE_BYTES_PER_SECOND
    ) as server:
        for _ in range(runs):
            peers.deploy(peers.ours(), site.root, server)
            shares.append(share_used(server.calls(), LINE_BYTES_PER_SECOND))
    return Row(
        f"100 ms a call, 3 x 200 Mbit/s, {site.files:,} files: used of the links",
        "share",
        0.9,
        statistics.median(shares),
        f"from {min(shares):.0%} to {max(shares):.0%}",
        is_at_least=True,
    )


def wanted(*tools: Callable[[], Tool]) -> tuple[list[Tool], list[tuple[str, str]]]:
    """Return the tools that can be had, and the names of the others with the reason."""
    found, missing = [], []
    for tool in tools:
        try:
            found.append(tool())
        except peers.MissingError as error:
            missing.append((tool.__name__.replace("_", "-"), str(error)))
    return found, missing


def against_floor(site: Site, server: Server, runs: int) -> dict[str, tuple[Sample, ...]]:
    tools = {"ours": peers.ours(), "floor": peers.floor()}
    return measure.in_turn(
        runs, {key: partial(peers.deploy, tool, site.root, server) for key, tool in tools.items()}
    )


def compared(
    what: str,
    target: float | None,
    ours: Sequence[Sample],
    other: Sequence[Sample],
    name: str = "the floor",
) -> Row:
    """Return the row of the times of two."""
    note = f"{seconds('ours', ours)}, {seconds(name, other)}"
    return Row(what, "times", target, measure.ratio(walls(ours), walls(other)), note)


def memory_row(
    site: Site, target: float, ours: Sequence[Sample], floor: Sequence[Sample] = ()
) -> Row:
    """Return the row of the memory at its peak, the highest of all runs."""
    peak = max(sample.peak_megabytes for sample in ours)
    words = [f"{site.size_bytes / 1e6:,.0f} MB of files"]
    if floor:
        words.append(f"the floor {max(sample.peak_megabytes for sample in floor):.0f} MB")
    what = f"cold, {site.files:,} files: memory at its peak"
    return Row(what, "megabytes", target, peak, ", ".join(words))


def walls(samples: Sequence[Sample]) -> list[float]:
    return [sample.wall_seconds for sample in samples]
