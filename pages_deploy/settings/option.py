"""One option: what it is called in every place where it may be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "PAGES_DEPLOY_"

# A word goes into a header: ASCII without white space. A count is a whole number from 1. An id is
# Cloudflare's, a project a name that Pages takes for one.
Kind = Literal["text", "word", "id", "project", "switch", "choice", "count", "seconds", "address"]

# What `--help` shows together, in this order; the last only where everything is asked for.
Group = Literal["needed", "often", "forges", "files", "rare"]


@dataclass(frozen=True)
class Option:
    """One row of the table in `options.py`."""

    name: str
    """Upper case with underscores; every other spelling follows from it."""
    help: str
    """A sentence for `--help`, docs/options.md and, where the option is missing, the error."""
    variables: tuple[str, ...] = ()
    """Other variables that mean the same, the most important first."""
    flag: bool = True
    """Whether there is a `--name`; a secret has none, since others can read command lines."""
    input: str = ""
    """The name of the Action's input; empty for none."""
    secret: bool = False
    """Whether its value must never be shown."""
    kind: Kind = "text"
    """What its value has to be, checked by `option_checks.py`."""
    choices: tuple[str, ...] = ()
    """The values of the kind "choice"."""
    default: str = ""
    """The value where no source has one; empty for none."""
    positional: bool = False
    """Whether the command line takes it as an argument."""
    trusts_env_file: bool = False
    """Whether in CI a `.env` of the checkout, which a pull request can bring along, may set it:
    only what decides neither what is deployed, nor where, as whom, or what is written."""
    free_text: bool = False
    """Whether it may contain anything, even the text of some variable."""
    repeated: bool = False
    """Whether it has any number of values, one a line; its flag may be given again and again."""
    needed: bool = False
    """Whether a command that takes it cannot do without it."""
    group: Group = "rare"
    """Where `--help` shows it."""

    @property
    def flag_name(self) -> str:
        """The flag: `--project-name` of PROJECT_NAME."""
        return "--" + self.name.lower().replace("_", "-")

    @property
    def all_variables(self) -> tuple[str, ...]:
        """Every variable that sets it, the most important first."""
        return (PREFIX + self.name, *self.variables)

    def places(self) -> str:
        """Name every place where the option may be set, for error messages."""
        places = [f"the input {self.input}"] if self.input else []
        if self.positional:
            places.insert(0, "the argument")
        elif self.flag:
            places.insert(0, self.flag_name)
        variables = [*self.variables, PREFIX + self.name]
        return ", ".join([*places, f"the variable {' or '.join(variables)}"])
