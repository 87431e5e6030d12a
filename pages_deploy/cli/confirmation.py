"""The question before something is deleted for good."""

from __future__ import annotations

from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import PagesDeployError, SettingsError


def confirm(runtime: Runtime, question: str, *, yes: bool) -> None:
    """Ask on a terminal; elsewhere nobody can answer, so `--yes` has to say it.

    Raises SettingsError without `--yes` where there is no terminal, PagesDeployError for a no.
    """
    if yes:
        return
    if not runtime.interactive:
        raise SettingsError(
            f"{question} There is no terminal for the answer.", "Add --yes to confirm."
        )
    if runtime.ask(f"{question} [y/N]").strip().lower() not in {"y", "yes"}:
        raise PagesDeployError("Nothing was deleted.")
