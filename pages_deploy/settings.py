"""The settings of one run: every option's value, checked, and where it came from."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages_deploy import options
from pages_deploy.api.call import Credentials
from pages_deploy.ci.base import is_branch
from pages_deploy.ci.detection import detect, with_git
from pages_deploy.errors import SettingsError
from pages_deploy.option_checks import YES, check, is_exposed
from pages_deploy.options import OPTIONS, Option
from pages_deploy.sources import Found, Sources, Trust, is_unexpanded
from pages_deploy.wrangler_command import read_command
from pages_deploy.wrangler_config import WranglerConfig, read_wrangler_config

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

# Known before any file of the checkout is read, so that no such file can change them.
FIRST_OPTIONS = (options.WORKING_DIRECTORY, options.ENV_FILE, options.CI)
# What git has to be asked for, unless all of it is given otherwise.
COMMIT_OPTIONS = (
    options.BRANCH,
    options.COMMIT_HASH,
    options.COMMIT_MESSAGE,
    options.COMMIT_DIRTY,
)


@dataclass(frozen=True)
class Settings:
    """The values of all options; made by `load_settings`, which has checked them."""

    working_directory: Path
    build: BuildContext
    found: Mapping[str, Found]
    # Every secret in sight, also those that lost against another source.
    secrets: tuple[str, ...] = ()

    def text(self, option: Option) -> str:
        """Return a value as it was written; empty when the option is not set."""
        found = self.found.get(option.name)
        return found.value if found is not None else ""

    def required(self, option: Option) -> str:
        """Return a value; raises SettingsError, naming all places to set it, without one."""
        if value := self.text(option):
            return value
        raise SettingsError(
            f"{option.name} is not set: {option.help[0].lower()}{option.help[1:]}",
            f"Set it by {option.places()}.",
        )

    def switch(self, option: Option) -> bool:
        return self.text(option).lower() in YES

    def number(self, option: Option) -> float:
        return float(self.text(option))

    @property
    def build_directory(self) -> Path:
        return self.working_directory / self.required(options.DIRECTORY)

    @property
    def commit_dirty(self) -> bool | None:
        return self.switch(options.COMMIT_DIRTY) if self.text(options.COMMIT_DIRTY) else None

    @property
    def branch(self) -> str:
        """The branch to deploy as; empty only on a machine with neither CI nor git.

        Raises SettingsError when a branch should be known and is not.
        """
        branch = self.text(options.BRANCH)
        if branch and not is_branch(branch):
            raise SettingsError(
                f"BRANCH is '{branch}', which is what a detached checkout is called, not a branch.",
                f"Give the name of the branch by {options.BRANCH.places()}.",
            )
        if not branch and (self.build.is_ci or self.build.no_branch_reason):
            reason = self.build.no_branch_reason or f"{self.build.platform} names none"
            raise SettingsError(
                f"The branch to deploy as is not known: {reason}.",
                f"Set it by {options.BRANCH.places()}; the project's production branch deploys to "
                "production.",
            )
        return branch

    @property
    def credentials(self) -> Credentials:
        """The API token, or else the legacy pair; raises SettingsError when there is neither."""
        key, email = self.text(options.API_KEY), self.text(options.EMAIL)
        if not self.text(options.API_TOKEN) and key and email:
            return Credentials.of_key(key, email)
        return Credentials.of_token(self.required(options.API_TOKEN))

    @property
    def skips_for_want_of_a_token(self) -> bool:
        """Whether there is no token, and that is how the platform means it to be."""
        has_some = self.text(options.API_TOKEN) or self.text(options.API_KEY)
        lacks = self.build.lacks_secrets
        withheld = self.build.is_fork if lacks is None else lacks
        return withheld and not has_some and not self.switch(options.REQUIRE_TOKEN)

    def check_credentials(self) -> None:
        """Raise SettingsError when there are none, before anything takes its time."""
        if not (self.text(options.API_KEY) and self.text(options.EMAIL)):
            self.required(options.API_TOKEN)

    @property
    def purge_credentials(self) -> Credentials:
        """The token for the purge alone, or else what everything else uses."""
        token = self.text(options.PURGE_API_TOKEN)
        return Credentials.of_token(token) if token else self.credentials

    @property
    def purge(self) -> str:
        """What to purge; raises SettingsError when a zone is needed and missing."""
        zone_id = self.text(options.ZONE_ID)
        what = self.text(options.PURGE) or ("everything" if zone_id else "off")
        if what != "off" and not zone_id:
            raise SettingsError(
                f"PURGE is '{what}', but no zone is given.",
                f"Set the zone by {options.ZONE_ID.places()}.",
            )
        return what


def load_settings(
    flags: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    current_directory: Path,
    log: Callable[[str], None],
    warn: Callable[[str], None],
    notice: Callable[[str], None] = lambda _text: None,
    wanted: Collection[Option] = OPTIONS,
) -> Settings:
    """Find and check the values of the options that a command wants.

    `flags` has the values of the command line by option name; `log` gets where each value came
    from, never a secret's value. Raises SettingsError.
    """
    given = Sources(environ=environ).find(options.COMMAND) if options.COMMAND in wanted else None
    command = {} if given is None else read_command(given.value)
    first = Sources(flags=flags, environ=environ, command=command)
    found: dict[str, Found] = {}
    for option in FIRST_OPTIONS:
        _add(found, option, first, log)
    directory, env_file, ci = (_value(found, option) for option in FIRST_OPTIONS)
    working_directory = current_directory / directory
    _check_directory(working_directory)
    build = detect(environ, working_directory, name=ci)
    wrangler = read_wrangler_config(working_directory)
    if wrangler is not None and wrangler.is_worker:
        log(f"{wrangler.file_name} has no pages_build_output_dir: a Worker's, ignored")
    sources = Sources(
        flags=flags,
        environ=environ,
        command=command,
        env_file=_read_env_file(working_directory / env_file),
        env_file_name=env_file,
        env_file_trust=_trust(build),
        wrangler=_wrangler_values(wrangler),
        wrangler_name=wrangler.file_name if wrangler is not None else "",
    )
    if ignored := sources.distrusted(wanted):
        warn(
            f"{', '.join(ignored)} in {env_file} is ignored: in CI a file of the checkout may not "
            "decide where to deploy or as whom. Use the secrets of the CI platform."
        )
    if any(sources.find(option) is None for option in COMMIT_OPTIONS if option in wanted):
        build = with_git(build, working_directory)
    sources = replace(sources, platform=_platform_values(build), platform_name=build.platform)
    for option in OPTIONS:
        if option in wanted and option not in FIRST_OPTIONS:
            _add(found, option, sources, log)
    settings = Settings(working_directory, build, found, _secrets(sources))
    if options.API_BASE_URL in wanted and is_exposed(settings.text(options.API_BASE_URL)):
        warn("The API address is plain http: everybody on the way can read the token.")
    if build.warning:
        warn(build.warning)
    if options.WRANGLER_VERSION.name in found:
        notice("WRANGLER_VERSION (wranglerVersion) is ignored: there is no wrangler here.")
    return settings


def _add(
    found: dict[str, Found], option: Option, sources: Sources, log: Callable[[str], None]
) -> None:
    value = sources.find(option)
    if value is None:
        return
    check(option, value)
    found[option.name] = value
    shown = "(secret)" if option.secret else value.value
    log(f"{option.name} = {shown} from {value.source}")


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
    return "no target" if build.is_ci else "all"


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return every secret of the environment, for masking.

    Losing ones too: a token that another variable overrides is still nobody's to read.
    """
    return _secrets(Sources(environ=environ))


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


def _wrangler_values(config: WranglerConfig | None) -> dict[str, str]:
    if config is None:
        return {}
    return {
        options.PROJECT_NAME.name: config.project_name,
        options.DIRECTORY.name: config.build_output_directory,
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
