"""Which CI platform this is: the first in a list that recognizes the environment.

The order matters where platforms imitate each other's variables: Forgejo's runner says that it is
Gitea and GitHub as well, Woodpecker's CI_* are called like GitLab's, and Jenkins' names are so
general that they occur elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.ci import (
    act,
    azure,
    bitbucket,
    buildkite,
    circleci,
    cloudflare,
    codebuild,
    drone,
    forgejo,
    gitea,
    github,
    gitlab,
    jenkins,
    local,
    other,
    teamcity,
    travis,
    woodpecker,
)
from pages_deploy.ci.base import PLAIN, Dialect, fork_branch, is_branch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext, HandBack, Platform, ShowSummary

PLATFORMS: tuple[Platform, ...] = (
    forgejo,
    gitea,
    act,
    github,
    gitlab,
    woodpecker,
    drone,
    buildkite,
    azure,
    bitbucket,
    circleci,
    travis,
    teamcity,
    codebuild,
    jenkins,
    cloudflare,
    other,
    local,
)
NAMES = tuple(platform.NAME for platform in PLATFORMS)


def platform_of(environ: Mapping[str, str], *, name: str = "") -> Platform:
    """Return the platform of an environment, or the one of a name in NAMES (else KeyError)."""
    if name:
        return {platform.NAME: platform for platform in PLATFORMS}[name]
    return next(platform for platform in PLATFORMS if platform.detect(environ))


def dialect_of(platform: Platform) -> Dialect:
    """Return what the platform's log understands."""
    dialect = getattr(platform, "DIALECT", PLAIN)
    return dialect if isinstance(dialect, Dialect) else PLAIN


def hand_back_of(platform: Platform) -> HandBack | None:
    """Return how the platform's later steps get outputs, if they do."""
    hand_back: HandBack | None = getattr(platform, "hand_back", None)
    return hand_back


def show_summary_of(platform: Platform) -> ShowSummary | None:
    """Return how the platform shows a summary, if it does."""
    show_summary: ShowSummary | None = getattr(platform, "show_summary", None)
    return show_summary


def detect(environ: Mapping[str, str], directory: Path, *, name: str = "") -> BuildContext:
    """Return what is known of this build; `name` overrides the detection.

    Asks the environment alone; `with_git` fills in the rest. Raises KeyError for a name that is not
    in NAMES.
    """
    if name:
        platform = {platform.NAME: platform for platform in PLATFORMS}[name]
    else:
        platform = next(platform for platform in PLATFORMS if platform.detect(environ))
    return _settled(platform.build(environ, directory))


def with_git(context: BuildContext, directory: Path) -> BuildContext:
    """Fill in from the checkout, which takes longer, what the platform does not say."""
    return local.completed(context, directory)


def _settled(context: BuildContext) -> BuildContext:
    """Drop what is no branch; a pull request whose branch is not told is `pr-N`, like a fork's."""
    if is_branch(context.branch):
        return context
    branch = "" if context.no_branch_reason else fork_branch(pull_request=context.pull_request)
    return replace(context, branch=branch)
