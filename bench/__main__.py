"""How fast it is, mostly as ratios of whole processes: seconds differ by machine, ratios less.

Usage: python -m bench [--runs 5] [--only PART]     (or: make bench RUNS=5 ONLY=cold)

Prints one table. A run of all parts also writes docs/performance.md, unless it was a quick look of
fewer than five rounds; `--write` writes it all the same.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from bench import parts, peers, report, sites
from bench.fresh_runner import action
from bench.measure import MeasureError
from bench.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.row import Row

RUNS = 5


def main() -> None:
    load_before = os.getloadavg()[0]
    bars: list[parts.Bar] = []
    named: dict[str, Callable[[int], list[Row]]] = {
        "start": parts.start,
        "cold": partial(parts.cold, bars=bars),
        "again": parts.again,
        "memory": parts.memory,
        "scale": parts.scale,
        "latency": parts.latency,
        "bandwidth": parts.bandwidth,
        "action": action,
        "serving": serving,
    }
    given = arguments(list(named))
    rows: list[Row] = []
    failed = []
    for name in [given.only] if given.only else named:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            rows += named[name](given.runs)
        except MeasureError as error:
            failed.append(f"{name}: {error}")
    print(report.table(rows))
    if failed:
        raise SystemExit("\n".join(failed))
    if not given.only and (given.runs >= RUNS or given.write):
        tools, _ = parts.wanted(peers.wrangler, peers.cf_publish)
        used = (
            *(sites.middle(), sites.big()),
            *(sites.generated(10_000), sites.generated(100_000), sites.large(parts.LARGE_FILES)),
        )
        about = report.Circumstances(
            given.runs,
            list(named),
            [site.words for site in dict.fromkeys(used)],
            [tool.name for tool in tools],
            load_before,
        )
        report.write(report.ROOT, rows, bars, about)
        print(f"{report.PAGE} is written.", file=sys.stderr)


def arguments(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", choices=names)
    parser.add_argument("--write", action="store_true", help="write the page after fewer rounds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
