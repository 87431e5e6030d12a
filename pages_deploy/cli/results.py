"""How the results of a deployment leave the process: printed, to the platform, into files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pages_deploy.ci import github
from pages_deploy.ci.git import read_checkout
from pages_deploy.ci.platform import HandBack
from pages_deploy.cli.runtime import Runtime
from pages_deploy.deploy.deployed import Deployed
from pages_deploy.errors import PagesDeployError, SettingsError
from pages_deploy.reporting.output_files import (
    OutputFile,
    as_dotenv,
    as_gitlab_annotations,
    as_json,
    as_properties,
    wrangler_output_file,
)
from pages_deploy.reporting.outputs import Value, json_of, outputs_of, summary_lines
from pages_deploy.reporting.summary_table import Summary, joined
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings


def print_result(
    runtime: Runtime,
    outputs: Mapping[str, Value],
    deployed: Deployed,
    *,
    field: str | None,
    as_json: bool,
) -> None:
    """Print one output, all as JSON, or the facts for people."""
    if field is not None:
        runtime.print_line(str(outputs[field]))
    elif as_json:
        runtime.print_text(json_of(outputs, deployed))
    else:
        for line in summary_lines(outputs):
            runtime.print_line(line)


def output_files(settings: Settings, runtime: Runtime) -> list[OutputFile]:
    """Return the files that the settings, or wrangler's own variables, ask for."""
    wanted = {
        options.JSON_FILE: as_json,
        options.DOTENV_FILE: as_dotenv,
        options.PROPERTIES_FILE: as_properties,
        options.GITLAB_ANNOTATIONS_FILE: as_gitlab_annotations,
    }
    here, checkout = runtime.current_directory, checkout_of(settings, runtime)
    files = [
        OutputFile(here / path, content, checkout=checkout)
        for option, content in wanted.items()
        if (path := settings.text(option))
    ]
    as_wrangler = wrangler_output_file(runtime.environ, here, runtime.now(), checkout=checkout)
    return files if as_wrangler is None else [*files, as_wrangler]


def checkout_of(settings: Settings, runtime: Runtime) -> tuple[Path, ...]:
    """Return the directories through whose links nothing is written."""
    found = read_checkout(settings.working_directory)
    top = [found.top] if found is not None else []
    return (runtime.current_directory, settings.working_directory, *top)


def hand_backs(runtime: Runtime) -> list[HandBack]:
    """Return the ways in which this platform takes outputs.

    A file named by GITHUB_OUTPUT is written wherever there is one: runners that keep GitHub's
    contract do not all say who they are.
    """
    own = runtime.platform.hand_back
    ways = [own] if own is not None else []
    if runtime.environ.get("GITHUB_OUTPUT") and github.hand_back not in ways:
        ways.append(github.hand_back)
    return ways


def show_summary(runtime: Runtime, summary: Summary, write: Callable[[str], None]) -> None:
    """Show a summary where the platform has a place for one; no failure of it matters."""
    show = runtime.platform.show_summary
    if show is None:
        return
    try:
        masked = summary.masked(runtime.mask)
        show(lambda there: joined(there, masked), runtime.environ, write)
    except (OSError, ValueError, PagesDeployError) as error:
        runtime.console.warn(f"The summary could not be written: {error}")


def hand_over(
    runtime: Runtime,
    deployed: Deployed,
    outputs: Mapping[str, Value],
    files: Iterable[OutputFile],
    write: Callable[[str], None],
) -> None:
    """Give the outputs to the platform and to every file.

    Raises PagesDeployError for those that failed, after all have been tried.
    """
    failed = []
    # Some platforms take no empty value, and to a later step none is the same.
    texts = {name: str(value) for name, value in outputs.items() if value != ""}
    for hand_back in hand_backs(runtime):
        try:
            hand_back(texts, runtime.environ, write)
        except (OSError, ValueError, PagesDeployError) as error:
            failed.append(f"{runtime.platform.name}: {error}")
    for file in files:
        try:
            file.write(outputs, deployed)
        except SettingsError as error:
            failed.append(error.message)
    if failed:
        raise PagesDeployError(
            f"The deployment is done, but its outputs are lost to later steps. {' '.join(failed)}",
            f"Its address is {outputs['url']}",
        )


def hand_over_failure(runtime: Runtime, deployed: Deployed, files: Iterable[OutputFile]) -> None:
    """Give out what exists although the run fails; a failure here does not hide the first one."""
    try:
        hand_over(runtime, deployed, outputs_of(deployed), files, runtime.print_command)
    except PagesDeployError as error:
        runtime.console.warn(error.message)
