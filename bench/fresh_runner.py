"""From nothing to the first request: our Action, and the steps of wrangler-action.

Each starts on a machine that has its language and nothing else: no package, and no cache of
packages. Ours is a fresh copy without byte-code, as a runner has it. wrangler-action itself cannot
be run here; what it does is asked for by hand: look for an installed wrangler, install one, and
start it, each by npm.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import measure, peers
from bench.row import Row, spread
from bench.traffic import Server
from tests.acceptance.npm import WRANGLER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure import Sample

WHAT = "from nothing to the first request: the Action / wrangler-action"
TARGET = 0.25
SITE = peers.ROOT / "examples/site"
STEPS_OF_WRANGLER_ACTION = f"""
npx --no-install wrangler --version && exit 1
npm install --no-audit --no-fund wrangler@{WRANGLER} || exit 1
exec npx wrangler pages deploy {SITE} --project-name=demo --branch=topic --commit-dirty=true
"""


def action(runs: int) -> list[Row]:
    try:
        node, _ = peers.node_and_wrangler()
    except peers.MissingError as error:
        return [Row(WHAT, "times", TARGET, None, str(error))]
    firsts: dict[str, list[float]] = {"ours": [], "wrangler-action": []}
    with Server(holds_everything=True) as server, tempfile.TemporaryDirectory() as folder:
        root = copied(Path(folder) / "action")

        def first(name: str, command: list[str], environ: Mapping[str, str]) -> Sample:
            sample = from_nothing(command, environ, server)
            firsts[name].append(server.calls()[0].begin - sample.begin)
            return sample

        script = ["bash", str(root / "scripts/action.sh")]
        steps = ["bash", "-c", STEPS_OF_WRANGLER_ACTION]
        try:
            measure.in_turn(
                runs,
                {
                    "ours": partial(first, "ours", script, inputs(root)),
                    "wrangler-action": partial(first, "wrangler-action", steps, with_node(node)),
                },
            )
        except measure.MeasureError as error:
            # Most likely there is no way to a package index; the rest is worth a page.
            words = str(error).replace(f"{peers.ROOT}/", "")
            return [Row(WHAT, "times", TARGET, None, words)]
    note = ", ".join(spread(name, times) for name, times in firsts.items())
    return [Row(WHAT, "times", TARGET, measure.ratio(*firsts.values()), note)]


def from_nothing(command: list[str], environ: Mapping[str, str], server: Server) -> Sample:
    """Run a command in an empty directory; how the package index is reached is this machine's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLOUDFLARE_", "CF_", "INPUT_", "PAGES_DEPLOY_", "GITHUB_"))
    }
    with tempfile.TemporaryDirectory() as empty:
        return measure.run(
            command,
            {
                **kept,
                "CI": "true",
                "CLOUDFLARE_API_TOKEN": "token",
                "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
                "CLOUDFLARE_API_BASE_URL": server.base_url,
                "RUNNER_TEMP": empty,
                "PIP_NO_CACHE_DIR": "1",
                "npm_config_cache": f"{empty}/npm-cache",
                "WRANGLER_SEND_METRICS": "false",
                **environ,
            },
            cwd=Path(empty),
            timeout_seconds=peers.TIMEOUT_SECONDS,
        )


def copied(root: Path) -> Path:
    """Copy what the Action consists of."""
    for name in ("pages_deploy", "scripts"):
        no_byte_code = shutil.ignore_patterns("__pycache__")
        shutil.copytree(peers.ROOT / name, root / name, ignore=no_byte_code)
    for name in ("entrypoint.py", "requirements-action.txt"):
        shutil.copy(peers.ROOT / name, root / name)
    return root


def inputs(root: Path) -> dict[str, str]:
    return {
        "PAGES_DEPLOY_PYTHON": sys.executable,
        "GITHUB_ACTION_PATH": str(root),
        "INPUT_DIRECTORY": str(SITE),
        "INPUT_PROJECTNAME": "demo",
        "INPUT_BRANCH": "topic",
        "INPUT_VERIFY": "off",
        "INPUT_CHANGES": "false",
    }


def with_node(node: Path) -> dict[str, str]:
    return {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
