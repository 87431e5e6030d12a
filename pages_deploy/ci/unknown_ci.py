"""A CI that is not known by name; `CI` is what nearly all set, and what people set by hand."""

from __future__ import annotations

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.platform import Platform

PLATFORM = Platform(
    name="other",
    detect=lambda environ: environ.get("CI", "").lower() not in {"", "false", "0"},
    build=lambda _environ: BuildContext(platform="git in CI", is_ci=True, commit_dirty=False),
)
