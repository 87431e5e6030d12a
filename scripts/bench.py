"""How fast it is, as ratios of whole runs taken in turn: seconds differ by machine, ratios less.

Usage: python scripts/bench.py [--runs 5]     (or: make bench)

1. Start: `--version` to a bare interpreter.
2. Manifest: walking and hashing a site to reading its files and hashing them with blake3 alone.
3. Deployment to the emulator in another process: the first, and a second with nothing to upload.
   With wrangler in the tests' cache (`make test` puts it there), wrangler's to ours.
4. Serving: requests for a small file in each second of one core that the emulator uses.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from blake3 import blake3  # noqa: E402 - the path has to be right before

from pages_deploy.emulator.server import Emulator  # noqa: E402 - likewise
from pages_deploy.site.manifest import build_manifest  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pages-deploy-tests"
FILES = 2000
REQUESTS = 5000
ENTRYPOINT = [sys.executable, "-I", str(ROOT / "entrypoint.py")]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "site"
        make_site(site)
        compare(
            "start: --version / bare interpreter",
            lambda: run([*ENTRYPOINT, "--version"]),
            lambda: run([sys.executable, "-I", "-c", "pass"]),
            runs,
        )
        compare(
            "manifest / reading and blake3 alone",
            lambda: build_manifest(site),
            lambda: read_and_hash(site),
            runs,
        )
        deployments(site, runs)
        serving(Path(scratch) / "small")


def make_site(site: Path) -> None:
    """Write files of 1 to 64 KiB, each with its own content."""
    for number in range(FILES):
        file = site / f"part-{number % 40}" / f"page-{number}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blake3(str(number).encode()).digest(length=1024 * (1 + number % 64)))


def read_and_hash(site: Path) -> None:
    for folder, _, names in os.walk(site):
        for name in names:
            blake3((Path(folder) / name).read_bytes()).hexdigest()


def deployments(site: Path, runs: int) -> None:
    """Deploy to a fresh emulator each time, and a second time to the same one."""

    def first(command: list[str]) -> None:
        with Emulator() as emulator:
            run(command, {**emulator.environ(), "PAGES_DEPLOY_CREATE_PROJECT": "true"})

    ours = [*ENTRYPOINT, "-q", str(site), "--project-name=bench", "--branch=main"]
    with Emulator() as emulator:
        environ = {**emulator.environ(), "PAGES_DEPLOY_CREATE_PROJECT": "true"}
        run(ours, environ)
        compare(
            "first deployment / second, nothing new",
            lambda: first(ours),
            lambda: run(ours, environ),
            runs,
        )
        wrangler = find_wrangler()
        if wrangler:
            theirs = [*wrangler, "pages", "deploy", str(site), "--project-name=bench"]
            theirs += ["--branch=main", "--commit-dirty=true"]
            quiet = {**environ, "WRANGLER_SEND_METRICS": "false", "CI": "true"}
            compare(
                "wrangler / ours, nothing new to upload",
                lambda: run(theirs, quiet),
                lambda: run(ours, environ),
                runs,
            )


def serving(site: Path) -> None:
    """Ask an emulator in a process of its own for a small file, over one connection."""
    site.mkdir()
    (site / "page.html").write_text("<h1>A small page</h1>\n" * 80)
    (site / "_headers").write_text("/*\n  X-Frame-Options: DENY\n")
    command = [*ENTRYPOINT, "preview", str(site), "--port=0", "--quiet"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        said = process.stdout or ()
        address = next(line for line in said if line.startswith("Serving at "))
        connection = http.client.HTTPConnection(urlsplit(address.split()[2]).netloc)
        start = spent(process.pid)
        for _ in range(REQUESTS):
            connection.request("GET", "/page")
            answer = connection.getresponse()
            if (answer.status, len(answer.read())) != (200, 80 * 22):
                raise SystemExit(f"the emulator answers {answer.status}")
        print(f"serving: {REQUESTS / (spent(process.pid) - start):,.0f} requests a core's second")
        process.terminate()


def spent(process_id: int) -> float:
    """Return the seconds of processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def find_wrangler() -> list[str]:
    nodes = sorted(CACHE.glob("node-*/node_modules/node-*/bin/node"))
    scripts = sorted(CACHE.glob("wrangler-*/node_modules/wrangler/bin/wrangler.js"))
    return [str(nodes[-1]), str(scripts[-1])] if nodes and scripts else []


def run(command: list[str], environ: dict[str, str] | None = None) -> None:
    subprocess.run(  # noqa: S603 - our own programs
        command,
        env={"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), **(environ or {})},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def compare(what: str, one: Callable[[], object], other: Callable[[], object], runs: int) -> None:
    """Run both in turn and print the median of the ratios of their times."""
    one()
    other()
    ratios = [seconds(one) / seconds(other) for _ in range(runs)]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"{what}: {middle:.2f} (from {low:.2f} to {high:.2f} in {runs} runs)")


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
