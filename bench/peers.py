"""Those who deploy: we, the floor, and other tools where npm and PyPI have them.

A tool is a command that deploys a directory to the server as the branch `topic`. wrangler comes
from the tests' cache or npm, cf-publish from PyPI; both are installed outside the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench import measure
from bench.sites import CACHE
from tests.acceptance.npm import WRANGLER, NpmError, install_wrangler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.traffic import Server

ROOT = Path(__file__).resolve().parent.parent
ENTRYPOINT = (sys.executable, "-I", str(ROOT / "entrypoint.py"))
CF_PUBLISH = "0.3.1"
# Its address of the API is fixed in its source, so it is changed there before it begins.
CF_PUBLISH_PROGRAM = """
import os, sys
from cf_publish import cli, pages
pages.API = os.environ["CLOUDFLARE_API_BASE_URL"]
sys.exit(cli.main())
"""
INSTALL_TIMEOUT_SECONDS = 300
TIMEOUT_SECONDS = 300


class MissingError(Exception):
    """A tool cannot be had; says why."""


@dataclass(frozen=True)
class Tool:
    """A program that deploys."""

    name: str
    command: Callable[[Path], list[str]]
    """From a directory to the command line; the rest is in the environment."""

    environ: Mapping[str, str] = field(default_factory=dict)


def deploy(tool: Tool, root: Path, server: Server) -> measure.Sample:
    """Deploy a directory from an empty working directory, and measure that."""
    environ = {
        "PATH": os.environ["PATH"],
        "CLOUDFLARE_API_TOKEN": "token",
        "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
        "CLOUDFLARE_API_BASE_URL": server.base_url,
        **tool.environ,
    }
    with tempfile.TemporaryDirectory() as home:
        return measure.run(
            tool.command(root),
            {**environ, "HOME": home},
            cwd=Path(home),
            timeout_seconds=TIMEOUT_SECONDS,
        )


def ours() -> Tool:
    """Return our program, without what others do not do: proof and list of changes."""
    options = ("--project-name=demo", "--branch=topic", "--verify=off", "--no-changes", "-q")
    return Tool("pages-deploy", lambda root: [*ENTRYPOINT, str(root), *options])


def floor() -> Tool:
    """Return the floor."""
    program = (sys.executable, "-I", str(Path(__file__).with_name("floor.py")))
    return Tool("the floor", lambda root: [*program, str(root)])


def wrangler() -> Tool:
    """Return wrangler, installed where it is not yet. Raises MissingError."""
    start = [str(program) for program in node_and_wrangler()]
    options = ("--project-name=demo", "--branch=topic", "--commit-dirty=true")
    return Tool(
        f"wrangler {WRANGLER}",
        lambda root: [*start, "pages", "deploy", str(root), *options],
        {"CI": "true", "WRANGLER_SEND_METRICS": "false", "WRANGLER_SEND_ERROR_REPORTS": "false"},
    )


def node_and_wrangler() -> tuple[Path, Path]:
    """Return Node and wrangler's script, installed where they are not yet. Raises MissingError."""
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("there is no npm")
    try:
        return install_wrangler(npm)
    except NpmError as error:
        # Its words name directories of this machine, which are nothing for a page.
        raise MissingError("npm does not install it") from error


def cf_publish() -> Tool:
    """Return cf-publish, installed where it is not yet. Raises MissingError."""
    home = CACHE / f"cf-publish-{CF_PUBLISH}"
    if not home.exists():
        try:
            _install(home, f"cf-publish=={CF_PUBLISH}")
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(home, ignore_errors=True)
            raise MissingError("pip does not install it") from error
    python = str(home / "bin/python")
    options = ("--project=demo", "--branch=topic", "--quiet")
    return Tool(
        f"cf-publish {CF_PUBLISH}",
        lambda root: [python, "-I", "-c", CF_PUBLISH_PROGRAM, str(root), *options],
    )


def _install(home: Path, requirement: str) -> None:
    pip = [str(home / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(home)], [*pip, "install", requirement]):
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_TIMEOUT_SECONDS)
