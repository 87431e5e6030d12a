"""What a CI platform is: a record that each module of a platform fills in as its PLATFORM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages_deploy.ci.build_context import BuildContext

WriteLine = Callable[[str], None]
"""Writes one line to the log that the platform reads, as it is."""
HandBack = Callable[[Mapping[str, str], Mapping[str, str], WriteLine], None]
"""Gives outputs, by the environment, to the platform's later steps.

Raises OSError where the platform's file cannot be written.
"""
Addition = Callable[[bytes], tuple[int, bytes]]
"""Says of what a file of Markdown has how many bytes stay, and what comes in place of the rest.

Of an empty file it is all that is to be shown. Raises ValueError where nothing can be added.
"""
ShowSummary = Callable[[Addition, Mapping[str, str], WriteLine], None]
"""Shows Markdown, by the environment, on the page of the run.

Raises OSError where that is not possible, and ValueError as the addition does.
"""


@dataclass(frozen=True)
class Dialect:
    """What a platform's log understands beyond text; each function returns a line."""

    notice: Callable[[str], str] = "{}".format
    warning: Callable[[str], str] = "Warning: {}".format
    error: Callable[[str], str] = "Error: {}".format
    located: Callable[[str, str, str, int], str] | None = None
    """A line about a place in a file: `notice`, `warning` or `error`, what it says, the file as it
    is called from the root of the checkout, and the line from 1, 0 for all of the file."""
    open_section: Callable[[str, int], str] | None = None
    """Begins a part of the log that can be folded: its title, and seconds since the epoch."""
    close_section: Callable[[int], str] | None = None
    """Ends it; the number is seconds since the epoch."""


PLAIN = Dialect()


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A CI platform."""

    name: str
    """What the option `ci` calls it."""
    detect: Callable[[Mapping[str, str]], bool]
    """Whether this environment is the platform's, by a variable that is its alone."""
    build: Callable[[Mapping[str, str]], BuildContext]
    """Reads the build's facts from the environment."""
    find_commit: Callable[[Mapping[str, str], Path], str] | None = None
    """Finds, in the checkout that a directory is part of, a commit hash that the environment does
    not have whole or at all; empty where it is not there."""
    dialect: Dialect = PLAIN
    hand_back: HandBack | None = None
    """None where later steps get outputs by files of ours alone."""
    secrets_place: str = ""
    """Where its users keep secrets for a job, as the pages of the platform call it; empty where
    that differs from one installation to the next."""
    show_summary: ShowSummary | None = None
    """None where the platform has no place for one."""


def variable_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs under names that can be variables: PAGES_DEPLOY_UPLOADED_FILES."""
    return {
        f"PAGES_DEPLOY_{name.upper().replace('-', '_')}": value for name, value in outputs.items()
    }


def append(path: str, text: str) -> None:
    """Append to a file that a platform has set up; plain line ends on every system.

    Raises OSError.
    """
    with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
