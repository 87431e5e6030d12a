"""Forgejo Actions; its runner also says that it is Gitea and GitHub.

https://forgejo.org/docs/latest/user/actions/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci import github

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

NAME = "forgejo"
TITLE = "Forgejo Actions"
# The same files and, in the log, the same commands.
DIALECT = github.DIALECT
hand_back = github.hand_back
show_summary = github.show_summary


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("FORGEJO_ACTIONS") == "true"


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    return github.read(environ, TITLE, run_url=github.run_url(environ, "GITHUB_RUN_NUMBER"))
