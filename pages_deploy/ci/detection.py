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
from pages_deploy.ci.base import fork_branch, is_branch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext, Platform

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
