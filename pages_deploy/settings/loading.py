"""From the command line, the environment and the files of the checkout to checked settings."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pages_deploy.ci.build_context import is_branch, pull_request_of_ref
from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import read_build
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.configuration import read_configuration
from pages_deploy.settings.links import refuse_link
from pages_deploy.settings.option_checks import check, is_exposed
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.settings import Settings
from pages_deploy.settings.sources import Found, Sources, Trust, is_unexpanded
from pages_deploy.settings.wrangler_command import read_command

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.settings.option import Option

# Known before any file of the checkout is read, so that no such file can change them.
FIRST_OPTIONS = (options.WORKING_DIRECTORY, options.ENV_FILE, options.CI)
# Tokens that a platform or a workflow puts beside ours. No option reads them, but what a program
# that we call says may have them in it.
FOREIGN_TOKENS = (
    *("GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    *("CI_JOB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN", "SYSTEM_ACCESSTOKEN"),
)
# What git has to be asked for, unless all of it is given otherwise.
COMMIT_OPTIONS = (
    options.BRANCH,
    options.COMMIT_HASH,
    options.COMMIT_MESSAGE,
    options.COMMIT_DIRTY,
)
BRANCH_PREFIX = "refs/heads/"


class Listener(Protocol):
    """Whoever is told what the loading finds, such as the console."""

    def detail(self, text: str) -> None:
        """Take a sentence about where a value came from; it never has a secret's value."""

    def step(self, text: str) -> None:
        """Take a sentence about what is ignored without harm."""

    def warn(self, text: str) -> None:
        """Take a sentence about what is probably not meant."""


def load_settings(
    flags: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    current_directory: Path,
    listener: Listener,
    wanted: Collection[Option] = OPTIONS,
) -> Settings:
    """Find and check the values of the options that a command wants.

    `flags` has the values of the command line by option name; the working directory is relative
    to the current one. Raises SettingsError.
    """
    given = Sources(environ=environ).find(options.COMMAND) if options.COMMAND in wanted else None
    command = {} if given is None else read_command(given.value)
    first = Sources(flags=flags, environ=environ, command=command)
    found: dict[str, Found] = {}
    for option in FIRST_OPTIONS:
        _add(found, option, first, listener)
    directory, env_file, ci = (_value(found, option) for option in FIRST_OPTIONS)
    working_directory = current_directory / directory
    _check_directory(working_directory)
    build = read_build(environ, working_directory, name=ci)
    configuration = read_configuration(working_directory, is_fork=build.is_fork)
    wrangler = configuration.usable
    sources = Sources(
        flags=flags,
        environ=environ,
        command=command,
        env_file=_read_env_file(working_directory / env_file),
        env_file_name=env_file,
        env_file_trust=_trust(build),
        wrangler=configuration.values(),
        wrangler_name=wrangler.file_name if wrangler is not None else "",
    )
    if ignored := sources.distrusted(wanted):
        listener.warn(
            f"{', '.join(ignored)} in {env_file} is ignored: in CI a file of the checkout may not "
            "decide what is deployed, where, or as whom. Use the job's variables, or the secrets "
            "of the CI platform."
        )
    if any(sources.find(option) is None for option in COMMIT_OPTIONS if option in wanted):
        build = with_git(build, working_directory, environ)
    sources = replace(sources, platform=_platform_values(build), platform_name=build.platform)
    for option in OPTIONS:
        if option in wanted and option not in FIRST_OPTIONS:
            _add(found, option, sources, listener)
    configuration.judge(found, wanted, warn=listener.warn, tell=listener.detail)
    _meant_branch(found, build, listener)
    _refuse_links(found, build, working_directory, current_directory)
    settings = Settings(
        working_directory,
        build,
        found,
        _secrets(sources),
        wrangler=wrangler,
        why_no_configuration=configuration.why_ignored,
    )
    _tell_what_is_odd(settings, wanted, listener)
    return settings


def _add(found: dict[str, Found], option: Option, sources: Sources, listener: Listener) -> None:
    value = sources.find(option)
    if value is None:
        return
    check(option, value)
    found[option.name] = value
    shown = "(secret)" if option.secret else value.value
    listener.detail(f"{option.name} = {shown} from {value.source}")


