"""Time from a fresh runner to a deployed site: the Action beside `npm install wrangler`.

Usage: python scripts/compare_with_wrangler.py [--runs 3]

Each run has empty caches of its own and a fresh emulator in this process; the two take turns.
1. Ours: scripts/action.sh, as a runner starts it: find Python, install the locked wheels, deploy.
2. Theirs: `npm install wrangler`, then `wrangler pages deploy`, on the Node that the tests have put
   into their cache (`make test` does); a runner's own would be there too.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pages_deploy.emulator.server import Emulator  # noqa: E402 - the path has to be right before

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pages-deploy-tests"
FILES = 1000
WRANGLER = "wrangler@4"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    nodes = sorted(CACHE.glob("node-*/node_modules/node-*/bin/node"))
    if not nodes:
        raise SystemExit(f"No Node for wrangler in {CACHE}: run `make test` before.")
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "site"
        make_site(site)
        for number in range(runs):
            ours = timed(Path(scratch) / f"ours-{number}", site, nodes[-1], with_wrangler=False)
            theirs = timed(Path(scratch) / f"theirs-{number}", site, nodes[-1], with_wrangler=True)
            ratios.append(ours / theirs)
            print(f"run {number + 1}: ours {ours:.1f} s, wrangler {theirs:.1f} s")
    print(
        f"install and deploy {FILES} files, ours / wrangler: {statistics.median(ratios):.2f} "
        f"(from {min(ratios):.2f} to {max(ratios):.2f} in {runs} runs)"
    )


def make_site(site: Path) -> None:
    """Write files of 1 to 32 KiB, each with its own content."""
    source = random.Random(1)  # noqa: S311 - no secret
    for number in range(FILES):
        file = site / f"part-{number % 20}" / f"page-{number}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.randbytes(1024 * (1 + number % 32)))


def timed(home: Path, site: Path, node: Path, *, with_wrangler: bool) -> float:
    """Install into an empty home and deploy; returns the seconds."""
    home.mkdir()
    with Emulator() as emulator:
        environ = {
            **os.environ,
            **emulator.environ(),
            "CI": "true",
            "PAGES_DEPLOY_PROJECT_NAME": "bench",
            "PAGES_DEPLOY_CREATE_PROJECT": "true",
        }
        if with_wrangler:
            # Wrangler asks before it creates a project, so that here it exists; not timed.
            run([sys.executable, str(ROOT / "entrypoint.py"), *create(home)], environ)
        begin = time.perf_counter()
        if with_wrangler:
            install_and_deploy_with_wrangler(home, site, node, environ)
        else:
            install_and_deploy(home, site, environ)
        seconds = time.perf_counter() - begin
        count = sum(
            request.method == "POST" and request.path.endswith("/bench/deployments")
            for request in emulator.requests
        )
        if count != 1 + with_wrangler:
            raise SystemExit(f"There are {count} deployments.")
    return seconds


def create(home: Path) -> list[str]:
    """Return the arguments that create the project, by deploying one other file."""
    other = home / "other"
    other.mkdir()
    (other / "index.html").write_text("another site", "utf-8")
    return ["-q", str(other), "--branch=main"]


def install_and_deploy(home: Path, site: Path, environ: dict[str, str]) -> None:
    runner = {
        "PIP_NO_CACHE_DIR": "1",
        "PAGES_DEPLOY_PYTHON": sys.executable,
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(home),
        "INPUT_DIRECTORY": str(site),
        "INPUT_BRANCH": "main",
    }
    run(["bash", str(ROOT / "scripts/action.sh")], {**environ, **runner})


def install_and_deploy_with_wrangler(
    home: Path, site: Path, node: Path, environ: dict[str, str]
) -> None:
    npm = ["npm", "install", "--prefix", str(home), "--cache", str(home / "cache")]
    run([*npm, "--no-audit", "--no-fund", "--silent", WRANGLER], environ)
    wrangler = [str(node), str(home / "node_modules/wrangler/bin/wrangler.js")]
    arguments = ["pages", "deploy", str(site), "--project-name=bench", "--branch=main"]
    quiet = {"WRANGLER_SEND_METRICS": "false", "HOME": str(home)}
    run([*wrangler, *arguments, "--commit-dirty=true"], {**environ, **quiet})


def run(command: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own programs, and those that are compared
        command, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
