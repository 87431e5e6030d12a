"""Cloudflare's own builders: what they build they also publish.

https://developers.cloudflare.com/pages/configuration/build-configuration/#environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.base import BuildContext, first, first_commit_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "cloudflare"
TITLE = "Cloudflare's own builder"


def detect(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("CF_PAGES") or environ.get("WORKERS_CI"))


def build(environ: Mapping[str, str], directory: Path) -> BuildContext:  # noqa: ARG001 - see base
    commit_hash = first(environ, "CF_PAGES_COMMIT_SHA", "WORKERS_CI_COMMIT_SHA")
    return BuildContext(
        platform=TITLE,
        is_ci=True,
        branch=first(environ, "CF_PAGES_BRANCH", "WORKERS_CI_BRANCH"),
        commit_hash=first_commit_hash(commit_hash),
        commit_dirty=False,
        warning=(
            "This runs inside a build of Cloudflare's own, which publishes by itself what it "
            "builds: a deployment from here is mostly a mistake."
        ),
    )
