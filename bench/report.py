"""What came out: a table for the terminal, and docs/performance.md with its chart."""

from __future__ import annotations

import os
import platform
import subprocess
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.parts import Bar
    from bench.row import Row

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/performance.md"
PICTURE = "docs/pictures/performance.svg"
HEADING = ("what", "target", "measured", "of which")
# Of the terminal's table; a longer note goes on below.
NOTE_WIDTH = 60
# A load from which on times are not those of a quiet machine of two cores.
BUSY = 1.5
TEXT = """\
# Performance

`make bench` measures this and writes the page; every figure is of that one run.

![Seconds of a first deployment of {words}](pictures/performance.svg)

## What is measured

- A run is a whole process, from its start to its end, in an empty directory. The tools take turns;
  a ratio is the median of the ratios of {runs}, memory the highest of all, and of several
  processes that of the largest alone. 1 MB is a million bytes.
- The other end is a server on the same machine that only reads, in a process of its own: it answers
  as the API does and throws away what it gets. There is no TLS. Where it says so, each call takes
  longer, or a connection takes no more than some bytes a second.
- **The floor** is the least Python that can carry a deployment, `bench/floor.py`: hash the files,
  ask what is missing, send it by three connections, create the deployment. It checks nothing,
  repeats nothing and shows nothing.
- We deploy with `--verify off --no-changes`: the others do not ask what is served. All else is as
  it comes: rules, limits and secrets are checked.
- cf-publish knows one address of the API, which was changed for this.
- wrangler-action is no program of its own: its steps are taken by hand, on a Node that is there.
  It, and our Action, begin with no package and no cache of packages.
- The sites are documentation packages of Debian, or generated ones where they cannot be had:
{sites}

## What came out

{table}

{summary}

## Where

{facts}

## Again

`make bench` needs Linux or macOS; `make bench ONLY=cold` is one part, `make bench RUNS=1` a quick
look; either prints the table and leaves this page as it is. What cannot be had (apt-get, npm, the
package index) is left out, and the table says so.

The parts: {parts}.
"""


@dataclass(frozen=True)
class Circumstances:
    """What was run, where and when."""

    runs: int
    parts: Sequence[str]
    sites: Sequence[str]
    tools: Sequence[str]
    load_before: float
    """The machine's load, of the last minute before anything was measured."""


def table(rows: Sequence[Row]) -> str:
    """Return the rows for a terminal."""
    lines = [HEADING, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    shown = []
    for *cells, note in lines:
        wrapped = textwrap.wrap(note, NOTE_WIDTH) or [""]
        first = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        shown.append("  ".join([*first, wrapped[0]]).rstrip())
        shown += [" " * (sum(widths) + 6) + more for more in wrapped[1:]]
    return "\n".join(shown)


def write(root: Path, rows: Sequence[Row], bars: Sequence[Bar], about: Circumstances) -> None:
    """Write the page and its chart below a directory."""
    (root / PICTURE).write_text(chart.drawn(bars), "utf-8")
    (root / PAGE).write_text(page(rows, bars, about), "utf-8")


def page(rows: Sequence[Row], bars: Sequence[Bar], about: Circumstances) -> str:
    """Return the text of docs/performance.md."""
    return TEXT.format(
        runs=counted(about.runs, "round"),
        words="; ".join(
            f"{site}: {', '.join(f'{bar.tool} {bar.seconds:.1f}' for bar in group)}"
            for site, group in chart.groups(bars)
        ),
        sites="\n".join(f"  - {site}" for site in about.sites),
        table="\n".join(_markdown(rows)),
        summary=_summary(rows),
        facts="\n".join(f"- {fact}" for fact in facts(about)),
        parts=", ".join(f"`{part}`" for part in about.parts),
    )


def facts(about: Circumstances) -> list[str]:
    """Return when and where it was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = ", so that it was busy with other things too" if about.load_before >= BUSY else ""
    rounds = counted(about.runs, "round")
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, `make bench`, {rounds}; commit {_commit()}",
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, {_system()}",
        f"The machine's load just before: {about.load_before:.1f}{busy}",
        f"Python {platform.python_version()}; {', '.join(about.tools) or 'no other tool'}",
    ]


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _markdown(rows: Sequence[Row]) -> list[str]:
    lines = [HEADING, ("---",) * len(HEADING), *(row.cells() for row in rows)]
    return ["| " + " | ".join(cells).replace("  ", " ") + " |" for cells in lines]


def _summary(rows: Sequence[Row]) -> str:
    judged = [row.is_met for row in rows if row.target is not None]
    unknown = judged.count(None)
    text = f"{judged.count(True)} of {len(judged)} targets are met"
    return f"{text}; {unknown} could not be measured." if unknown else f"{text}."


def _commit() -> str:
    def said(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the one that is in PATH
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()

    try:
        commit = said("rev-parse", "--short=12", "HEAD")
        changes = said("status", "--porcelain", "--", "pages_deploy", "bench")
    except OSError:
        return "unknown"
    return f"`{commit or 'unknown'}`" + (" with changes" if changes else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)
