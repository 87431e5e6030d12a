"""The programs that Worker code needs, as the settings have them: named, or found."""

from __future__ import annotations

from pathlib import Path

from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.option import Option
from pages_deploy.settings.settings import Settings
from pages_deploy.worker.module_tree import is_file
from pages_deploy.worker.programs import Search, Tool
from pages_deploy.worker.workerd import find_workerd


def named_file(settings: Settings, option: Option) -> Path | None:
    """Return the file that an option names; raises SettingsError for what is none."""
    named = settings.text(option)
    if not named:
        return None
    file = settings.working_directory / named
    if not is_file(file):
        raise SettingsError(
            f"{option.name} is '{named}', which is not a file.",
            f"Correct it with {option.places()}.",
        )
    return file


def program_search(settings: Settings, runtime: Runtime, option: Option) -> Search:
    """Return where the program of an option is looked for; raises SettingsError."""
    return Search(
        settings.working_directory,
        runtime.environ,
        named_file(settings, option),
        # A fork's checkout may bring a program along.
        takes_node_modules=not settings.build.is_fork,
    )


def worker_runtime(settings: Settings, runtime: Runtime) -> Tool | None:
    """Return the runtime of Workers; None where there is none. Raises SettingsError."""
    return find_workerd(program_search(settings, runtime, options.WORKERD))
