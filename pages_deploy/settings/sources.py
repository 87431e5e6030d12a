"""Where the value of an option comes from.

The first of these that is not empty wins:

1. the flag;
2. `INPUT_*` (the Action) and `PLUGIN_*` (Woodpecker, Drone): names compared without regard to
   case, `-` and `_`;
3. `PAGES_DEPLOY_<OPTION>`, then the option's other variables from left to right; then what a
   COMMAND of wrangler-action says;
4. the same variables in the `.env` file;
5. what the CI platform says;
6. wrangler's configuration file;
7. the default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pages_deploy.settings.option import Option

PASSED_IN = ("INPUT_", "PLUGIN_")
# Azure leaves an undefined variable as it was written; GitHub's form survives where somebody
# quoted a workflow into another system.
_UNEXPANDED = re.compile(r"\$\([A-Za-z_][\w.]*\)|\$\{\{(?:(?!\$\{\{|\}\}).)*+\}\}")


# How far the `.env` file counts: wholly, on somebody's own machine; for what can do no harm, in CI;
# not at all, where the checkout is a fork's.
Trust = Literal["all", "harmless", "nothing"]


@dataclass(frozen=True)
class Found:
    """A value, and where it was found."""

    value: str
    """As it is written there, not yet of its kind."""
    source: str
    """The place in words: a variable, a file, the command line."""


@dataclass(frozen=True)
class Sources:
    """All places in which a value may stand."""

    flags: Mapping[str, str] = field(default_factory=dict)
    """What the command line says, by option name."""
    command: Mapping[str, str] = field(default_factory=dict)
    """What wrangler-action's command says, by option name."""
    platform: Mapping[str, str] = field(default_factory=dict)
    """What the CI platform, or git, says of the build, by option name."""
    platform_name: str = ""
    """What the platform is called in sentences."""
    wrangler: Mapping[str, str] = field(default_factory=dict)
    """What wrangler's configuration file says, by option name."""
    wrangler_name: str = ""
    """The name of that file."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The environment, by variable."""
    env_file: Mapping[str, str] = field(default_factory=dict)
    """What the `.env` file says, by variable."""
    env_file_name: str = ".env"
    """The name of that file."""
    env_file_trust: Trust = "all"
    """How far that file counts."""

    def find(self, option: Option) -> Found | None:
        """Return the value that wins, or None when there is not even a default.

        Raises SettingsError for a value that some template should have replaced.
        """
        for found in self.candidates(option):
            if value := found.value.strip():
                # What a platform itself says of a branch may look like anything.
                if found.source != self.platform_name:
                    _refuse_unexpanded(option, value, found.source)
                return Found(value, found.source)
        return None

    def distrusted(self, options: Iterable[Option]) -> list[str]:
        """Return the variables of the `.env` file that are left alone because this is CI."""
        return [
            name
            for option in options
            for name in option.all_variables
            if self._is_distrusted(option) and self.env_file.get(name)
        ]

    def candidates(self, option: Option) -> Iterator[Found]:
        """Yield what every place says of an option, the winner first; values may be empty."""
        yield Found(self.flags.get(option.name, ""), "the command line")
        if option.input:
            for variable, value in passed_in(self.environ, option.name):
                yield Found(value, variable)
        for variable in option.all_variables:
            yield Found(self.environ.get(variable, ""), variable)
        yield Found(self.command.get(option.name, ""), "COMMAND")
        if not self._is_distrusted(option):
            for variable in option.all_variables:
                source = f"{variable} in {self.env_file_name}"
                yield Found(self.env_file.get(variable, ""), source)
        yield Found(self.platform.get(option.name, ""), self.platform_name)
        yield Found(self.wrangler.get(option.name, ""), self.wrangler_name)
        yield Found(option.default, "the default")

    def _is_distrusted(self, option: Option) -> bool:
        if self.env_file_trust == "all":
            return False
        return self.env_file_trust == "nothing" or not option.trusts_env_file


def passed_in(
    environ: Mapping[str, str], wanted: str, *, prefixes: tuple[str, ...] = PASSED_IN
) -> Iterator[tuple[str, str]]:
    """Yield the variables by which a runner passes an input in, and their values."""
    for prefix in prefixes:
        for variable, value in environ.items():
            name = variable.upper()
            if name.startswith(prefix) and _plain(name[len(prefix) :]) == _plain(wanted):
                yield variable, value


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").upper()


def is_unexpanded(value: str) -> bool:
    """Whether a value is nothing but the text of a variable that some CI should have replaced."""
    return _UNEXPANDED.fullmatch(value) is not None


def _refuse_unexpanded(option: Option, value: str, source: str) -> None:
    match = _UNEXPANDED.fullmatch(value) if option.free_text else _UNEXPANDED.search(value)
    if match is None:
        return
    # A value that is more than a variable's text may be somebody's secret after all.
    is_hidden = option.secret and not is_unexpanded(value)
    text = "of some variable, in part" if is_hidden else match[0]
    raise SettingsError(
        f"{option.name}, from {source}, is the literal text {text}: the CI system did not "
        "put a value in its place.",
        "Define that variable or secret for this job (Azure Pipelines: map it in the step's env), "
        "or leave the option out.",
    )
