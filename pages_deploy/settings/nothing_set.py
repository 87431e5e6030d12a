"""Whether there is anything at all that a deployment could come from.

1. Any variable of an option, but the tokens that other tools have in the environment too.
2. The same in a `.env` file.
3. A Pages configuration file, even one that cannot be read: its fault should be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.configuration import read_configuration
from pages_deploy.settings.loading import read_env_file
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.sources import passed_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OF_OTHER_TOOLS = frozenset({"GITHUB_TOKEN", "GITLAB_TOKEN"})


def is_nothing_set(environ: Mapping[str, str], directory: Path) -> bool:
    """Whether neither the environment nor a file of this directory sets any option."""
    if _sets_any(environ):
        return False
    try:
        if _sets_any(read_env_file(directory / options.ENV_FILE.default)):
            return False
    except SettingsError:
        return False
    configuration = read_configuration(directory, is_fork=False)
    return configuration.usable is None and configuration.problem is None


def _sets_any(variables: Mapping[str, str]) -> bool:
    return any(
        value.strip()
        for option in OPTIONS
        for value in (
            *(variables.get(n, "") for n in option.all_variables if n not in OF_OTHER_TOOLS),
            *(value for _name, value in passed_in(variables, option.name)),
        )
    )
