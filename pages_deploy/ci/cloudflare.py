"""Cloudflare: https://developers.cloudflare.com/pages/configuration/build-configuration/

Its own builders, of Pages and of Workers: what they build they also publish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import BuildContext, first, first_commit_hash
from pages_deploy.ci.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


def _build(environ: Mapping[str, str]) -> BuildContext:
    commit_hash = first(environ, "CF_PAGES_COMMIT_SHA", "WORKERS_CI_COMMIT_SHA")
    return BuildContext(
        platform="Cloudflare's own builder",
        is_ci=True,
        branch=first(environ, "CF_PAGES_BRANCH", "WORKERS_CI_BRANCH"),
        commit_hash=first_commit_hash(commit_hash),
        commit_dirty=False,
        warning=(
            "This runs inside a build of Cloudflare's own, which publishes by itself what it "
            "builds: a deployment from here is mostly a mistake."
        ),
    )


PLATFORM = Platform(
    name="cloudflare",
    detect=lambda environ: bool(environ.get("CF_PAGES") or environ.get("WORKERS_CI")),
    build=_build,
)
