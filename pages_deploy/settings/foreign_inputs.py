"""The inputs of other actions that are no options here, so that a workflow can come as it is.

They are declared, or GitHub would drop them with no more than a warning. Those that concern npm and
the log change nothing. Those that mean work are refused, with the line that does the same: work
must not be dropped under a green run.

https://github.com/cloudflare/wrangler-action/blob/main/action.yml (all of v3 and v4),
https://github.com/AdrianGonz97/refined-cf-pages-action/blob/main/action.yml
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.settings.sources import passed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What fits into an error beside its other words; longer ones are known to whoever wrote them.
MAX_SHOWN = 200


@dataclass(frozen=True)
class ForeignInput:
    """An input of another action."""

    name: str
    """As the other action spells it."""
    help: str
    """A sentence for action.yml."""
    instead: Callable[[str], str] | None = None
    """Tells for a value what does the same here; None for an input that is ignored."""


def _step(where: str) -> Callable[[str], str]:
    def instead(value: str) -> str:
        lines = [line.strip() for line in value.splitlines() if line.strip()]
        # wrangler-action stops at the first that fails, and runs its own wrangler by npx.
        script = " && ".join(
            f"npx {line}" if line.startswith("wrangler") else line for line in lines
        )
        if len(script) > MAX_SHOWN:
            script = "its lines"
        return f"Make them a step of its own {where} this one: `- run: {script}`"

    return instead


def _variables(kind: str) -> Callable[[str], str]:
    def instead(value: str) -> str:
        names = " ".join(value.split())[:MAX_SHOWN]
        return (
            f"Set {names} once with `pages-deploy projects update PROJECT --variables-file FILE` "
            f"({kind} of a Pages project stay)"
        )

    return instead


def _branch(value: str) -> str:
    return (
        f"Pages knows production and preview, and the branch decides: `branch: {value}` deploys a "
        f"preview of that name, the project's production branch to production, and `expect: "
        "production` or `expect: preview` refuses the other one"
    )


FOREIGN_INPUTS = (
    ForeignInput(
        "wranglerVersion", "Accepted from other actions and ignored: there is no wrangler here."
    ),
    ForeignInput(
        "packageManager", "Accepted from wrangler-action and ignored: nothing comes from npm."
    ),
    ForeignInput("quiet", "Accepted from wrangler-action and ignored."),
    ForeignInput(
        "preCommands",
        "Of wrangler-action; refused when not empty: make it a step before this one.",
        _step("before"),
    ),
    ForeignInput(
        "postCommands",
        "Of wrangler-action; refused when not empty: make it a step after this one.",
        _step("after"),
    ),
    ForeignInput(
        "secrets",
        "Of wrangler-action; refused when not empty: `pages-deploy projects update` sets them.",
        _variables("secrets"),
    ),
    ForeignInput(
        "vars",
        "Of wrangler-action; refused when not empty: `pages-deploy projects update` sets them.",
        _variables("variables"),
    ),
    ForeignInput(
        "environment",
        "Of wrangler-action; refused when not empty: the branch decides between production and "
        "preview.",
        _branch,
    ),
)


def read_foreign_inputs(environ: Mapping[str, str]) -> list[str]:
    """Return the names of those that are given and ignored.

    Raises SettingsError, naming each, for those that mean work which would not be done.
    """
    given = [
        (row, value.strip())
        for row in FOREIGN_INPUTS
        for _variable, value in passed_in(environ, row.name, prefixes=("INPUT_",))
        if value.strip()
    ]
    refused = [(row.name, row.instead(value)) for row, value in given if row.instead is not None]
    if refused:
        names = ", ".join(name for name, _instead in refused)
        raise SettingsError(
            f"The input {names} of wrangler-action is not carried out here, and nothing was sent.",
            " ".join(f"{name}: {instead}." for name, instead in refused),
        )
    return [row.name for row, _value in given]
