"""From the command line, the environment and the files of the checkout to checked settings."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pages_deploy.ci.build_context import is_branch, pull_request_of_ref
from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import platform_of, read_build
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.configuration import read_configuration
from pages_deploy.settings.foreign_inputs import read_foreign_inputs
from pages_deploy.settings.links import refuse_link
from pages_deploy.settings.option_checks import check, check_pasted, check_swapped, is_exposed
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
    command = _read_command(environ, listener) if options.COMMAND in wanted else {}
    first = Sources(flags=flags, environ=environ, command=command)
    found: dict[str, Found] = {}
    for option in FIRST_OPTIONS:
        _add(found, option, first, listener)
    env_file, ci = _value(found, options.ENV_FILE), _value(found, options.CI)
    working_directory = _working_directory(current_directory, found, command)
    build = read_build(environ, working_directory, name=ci)
    configuration = read_configuration(working_directory, is_fork=build.is_fork)
    sources = Sources(
        flags=flags,
        environ=environ,
        command=command,
        env_file=read_env_file(working_directory / env_file),
        env_file_name=env_file,
        env_file_trust=_trust(build),
        wrangler=configuration.values(),
        wrangler_name=configuration.file_name,
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
    _check_swapped(sources, wanted)
    for option in _in_order(wanted):
        _add(found, option, sources, listener)
    configuration.judge(found, wanted, warn=listener.warn, tell=listener.detail)
    _meant_branch(found, build, listener)
    _refuse_links(found, build, working_directory, current_directory)
    settings = Settings(
        working_directory,
        build,
        found,
        _secrets(sources),
        secrets_place=platform_of(environ, name=ci).secrets_place,
        missing=_missing(found, wanted, build),
        wrangler=configuration.usable,
        why_no_configuration=configuration.why_ignored,
        configuration_problem=configuration.problem,
    )
    _tell_what_is_odd(settings, wanted, listener)
    return settings


def _read_command(environ: Mapping[str, str], listener: Listener) -> dict[str, str]:
    """Return what a workflow of wrangler-action says; raises SettingsError for what it cannot."""
    if ignored := read_foreign_inputs(environ):
        listener.step(f"{', '.join(ignored)}: ignored, for there is no wrangler here.")
    given = Sources(environ=environ).find(options.COMMAND)
    return {} if given is None else read_command(given.value)


def _in_order(wanted: Collection[Option]) -> list[Option]:
    """Return a command's options as the table has them; its own row may have another default."""
    rows = {option.name: option for option in wanted if option not in FIRST_OPTIONS}
    return [rows[option.name] for option in OPTIONS if option.name in rows]


def _add(found: dict[str, Found], option: Option, sources: Sources, listener: Listener) -> None:
    value = sources.find(option)
    if value is None:
        return
    # What a platform itself says of a branch may look like anything.
    if value.source != sources.platform_name:
        check_pasted(option, value)
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


def _check_swapped(sources: Sources, wanted: Collection[Option]) -> None:
    account = sources.find(options.ACCOUNT_ID) if options.ACCOUNT_ID in wanted else None
    for option in (options.PROJECT_NAME, options.API_TOKEN):
        other = sources.find(option) if option in wanted else None
        if account is not None and other is not None:
            check_swapped(account, other, names=(options.ACCOUNT_ID.name, option.name))


def _missing(
    found: Mapping[str, Found], wanted: Collection[Option], build: BuildContext
) -> tuple[Option, ...]:
    """Return what the command needs and nothing gives."""
    needed = [option for option in OPTIONS if option.needed and option in wanted]
    if options.API_KEY.name in found:
        # The other half of the legacy pair, in the place of a token.
        has_token = options.API_TOKEN.name in found
        needed = [
            options.EMAIL if option is options.API_TOKEN and not has_token else option
            for option in needed
        ]
    if options.BRANCH in wanted and (build.is_ci or build.no_branch_reason):
        needed.append(options.BRANCH)
    return tuple(option for option in needed if option.name not in found)


def _value(found: Mapping[str, Found], option: Option) -> str:
    return found[option.name].value if option.name in found else ""


def _working_directory(
    current_directory: Path, found: Mapping[str, Found], command: Mapping[str, str]
) -> Path:
    """Return where to run; raises SettingsError where that is no directory."""
    directory = _value(found, options.WORKING_DIRECTORY)
    working_directory = current_directory / directory
    if directory != (below := command.get(options.WORKING_DIRECTORY.name, "")):
        # wrangler-action starts in its input's directory, and wrangler goes on from there.
        working_directory /= below
    _check_directory(working_directory)
    return working_directory


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


def read_env_file(file: Path) -> dict[str, str]:
    """Return the variables of a `.env` file; none where there is no file. Raises SettingsError."""
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
            "Fix the file, or name another with --env-file.",
        ) from error
    return {name: value for name, value in values.items() if value}
