"""CI platforms that are recognized, but of which nothing is read yet: git has to say it.

Each is known by the variable that its documentation gives as its mark; `CI` alone is what nearly
all set, and what people set by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.local import from_git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

NAME = "other"
MARKS = (
    "DRONE",
    "BUILDKITE",
    "TF_BUILD",
    "BITBUCKET_BUILD_NUMBER",
    "CIRCLECI",
    "TRAVIS",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "CF_PAGES",
    "WORKERS_CI",
    "CI",
)


def detect(environ: Mapping[str, str]) -> bool:
    return any(environ.get(mark, "").lower() not in {"", "false", "0"} for mark in MARKS)


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    return from_git("git in CI", directory, is_ci=True, dirty=False)
