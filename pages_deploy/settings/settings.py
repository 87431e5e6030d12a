"""The settings of one run: every option's value, checked, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.api.call import Credentials
from pages_deploy.api.dashboard import TOKEN_FORM
from pages_deploy.api.deployments import Commit, ConfigurationFile
from pages_deploy.ci.build_context import is_branch, pull_request_of_ref
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.option_checks import YES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.build_context import BuildContext
    from pages_deploy.settings.option import Option
    from pages_deploy.settings.sources import Found
    from pages_deploy.settings.wrangler_config import WranglerConfig


@dataclass(frozen=True)
class Settings:
    """The values of all options; made by `load_settings`, which has checked them."""

    working_directory: Path
    """Where to run; relative paths of the build start here."""
    build: BuildContext
    """What the CI platform, or git, says of the build."""
    found: Mapping[str, Found]
    """The values by option name, without the options that are not set or not wanted."""
    secrets: tuple[str, ...] = ()
    """Every secret in sight, also those that lost against another source."""
    secrets_place: str = ""
    """Where the CI platform's users keep secrets; empty where that is not known."""
    wrangler: WranglerConfig | None = None
    """Wrangler's configuration file, where it counts."""
    why_no_configuration: str = ""
    """Why such a file is ignored, a sentence; empty where there is none, or it counts."""
    configuration_problem: SettingsError | None = None
    """What is wrong with such a file that would count, where the options can do without it."""
    missing: tuple[Option, ...] = ()
    """What the command cannot do without and nothing gives."""

    def text(self, option: Option) -> str:
        """Return a value as it was written; empty when the option is not set."""
        found = self.found.get(option.name)
        return found.value if found is not None else ""

    def required(self, option: Option) -> str:
        """Return a value.

        Without one raises SettingsError, naming all places to set it, and with it whatever else
        the command needs and has not.
        """
        if value := self.text(option):
            return value
        raise self._lacking(option)

    def _lacking(self, option: Option) -> SettingsError:
        lacking = dict.fromkeys((option, *self.missing))
        hints = [
            f"{self.how_to_set(one, called='it' if len(lacking) == 1 else one.name)}"
            f"{self._why_not_configured(one)}"
            for one in lacking
        ]
        if self.secrets_place and any(one.secret for one in lacking):
            hints.append(f"{self.build.platform} keeps secrets in {self.secrets_place}.")
        if options.BRANCH in lacking:
            hints.append("The project's production branch deploys to production.")
        if options.API_TOKEN in lacking:
            hints.append(f"This form makes a token: {TOKEN_FORM}")
        return SettingsError(" ".join(map(self._lack_of, lacking)), " ".join(hints))

    def how_to_set(self, option: Option, *, called: str = "it") -> str:
        """Say how to set an option: on a person's machine by what can be pasted, in CI anywhere."""
        if self.build.is_ci:
            return f"Set {called} with {option.places()}."
        if option.positional:
            return f"Add {called} to the command, as in: pages-deploy dist"
        by_flag = f" with {option.flag_name}" if option.flag else ""
        if not option.variables:
            return f"Set {called}{by_flag}."
        return f"Set {called}{by_flag}{', or' if by_flag else ''}: export {option.variables[0]}=..."

    def _lack_of(self, option: Option) -> str:
        if option is options.BRANCH:
            reason = self.build.no_branch_reason or f"{self.build.platform} names none"
            return f"The branch to deploy as is not known: {reason}."
        return f"{option.name} is not set: {option.help[0].lower()}{option.help[1:]}"

    def _why_not_configured(self, option: Option) -> str:
        """Return, for what wrangler's file could have said, why it does not."""
        is_in_file = option in {options.PROJECT_NAME, options.DIRECTORY}
        return f" {self.why_no_configuration}" if is_in_file and self.why_no_configuration else ""

    def switch(self, option: Option) -> bool:
        """Whether a switch is on; one that is not set is off."""
        return self.text(option).lower() in YES

    def allows(self, option: Option) -> bool:
        """Whether a switch that is on wherever it can be was not turned off."""
        return not self.text(option) or self.switch(option)

    def number(self, option: Option) -> float:
        """Return the value of an option of the kinds count and seconds, which has a default."""
        return float(self.text(option))

    @property
    def build_directory(self) -> Path:
        """The directory to deploy; raises SettingsError when none is named."""
        return self.working_directory / self.required(options.DIRECTORY)

    @property
    def commit(self) -> Commit:
        """Where the files come from, as far as it is known."""
        config = self.wrangler
        return Commit(
            self.text(options.COMMIT_HASH),
            self.text(options.COMMIT_MESSAGE),
            self.commit_dirty,
            ConfigurationFile(config.file_hash, config.build_output_directory) if config else None,
        )

    @property
    def commit_dirty(self) -> bool | None:
        """Whether the files differ from the commit; None where that is not known."""
        return self.switch(options.COMMIT_DIRTY) if self.text(options.COMMIT_DIRTY) else None

    @property
    def branch(self) -> str:
        """The branch to deploy as; empty only on a machine with neither CI nor git.

        Raises SettingsError when a branch should be known and is not.
        """
        branch = self.text(options.BRANCH)
        if branch and not is_branch(branch):
            raise SettingsError(
                f"BRANCH is '{branch}', which is {_what_it_is(branch)}, not a branch.",
                f"Give the name of the branch with {options.BRANCH.places()}.",
            )
        if not branch and (self.build.is_ci or self.build.no_branch_reason):
            raise self._lacking(options.BRANCH)
        return branch

    @property
    def credentials(self) -> Credentials:
        """The API token, or else the legacy pair; raises SettingsError when there is neither."""
        key, email = self.text(options.API_KEY), self.text(options.EMAIL)
        if not self.text(options.API_TOKEN) and key and email:
            return Credentials.of_key(key, email)
        self.check_credentials()
        return Credentials.of_token(self.text(options.API_TOKEN))

    @property
    def github_token(self) -> str:
        """The token for GitHub and its like, if it may be used.

        Many a job has the plain variable for another tool's sake, so it has to be asked for.
        """
        found = self.found.get(options.GITHUB_TOKEN.name)
        asked = self.switch(options.GITHUB_DEPLOYMENT) or self.switch(options.COMMENT)
        is_plain = found is not None and found.source == "GITHUB_TOKEN"
        return "" if found is None or (is_plain and not asked) else found.value

    @property
    def skips_for_want_of_a_token(self) -> bool:
        """Whether there is no token, and that is how the platform means it to be."""
        has_some = self.text(options.API_TOKEN) or self.text(options.API_KEY)
        lacks = self.build.lacks_secrets
        withheld = self.build.is_fork if lacks is None else lacks
        return withheld and not has_some and not self.switch(options.REQUIRE_TOKEN)

    def check_credentials(self) -> None:
        """Raise SettingsError when there are none, before anything takes its time."""
        if self.text(options.API_TOKEN):
            return
        if not self.text(options.API_KEY):
            self.required(options.API_TOKEN)
        self.required(options.EMAIL)

    def check_expectation(self, environment: str) -> None:
        """Raise SettingsError where the deployment would not land where it is expected to.

        A fork's files are expected anywhere but in production.
        """
        branch = self.found.get(options.BRANCH.name)
        by_platform = branch is not None and branch.source == self.build.platform
        if environment == "production" and self.build.is_fork and by_platform:
            raise SettingsError(
                f"The files are a fork's, and branch '{self.branch}' is production. Nothing was "
                "sent.",
                f"To deploy production from them, give {options.BRANCH.places()}.",
            )
        expected = self.text(options.EXPECT)
        if expected and expected != environment:
            raise SettingsError(
                f"This deployment would be a {environment} one, and EXPECT is '{expected}': branch "
                f"'{self.branch}' decides it. Nothing was sent.",
                f"Correct the branch with {options.BRANCH.places()}, or the expectation by "
                f"{options.EXPECT.places()}.",
            )

    @property
    def if_older(self) -> str:
        """What becomes of a commit that is older than production's: deploy, skip or fail."""
        own = "skip" if self.build.starts_by_itself else "deploy"
        return self.text(options.IF_OLDER) or own

    @property
    def purge_credentials(self) -> Credentials:
        """The token for the purge alone, or else what everything else uses.

        Raises SettingsError when there is neither.
        """
        token = self.text(options.PURGE_API_TOKEN)
        return Credentials.of_token(token) if token else self.credentials

    @property
    def purge(self) -> str:
        """What to purge: everything, hosts, files or off.

        Raises SettingsError when a zone is needed and missing.
        """
        zone_id = self.text(options.ZONE_ID)
        what = self.text(options.PURGE) or ("everything" if zone_id else "off")
        if what != "off" and not zone_id:
            raise SettingsError(
                f"PURGE is '{what}', but no zone is given.",
                f"Set the zone with {options.ZONE_ID.places()}.",
            )
        return what


def _what_it_is(name: str) -> str:
    """Return what a name that is no branch is the name of."""
    if name == "HEAD":
        return "what a detached checkout is called"
    if pull_request_of_ref(name):
        return "what a pull request is fetched as"
    return "a tag" if name.startswith("refs/tags/") else "a ref of another kind"
