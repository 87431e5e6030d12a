"""What is measured really deploys, and what fails says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bench import measure, parts, peers, sites
from bench.fresh_runner import action
from bench.traffic import Server, in_a_row, share_used

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.peers import Tool
    from bench.row import Row
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes of Unix")

FILES: dict[str, bytes | str] = {
    "index.html": "<h1>home</h1>\n",
    "copy.html": "<h1>home</h1>\n",
    "guide/index.html": "<h1>guide</h1>\n",
    "LICENSE": "a file without extension\n",
    "picture.png": bytes(range(256)) * 20_000,
}
UPLOAD = "POST /client/v4/pages/assets/upload"


@pytest.mark.slow
def test_the_floor_makes_a_deployment_that_serves_each_file(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    command = peers.floor().command(site(FILES))
    environ = {**os.environ, **emulator.environ()}
    subprocess.run(command, env=environ, check=True, timeout=60)
    (made,) = client.deployments.newest("demo")
    record = emulator.store.deployments.find(made.id)
    assert record is not None
    stored = {path: emulator.store.deployments.asset_at(record, f"/{path}") for path in FILES}
    assert {path for path, asset in stored.items() if asset is None} == set()
    assert record.file_count == len(FILES)


@pytest.mark.slow
@pytest.mark.parametrize("tool", [peers.floor(), peers.ours()], ids=lambda tool: tool.name)
def test_everything_is_sent_to_a_server_that_has_nothing(tool: Tool, site: BuildSite) -> None:
    root = site(FILES)
    with Server() as server:
        sample = peers.deploy(tool, root, server)
        calls = server.calls()
    assert min(sample.wall_seconds, sample.cpu_seconds, sample.peak_megabytes) > 0
    assert sum(call.body_bytes for call in calls if call.name == UPLOAD) > 256 * 20_000
    assert any(call.name.startswith("POST") and "/deployments" in call.name for call in calls)
    assert 0 < in_a_row(calls) <= len(calls)
    assert all(sample.begin <= call.begin <= call.end for call in calls)


@pytest.mark.slow
@pytest.mark.parametrize("tool", [peers.floor(), peers.ours()], ids=lambda tool: tool.name)
def test_nothing_is_sent_to_a_server_that_has_it_all(tool: Tool, site: BuildSite) -> None:
    root = site(FILES)
    with Server(holds_everything=True) as server:
        peers.deploy(tool, root, server)
        assert UPLOAD not in Counter(call.name for call in server.calls())


@pytest.mark.slow
def test_a_slow_server_reads_no_faster_and_answers_no_sooner_than_told(site: BuildSite) -> None:
    root = site(FILES)
    with Server(latency_seconds=0.05, bytes_per_second=40_000_000) as server:
        peers.deploy(peers.floor(), root, server)
        calls = server.calls()
    assert min(call.end - call.begin for call in calls) >= 0.05
    # Of three links it can use one at a time for its largest file, or less.
    assert 0 < share_used(calls, 40_000_000) < 1


def test_a_command_that_fails_says_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('first\\nthe disk is full')"]
    with pytest.raises(measure.MeasureError, match="failed: the disk is full"):
        measure.run(command, {}, cwd=tmp_path, timeout_seconds=60)


def test_a_command_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(measure.MeasureError, match=r"/nobody failed: FileNotFoundError"):
        measure.run([str(tmp_path / "nobody")], {}, cwd=tmp_path, timeout_seconds=60)


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    with pytest.raises(measure.MeasureError, match="did not end in 0 s"):
        measure.run(command, {}, cwd=tmp_path, timeout_seconds=0.2)


def test_tools_take_turns() -> None:
    order = []

    def sample(name: str) -> measure.Sample:
        order.append(name)
        return measure.Sample(0, len(order), 1, 1)

    found = measure.in_turn(2, {"a": lambda: sample("a"), "b": lambda: sample("b")})
    assert order == ["a", "b", "a", "b"]
    assert [one.wall_seconds for one in found["b"]] == [2, 4]


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert measure.ratio([1, 6, 40], [2, 2, 4]) == 3


def test_without_npm_there_is_no_wrangler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(peers.MissingError, match="there is no npm"):
        peers.wrangler()


def test_without_an_index_there_is_no_cf_publish(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "CACHE", tmp_path)
    monkeypatch.setattr(sys, "executable", str(shutil.which("false")))
    with pytest.raises(peers.MissingError, match="pip does not install it"):
        peers.cf_publish()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def without_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(peers, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(peers, "_install", install_nothing)


def install_nothing(home: Path, requirement: str) -> None:
    raise OSError(f"{requirement} cannot be put into {home}")


@pytest.fixture
def small(site: BuildSite, monkeypatch: pytest.MonkeyPatch) -> sites.Site:
    """The site that each part deploys here."""
    made = sites.Site(site(FILES), "small", len(FILES), 5_120_000)
    for name in ("middle", "big"):
        monkeypatch.setattr(sites, name, lambda: made)
    for name in ("generated", "large"):
        monkeypatch.setattr(sites, name, lambda _: made)
    return made


@pytest.mark.slow
@pytest.mark.usefixtures("without_tools", "small")
def test_a_cold_deployment_has_a_row_for_each_tool_also_where_it_cannot_be_had() -> None:
    bars: list[parts.Bar] = []
    rows = parts.cold(1, bars)
    assert [row.what.rpartition(": ")[2] for row in rows] == [
        "processor time, ours / the floor",
        "wall, ours / the floor",
        "wall, ours / wrangler",
        "wall, ours / cf-publish",
        "processor time, ours / the floor",
        "wall, ours / the floor",
        "memory at its peak",
    ]
    assert [row.note for row in rows if row.value is None] == [
        "there is no npm",
        "pip does not install it",
    ]
    assert [bar.tool for bar in bars] == ["pages-deploy", "the floor"] * 2
    assert all(row.value > 0 for row in rows if row.value is not None)


@pytest.mark.slow
@pytest.mark.usefixtures("without_tools", "small")
@pytest.mark.parametrize(
    ("part", "units"),
    [
        (parts.again, ["times"]),
        (parts.memory, ["megabytes"]),
        (parts.scale, ["times", "megabytes"]),
        (parts.bandwidth, ["share", "share"]),
        (parts.latency, ["calls", "times"]),
        (action, ["times"]),
    ],
)
def test_a_part_has_its_rows(part: Callable[[int], list[Row]], units: list[str]) -> None:
    rows = part(1)
    assert [row.unit for row in rows] == units
    for row in rows:
        assert (row.value is None) == (row.note == "there is no npm")
        assert row.target is not None


@pytest.mark.slow
def test_one_part_prints_its_rows_and_writes_no_page() -> None:
    page = peers.ROOT / "docs/performance.md"
    before = page.read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--runs", "1", "--only", "start"],
        cwd=peers.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "`--version` / `python -c pass`" in done.stdout
    assert page.read_text("utf-8") == before
