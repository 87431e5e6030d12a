"""What of wrangler's configuration file counts in this build, and what stands in the way.

A fork's sets nothing, and a Worker's is none of ours. One that cannot be used stops the run only
where something of it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.wrangler_config import (
    WranglerConfig,
    find_wrangler_config,
    read_wrangler_config,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from pages_deploy.settings.option import Option
    from pages_deploy.settings.sources import Found

IN_FILE = (options.PROJECT_NAME, options.DIRECTORY)


@dataclass(frozen=True)
class Configuration:
    """The file, if there is one."""

    usable: WranglerConfig | None = None
    """What it says, where that counts."""
    why_ignored: str = ""
    """A sentence, where it does not."""
    problem: SettingsError | None = None
    """What is wrong with a file that would count."""

    @property
    def file_name(self) -> str:
        """The name of a file that counts; empty without one."""
        return "" if self.usable is None else self.usable.file_name

    def values(self) -> dict[str, str]:
        """Return what it says of the options, by their names."""
        if self.usable is None:
            return {}
        return {
            options.PROJECT_NAME.name: self.usable.project_name,
            options.DIRECTORY.name: self.usable.build_output_directory,
        }

    def judge(
        self,
        found: Mapping[str, Found],
        wanted: Collection[Option],
        *,
        warn: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        """Raise what is wrong where something of the file is needed; else say why it is ignored."""
        asked = [option.name for option in IN_FILE if option in wanted]
        if self.problem is not None and not set(asked) <= found.keys():
            raise self.problem
        if self.problem is not None and asked:
            given = " and ".join(f"{name} from {found[name].source}" for name in asked)
            warn(f"{self.problem.message} It is ignored: there is {given}.")
        elif self.why_ignored:
            tell(self.why_ignored)


def read_configuration(directory: Path, *, is_fork: bool) -> Configuration:
    """Read the file of a directory; in the build of a fork only whether it is there."""
    try:
        if is_fork:
            file = find_wrangler_config(directory)
            why = f"{file.name} is ignored: it is a fork's, and may set nothing." if file else ""
            return Configuration(why_ignored=why)
        config = read_wrangler_config(directory)
    except SettingsError as error:
        return Configuration(problem=error)
    if config is not None and config.is_worker:
        return Configuration(why_ignored=f"{config.file_name} is ignored: {config.why_ignored}.")
    return Configuration(config)
