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
    no_ci,
    teamcity,
    travis,
    unknown_ci,
    woodpecker,
)
from pages_deploy.ci.build_context import BuildContext, fork_branch, is_branch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.platform import Platform

PLATFORMS: tuple[Platform, ...] = (
    forgejo.PLATFORM,
    gitea.PLATFORM,
    act.PLATFORM,
    github.PLATFORM,
    gitlab.PLATFORM,
    woodpecker.PLATFORM,
    drone.PLATFORM,
    buildkite.PLATFORM,
    azure.PLATFORM,
    bitbucket.PLATFORM,
    circleci.PLATFORM,
    travis.PLATFORM,
    teamcity.PLATFORM,
    codebuild.PLATFORM,
    jenkins.PLATFORM,
    cloudflare.PLATFORM,
    unknown_ci.PLATFORM,
    no_ci.PLATFORM,
)
NAMES = tuple(platform.name for platform in PLATFORMS)


def platform_of(environ: Mapping[str, str], *, name: str = "") -> Platform:
    """Return the platform of an environment, or the one of a name in NAMES (else KeyError)."""
    if name:
        return {platform.name: platform for platform in PLATFORMS}[name]
    return next(platform for platform in PLATFORMS if platform.detect(environ))


def read_build(environ: Mapping[str, str], directory: Path, *, name: str = "") -> BuildContext:
    """Return what a platform says of this build; a name in NAMES (else KeyError) overrides which.

    Of the checkout, which `directory` is in, only a commit is read, where the platform has it
    nowhere else; `with_git` of `completion` fills in the rest.
    """
    platform = platform_of(environ, name=name)
    context = platform.build(environ)
    if platform.find_commit is not None:
        found = platform.find_commit(environ, directory)
        context = replace(context, commit_hash=found or context.commit_hash)
    return _with_usable_branch(context)


def _with_usable_branch(context: BuildContext) -> BuildContext:
    """Drop what is no branch; a pull request whose branch is not told is `pr-N`, like a fork's."""
    if is_branch(context.branch):
        return context
    branch = "" if context.no_branch_reason else fork_branch(pull_request=context.pull_request)
    return replace(context, branch=branch)
