"""nektos/act: GitHub's contract on somebody's own machine, with neither run pages nor an API.

https://nektosact.com/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci import github

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

NAME = "act"
TITLE = "act"
# The same files and, in the log, the same commands.
DIALECT = github.DIALECT
hand_back = github.hand_back
show_summary = github.show_summary


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("ACT") == "true" and github.detect(environ)


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    return github.read(environ, TITLE, run_url="")
