"""No CI platform: a developer's machine, with or without git."""

from __future__ import annotations

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.platform import Platform

PLATFORM = Platform(
    name="none",
    detect=lambda _environ: True,
    build=lambda _environ: BuildContext(platform="the local git checkout", is_ci=False),
)
