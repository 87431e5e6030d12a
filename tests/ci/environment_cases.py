"""Whole environments, as the vendors document them, and what has to be read from each.

They stand in `environments/`, a file for each family of platforms. `[environment]` and
`[expected]` are what its cases have in common. A case says what is its own:

- `like`: the case whose environment and event it begins with, instead of the common one;
- `set` and `unset`: variables that differ from there; or `environment`: all that there are;
- `event`: the text of the file that GITHUB_EVENT_PATH names;
- `expected`: facts beside the common ones. What neither says has its value in `NOTHING_SAID`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).with_name("environments")
NOTHING_SAID: Mapping[str, str | bool] = {
    "is_ci": True,
    "branch": "",
    "commit_hash": "",
    "commit_message": "",
    "commit_dirty": False,
    "no_branch_reason": "",
    "pull_request": "",
    "is_fork": False,
    "warning": "",
    "run_url": "",
    "repository": "",
}
WORDS = {"name", "like", "set", "unset", "environment", "event", "expected"}


@dataclass(frozen=True)
class Case:
    """A build of a platform."""

    name: str
    environ: Mapping[str, str]
    event: str
    """Empty where there is no file of an event."""
    expected: Mapping[str, str | bool]
    """Facts of the BuildContext by their names."""

    def written(self, directory: Path) -> dict[str, str]:
        """Return the environment, with its event in a file."""
        if not self.event:
            return dict(self.environ)
        file = directory / "event.json"
        file.write_text(self.event)
        return {**self.environ, "GITHUB_EVENT_PATH": str(file)}


def _cases_of(data: Mapping[str, Any]) -> Iterator[Case]:
    known: dict[str, Case] = {}
    for row in data["case"]:
        name = row["name"]
        assert row.keys() <= WORDS, f"{name} has an unknown word"
        model = known[row["like"]] if "like" in row else None
        environ = model.environ if model is not None else data.get("environment", {})
        unset = set(row.get("unset", ()))
        assert unset <= environ.keys(), f"{name} takes away what is not there"
        kept = {variable: value for variable, value in environ.items() if variable not in unset}
        known[name] = Case(
            name,
            row.get("environment", {**kept, **row.get("set", {})}),
            row.get("event", model.event if model is not None else ""),
            {**NOTHING_SAID, **data["expected"], **row.get("expected", {})},
        )
        yield known[name]


CASES = [
    case
    for file in sorted(FOLDER.glob("*.toml"))
    for case in _cases_of(tomllib.loads(file.read_text("utf-8")))
]


def case_of(name: str) -> Case:
    """Return the case of a name."""
    [found] = [case for case in CASES if case.name == name]
    return found
