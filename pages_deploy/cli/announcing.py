"""Who is told of a deployment on the forge that the build belongs to, as the settings have it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pages_deploy.cli.connection import ca_bundle_of
from pages_deploy.forge.announcer import Announcer, BestEffortAnnouncer
from pages_deploy.settings import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.cli.runtime import Runtime
    from pages_deploy.forge.forge import Forge
    from pages_deploy.settings.option import Option
    from pages_deploy.settings.settings import Settings

# What a command needs that talks to the forge.
FORGE = (options.GITHUB_TOKEN, options.GITLAB_TOKEN, options.DEPLOYMENT_NAME)


def announcer_of(settings: Settings, runtime: Runtime, forge: Forge | None) -> Announcer:
    """Return who announces a deployment; where nothing can be announced, nobody is told."""
    project_name = settings.text(options.PROJECT_NAME)
    _warn_of_what_is_asked_in_vain(settings, runtime, forge)
    if forge is None or not project_name:
        return BestEffortAnnouncer()
    from pages_deploy.forge.announcements import (  # noqa: PLC0415 - most builds have no forge
        Announcements,
        announcers_at,
    )

    build = replace(
        settings.build,
        branch=settings.text(options.BRANCH),
        commit_hash=settings.text(options.COMMIT_HASH),
    )
    wanted = Announcements(
        project_name=project_name,
        deployment=_teller(settings, runtime, options.GITHUB_DEPLOYMENT),
        environment_name=settings.text(options.DEPLOYMENT_NAME),
        comment=_teller(settings, runtime, options.COMMENT),
    )
    return BestEffortAnnouncer(announcers_at(forge, build, wanted, timer=runtime.timer))


def shows_changes(settings: Settings, runtime: Runtime, forge: Forge | None) -> bool:
    """Whether to find out which pages differ: as asked, or where somebody is shown the result."""
    if settings.text(options.CHANGES):
        return settings.switch(options.CHANGES)
    if runtime.platform.show_summary is not None and settings.switch(options.SUMMARY):
        return True
    # The others find the pull request of a commit.
    may_find_one = bool(settings.build.pull_request) or runtime.platform.name != "gitlab"
    return forge is not None and may_find_one and settings.allows(options.COMMENT)


def _teller(settings: Settings, runtime: Runtime, option: Option) -> Callable[[str], None] | None:
    """Return who takes the words on a failed announcement; None where it is not wanted.

    What nobody asked for by its option turns no run yellow.
    """
    if not settings.allows(option):
        return None
    return runtime.console.warn if settings.switch(option) else runtime.console.notice


def forge_of_build(settings: Settings, runtime: Runtime) -> Forge | None:
    """Return the forge that a build may ask, if there is one."""
    return forge_at(settings, runtime, token=settings.github_token)


def forge_at(settings: Settings, runtime: Runtime, *, token: str) -> Forge | None:
    """Return the forge behind the CI platform; `token` is GitHub's, and GitLab has its own."""
    platform = runtime.platform.name
    token = settings.text(options.GITLAB_TOKEN) if platform == "gitlab" else token
    if not token:
        return None
    from pages_deploy.forge.detection import forge_of  # noqa: PLC0415 - as above
    from pages_deploy.forge.rest import Access  # noqa: PLC0415 - as above

    access = Access(token=token, timer=runtime.timer, ca_bundle=ca_bundle_of(runtime))
    return forge_of(platform, runtime.environ, build=settings.build, access=access)


def _warn_of_what_is_asked_in_vain(
    settings: Settings, runtime: Runtime, forge: Forge | None
) -> None:
    possible = {
        options.GITHUB_DEPLOYMENT: runtime.platform.name == "github",
        options.COMMENT: runtime.platform.name in {"github", "gitea", "forgejo", "gitlab"},
    }
    for option, is_possible in possible.items():
        if not settings.switch(option):
            continue
        if not is_possible:
            runtime.console.warn(f"{option.name} has no effect on {settings.build.platform}.")
        elif forge is None:
            token = (
                options.GITLAB_TOKEN if runtime.platform.name == "gitlab" else options.GITHUB_TOKEN
            )
            runtime.console.warn(
                f"{option.name} has no effect without a token; set it with {token.places()}."
            )