def _meant_branch(found: dict[str, Found], build: BuildContext, listener: Listener) -> None:
    """Replace a branch that was given as a ref by the branch that is meant.

    In a pull request GitHub's own name for it, `42/merge`, means the branch that it is from.
    """
    given = found.get(options.BRANCH.name)
    if given is None or given.source == build.platform:
        return
    name = given.value.removeprefix(BRANCH_PREFIX) or given.value
    found[options.BRANCH.name] = Found(name, given.source)
    number = pull_request_of_ref(name)
    branch = build.claimed_branch or build.branch
    if number and number == build.pull_request and is_branch(branch):
        listener.warn(
            f"BRANCH, from {given.source}, is '{given.value}', which names a pull request and not "
            f"a branch. Its own is meant: '{branch}'."
        )
        # As if nothing had been given: a fork's files are not production for that.
        found[options.BRANCH.name] = Found(branch, build.platform)


def _refuse_links(
    found: Mapping[str, Found], build: BuildContext, working: Path, current: Path
) -> None:
    """Raise SettingsError where a stranger's link leads out of the directories that are named."""
    if not (build.is_fork or build.pull_request):
        return
    if place := found.get(options.WORKING_DIRECTORY.name):
        refuse_link(options.WORKING_DIRECTORY.name, place, working, [current])
    if place := found.get(options.DIRECTORY.name):
        refuse_link(options.DIRECTORY.name, place, working / place.value, [working, current])


def _tell_what_is_odd(settings: Settings, wanted: Collection[Option], listener: Listener) -> None:
    if options.API_BASE_URL in wanted and is_exposed(settings.text(options.API_BASE_URL)):
        listener.warn("The API address is plain http: everybody on the way can read the token.")
    if settings.build.warning:
        listener.warn(settings.build.warning)
    if options.WRANGLER_VERSION.name in settings.found:
        listener.step("WRANGLER_VERSION (wranglerVersion) is ignored: there is no wrangler here.")


def _value(found: Mapping[str, Found], option: Option) -> str:
    return found[option.name].value if option.name in found else ""


def _check_directory(directory: Path) -> None:
    try:
        usable = stat.S_ISDIR(directory.stat().st_mode)
    except FileNotFoundError:
        usable, reason = False, "it does not exist"
    except (OSError, ValueError) as error:
        usable = False
        reason = getattr(error, "strerror", None) or "cannot be used"
    else:
        reason = "it is not a directory"
    if not usable:
        raise SettingsError(
            f"The working directory {directory} cannot be used: {reason}.",
            f"Correct {options.WORKING_DIRECTORY.places()}.",
        )


def _trust(build: BuildContext) -> Trust:
    """How far a `.env` file may be trusted: it is the developer's, the repository's, anybody's."""
    if build.is_fork:
        return "nothing"
    return "harmless" if build.is_ci else "all"


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return every secret of the environment, for masking.

    Losing ones too: a token that another variable overrides is still nobody's to read.
    """
    foreign = (environ.get(name, "").strip() for name in FOREIGN_TOKENS)
    return (*_secrets(Sources(environ=environ)), *filter(None, foreign))


def _secrets(sources: Sources) -> tuple[str, ...]:
    return tuple(
        found.value.strip()
        for option in OPTIONS
        if option.secret
        for found in sources.candidates(option)
        # What should have been a secret and is a template is no secret, and has to be shown.
        if found.value.strip() and not is_unexpanded(found.value.strip())
    )


def _platform_values(build: BuildContext) -> dict[str, str]:
    dirty = "" if build.commit_dirty is None else str(build.commit_dirty).lower()
    return {
        options.BRANCH.name: build.branch,
        options.COMMIT_HASH.name: build.commit_hash,
        options.COMMIT_MESSAGE.name: build.commit_message,
        options.COMMIT_DIRTY.name: dirty,
    }


def _read_env_file(file: Path) -> dict[str, str]:
    try:
        if not file.is_file():
            return {}
        # Imported where it is needed: most runs have no such file.
        import dotenv  # noqa: PLC0415

        # Without interpolation: a value is what is written there.
        values = dotenv.dotenv_values(file, interpolate=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"Cannot read {file.name[:80]}: {reason}.",
            "Mend the file, or name another by --env-file.",
        ) from error
    return {name: value for name, value in values.items() if value}
