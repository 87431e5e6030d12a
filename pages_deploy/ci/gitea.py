"""Gitea Actions; its runner also says that it is GitHub.

https://docs.gitea.com/usage/actions/faq
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci import github

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

NAME = "gitea"
TITLE = "Gitea Actions"
# The same files and, in the log, the same commands.
DIALECT = github.DIALECT
hand_back = github.hand_back
show_summary = github.show_summary


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("GITEA_ACTIONS") == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    # Since Gitea 1.26 by the id; older ones, and nothing tells which it is, by the number.
    return github.read(environ, TITLE, run_url=github.run_url(environ, "GITHUB_RUN_NUMBER"))
