"""One option: what it is called in every place where it may be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "PAGES_DEPLOY_"

# A word goes into a header: ASCII without white space. A count is a whole number from 1.
Kind = Literal["text", "word", "switch", "choice", "count", "seconds", "address"]


@dataclass(frozen=True)
class Option:
    """One row of the table in `settings.py`."""

    # Upper case with underscores; every other spelling follows from it.
    name: str
    help: str
    # Other variables that mean the same, the most important first.
    variables: tuple[str, ...] = ()
    # `--name`; a secret never has one, since everybody on a machine can read command lines.
    flag: bool = True
    # The name of the Action's input; empty for none.
    input: str = ""
    secret: bool = False
    kind: Kind = "text"
    # The values of the kind "choice".
    choices: tuple[str, ...] = ()
    default: str = ""
    # Where the command line takes it as an argument.
    positional: bool = False
    # Whether a `.env` file of the checkout, which a pull request can bring along, may set it in CI.
    trusts_env_file: bool = True
    # Free text may contain anything, even what looks like a variable.
    free_text: bool = False

    @property
    def flag_name(self) -> str:
        return "--" + self.name.lower().replace("_", "-")

    @property
    def all_variables(self) -> tuple[str, ...]:
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
