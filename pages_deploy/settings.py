"""The settings of one run: every option's value, checked, and where it came from."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pages_deploy import options
from pages_deploy.api.call import Credentials
from pages_deploy.ci.base import is_branch
from pages_deploy.ci.detection import detect
from pages_deploy.errors import SettingsError
from pages_deploy.options import OPTIONS, Option
from pages_deploy.sources import Found, Sources
from pages_deploy.wrangler_config import WranglerConfig, read_wrangler_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext

YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})
# Known before any file of the checkout is read, so that no such file can change them.
FIRST_OPTIONS = (options.WORKING_DIRECTORY, options.ENV_FILE, options.CI)
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
) -> Settings:
    """Find the value of every option and check it.

    `flags` has the values of the command line by option name; `log` gets where each value came
    from, never a secret's value. Raises SettingsError.
    """
    first = Sources(flags=flags, environ=environ)
    directory, env_file, ci = (_text(first.find(option)) for option in FIRST_OPTIONS)
    working_directory = current_directory / directory
    if not working_directory.is_dir():
        raise SettingsError(
            f"The working directory {working_directory} does not exist.",
            f"Correct {options.WORKING_DIRECTORY.places()}.",
        )
    if ci:
        _check(options.CI, Found(ci, "the settings"))
    build = detect(environ, working_directory, name=ci)
    wrangler = read_wrangler_config(working_directory)
    sources = Sources(
        flags=flags,
        environ=environ,
        env_file=_read_env_file(working_directory / env_file),
        env_file_name=env_file,
        trusts_env_file=not build.is_ci,
        platform=_platform_values(build),
        platform_name=build.platform,
        wrangler=_wrangler_values(wrangler),
        wrangler_name=wrangler.file_name if wrangler is not None else "",
    )
    if wrangler is not None and wrangler.is_worker:
        log(f"{wrangler.file_name} has no pages_build_output_dir: a Worker's, ignored")
    if ignored := sources.distrusted(OPTIONS):
        warn(
            f"{', '.join(ignored)} in {env_file} is ignored: in CI a file of the checkout may not "
            "decide where to deploy or as whom. Use the secrets of the CI platform."
        )
    found: dict[str, Found] = {}
    for option in OPTIONS:
        source = first if option in FIRST_OPTIONS else sources
        value = source.find(option)
        if value is not None:
            _check(option, value)
            found[option.name] = value
            shown = "(secret)" if option.secret else value.value
            log(f"{option.name} = {shown} from {value.source}")
    settings = Settings(working_directory, build, found, _secrets(sources))
    if _is_exposed(settings.text(options.API_BASE_URL)):
        warn("The API address is plain http: everybody on the way can read the token.")
    return settings


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
        if found.value.strip()
    )


def _text(found: Found | None) -> str:
    return found.value if found is not None else ""


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
    if not file.is_file():
        return {}
    # Imported where it is needed: most runs have no such file.
    import dotenv  # noqa: PLC0415

    try:
        # Without interpolation: a value is what is written there.
        values = dotenv.dotenv_values(file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Cannot read {file.name}: {error}.", "Mend the file, or name another by --env-file."
        ) from error
    return {name: value for name, value in values.items() if value}


def _check(option: Option, found: Found) -> None:
    """Raise SettingsError for a value that is not of the option's kind."""
    value = found.value
    wanted = ""
    if option.kind == "switch" and value.lower() not in YES | NO:
        wanted = "true or false"
    elif option.kind == "choice" and value not in option.choices:
        wanted = f"one of {', '.join(option.choices)}"
    elif option.kind == "count" and not _COUNT.fullmatch(value):
        wanted = "a whole number from 1 to 999"
    elif option.kind == "seconds" and not _is_seconds(value):
        wanted = "a number of seconds above 0"
    elif option is options.API_BASE_URL and not _is_address(value):
        wanted = "an address that starts with https://"
    if wanted:
        raise SettingsError(
            f"{option.name}, from {found.source}, is '{value}'; it must be {wanted}.",
            f"Correct it there: {option.places()}.",
        )


def _is_seconds(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and number > 0


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def _is_exposed(address: str) -> bool:
    """Whether a token sent to an address can be read on the way."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "http" and host not in LOOPBACK and not host.endswith(".localhost")
