"""The record that every CI platform fills in, and what a platform module offers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMIT_HASH = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
# What checkouts of a pull request or a tag are called; no branch of anybody's has such a name.
_NO_BRANCH = re.compile(r"HEAD|\d+/(?:merge|head)|refs/.*", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, kw_only=True)
class BuildContext:
    """Which build this is; what is not known is empty."""

    # The platform's name in running text.
    platform: str
    # False on a developer's own machine.
    is_ci: bool
    # The branch whose files these are: of a pull request its source branch, of a fork's `pr-N`.
    branch: str = ""
    # The commit that its author pushed, 40 or 64 hexadecimal digits.
    commit_hash: str = ""
    commit_message: str = ""
    # Whether files differ from the commit; None where nobody can tell.
    commit_dirty: bool | None = None
    # Why there is no branch, where one would be expected.
    no_branch_reason: str = ""
    # The number that people see, digits only.
    pull_request: str = ""
    # Whether the files come from a repository whose owner may not publish here.
    is_fork: bool = False
    # What the user should be told about running here at all.
    warning: str = ""
    # Whether the platform gives this build no secrets, by design; None where forks get none.
    lacks_secrets: bool | None = None
    # Where this run can be watched.
    run_url: str = ""
    # Owner and name, with `/` between; GitLab's may have more parts.
    repository: str = ""


# Writes one line to the log that the platform reads, as it is.
WriteLine = Callable[[str], None]


@dataclass(frozen=True)
class Dialect:
    """What a platform's log understands beyond text; each function returns a line."""

    notice: Callable[[str], str] = "{}".format
    warning: Callable[[str], str] = "Warning: {}".format
    error: Callable[[str], str] = "Error: {}".format
    # A part of the log that can be folded; the number is the time, in seconds since the epoch.
    open_section: Callable[[str, int], str] | None = None
    close_section: Callable[[int], str] | None = None


PLAIN = Dialect()


class Platform(Protocol):
    """A module of this package.

    It may also have a DIALECT and the functions `hand_back` and `show_summary`.
    """

    NAME: str

    def detect(self, environ: Mapping[str, str]) -> bool:
        """Tell whether this process runs on the platform, by a variable that is its alone."""

    def build(self, environ: Mapping[str, str], directory: Path) -> BuildContext:
        """Read the build's facts; `directory` is the working directory, for `.git`."""


class HandBack(Protocol):
    """How a platform's later steps get the outputs of this one."""

    def __call__(
        self, outputs: Mapping[str, str], environ: Mapping[str, str], write: WriteLine
    ) -> None:
        """Hand the outputs back; raises OSError where the platform's file cannot be written."""


class ShowSummary(Protocol):
    """How a platform shows a summary on the page of the run."""

    def __call__(self, markdown: str, environ: Mapping[str, str], write: WriteLine) -> None:
        """Show it; raises OSError where that is not possible."""


def variable_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs under names that can be variables: PAGES_DEPLOY_UPLOADED_FILES."""
    return {
        f"PAGES_DEPLOY_{name.upper().replace('-', '_')}": value for name, value in outputs.items()
    }


def append(path: str, text: str) -> None:
    """Append to a file that a platform has set up; plain line ends on every system."""
    with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def is_branch(name: str) -> bool:
    """Whether a name can be a branch to deploy, rather than what a detached checkout is called."""
    return bool(name) and _NO_BRANCH.fullmatch(name) is None


def fork_branch(*, pull_request: str, owner: str = "", branch: str = "") -> str:
    """Return the branch as which a fork's files are deployed.

    Never the fork's own name for it: that may be `main`, and would then be production.
    """
    if pull_request:
        return f"pr-{pull_request}"
    return f"{owner or 'fork'}-{branch}" if branch else ""


def number(text: str) -> str:
    """Return a pull request's number, or nothing: some platforms write `false` for none."""
    return text if _NUMBER.fullmatch(text) else ""


def first_commit_hash(*candidates: str) -> str:
    """Return the first candidate that is a whole commit hash, or nothing."""
    return next((text for text in candidates if _COMMIT_HASH.fullmatch(text)), "")


def first(environ: Mapping[str, str], *names: str) -> str:
    """Return the first of some variables that is not empty, or nothing."""
    return next((value for name in names if (value := environ.get(name, ""))), "")


def slug_of(address: str) -> str:
    """Return owner and name of a repository from its address, in either of git's spellings."""
    path = re.sub(r"^(?:[^:/]+://[^/]*/?|[^/]*@?[^/:]+:)", "", address.strip())
    return path.removesuffix("/").removesuffix(".git").strip("/")
