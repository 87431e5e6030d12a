"""Who is told of a deployment on the forge that the build belongs to, as the settings have it."""

from __future__ import annotations

from dataclasses import replace

from pages_deploy.cli.connection import ca_bundle_of
from pages_deploy.cli.runtime import Runtime
from pages_deploy.forge.announcements import Announcements, announcers_at
from pages_deploy.forge.announcer import Announcer, BestEffortAnnouncer
from pages_deploy.forge.detection import forge_of
from pages_deploy.forge.forge import Forge
from pages_deploy.forge.rest import Access
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

# What a command needs that talks to the forge.
FORGE = (options.GITHUB_TOKEN, options.GITLAB_TOKEN, options.DEPLOYMENT_NAME)


def announcer_of(settings: Settings, runtime: Runtime) -> Announcer:
    """Return who announces a deployment; where nothing can be announced, nobody is told."""
    deployment = settings.allows(options.GITHUB_DEPLOYMENT)
    comment = settings.allows(options.COMMENT)
    project_name = settings.text(options.PROJECT_NAME)
    forge = None
    if project_name and (deployment or comment):
        forge = forge_at(settings, runtime, token=settings.github_token)
    _warn_of_what_is_asked_in_vain(settings, runtime, forge)
    if forge is None:
        return BestEffortAnnouncer([], runtime.console.warn)
    build = replace(
        settings.build,
        branch=settings.text(options.BRANCH),
        commit_hash=settings.text(options.COMMIT_HASH),
    )
    wanted = Announcements(
        project_name=project_name,
        deployment=deployment,
        environment_name=settings.text(options.DEPLOYMENT_NAME),
        comment=comment,
    )
    announcers = announcers_at(forge, build, wanted, timer=runtime.timer)
    return BestEffortAnnouncer(announcers, runtime.console.warn)


def forge_at(settings: Settings, runtime: Runtime, *, token: str) -> Forge | None:
    """Return the forge behind the CI platform; `token` is GitHub's, and GitLab has its own."""
    platform = runtime.platform.name
    access = Access(
        token=settings.text(options.GITLAB_TOKEN) if platform == "gitlab" else token,
        timer=runtime.timer,
        ca_bundle=ca_bundle_of(runtime),
    )
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
                f"{option.name} has no effect without a token; set it by {token.places()}."
            )
