"""What of a pull request's build its forge alone knows, brought into the settings.

1. A workflow that another one of a fork has started knows only the commit. Its pull request is the
   open one with this head, and its files are deployed as `pr-N`.
2. Where git has but the merge that GitHub makes for a check, or nothing at all, the message is
   asked for by the commit's hash.

What the forge does not tell stays as it was: none of it is worth a deployment.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import fork_branch
from pages_deploy.cli.runtime import Runtime
from pages_deploy.forge.errors import ForgeError
from pages_deploy.settings import options
from pages_deploy.settings.option import Option
from pages_deploy.settings.settings import Settings
from pages_deploy.settings.sources import Found

if TYPE_CHECKING:
    from pages_deploy.forge.forge import Forge

_MERGE = re.compile(r"Merge [0-9a-f]{40} into [0-9a-f]{40}")


def with_forge_facts(settings: Settings, runtime: Runtime, forge: Forge | None) -> Settings:
    """Return the settings of a build, with what its forge knows of the pull request."""
    # What is refused for want of a setting is refused without asking anybody.
    if forge is None or settings.missing:
        return settings
    return _with_message(_with_pull_request(settings, runtime, forge), runtime, forge)


def _with_pull_request(settings: Settings, runtime: Runtime, forge: Forge) -> Settings:
    build = settings.build
    if not build.is_fork or build.pull_request:
        return settings
    try:
        number = forge.pull_request_of(build)
    except ForgeError as error:
        runtime.console.notice(
            f"{error.message} {error.hint}".rstrip() + f" Its files are deployed as {build.branch}."
        )
        return settings
    if not number:
        return settings
    branch = fork_branch(pull_request=number)
    settings = replace(settings, build=replace(build, pull_request=number, branch=branch))
    return _with_platforms(settings, options.BRANCH, branch)


def _with_message(settings: Settings, runtime: Runtime, forge: Forge) -> Settings:
    commit_hash = settings.build.commit_hash
    message = settings.text(options.COMMIT_MESSAGE)
    is_known = bool(message) and _MERGE.fullmatch(message.strip()) is None
    if is_known or not settings.build.pull_request or not commit_hash:
        return settings
    if settings.text(options.COMMIT_HASH) != commit_hash:
        return settings
    try:
        message = forge.commit_message(commit_hash)
    except ForgeError as error:
        runtime.console.detail(f"{error.message} {error.hint}".rstrip())
        return settings
    return _with_platforms(settings, options.COMMIT_MESSAGE, message) if message else settings


def _with_platforms(settings: Settings, option: Option, value: str) -> Settings:
    """Return settings with a value in the platform's place, which all others come before."""
    platform = settings.build.platform
    found = settings.found.get(option.name)
    if found is not None and found.source != platform:
        return settings
    return replace(settings, found={**settings.found, option.name: Found(value, platform)})
