"""A CI that is not known by name; `CI` is what nearly all set, and what people set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "other"
TITLE = "git in CI"


def detect(environ: Mapping[str, str]) -> bool:
    return environ.get("CI", "").lower() not in {"", "false", "0"}


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    return BuildContext(platform=TITLE, is_ci=True, commit_dirty=False)
