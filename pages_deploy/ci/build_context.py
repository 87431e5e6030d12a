"""Which build this is: the record that every CI platform fills in, and how its facts are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMIT_HASH = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
# What checkouts of a pull request or a tag are called; no branch of anybody's has such a name.
_NO_BRANCH = re.compile(r"HEAD|\d+/(?:merge|head)|refs/.*", re.DOTALL)
_PULL_REF = re.compile(
    r"(?:(?:refs/)?(?:remotes/)?(?:pull|merge-requests)/)?([0-9]+)/(?:merge|head)"
)
_NUMBER = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, kw_only=True)
class BuildContext:
    """Which build this is; what is not known is empty."""

    platform: str
    """The platform's name in running text, such as `GitHub Actions`."""
    is_ci: bool
    """False on a developer's own machine."""
    branch: str = ""
    """The branch whose files these are: of a pull request its source branch, of a fork's `pr-N`."""
    commit_hash: str = ""
    """The commit that its author pushed, 40 or 64 hexadecimal digits."""
    commit_message: str = ""
    """The whole message of that commit."""
    commit_dirty: bool | None = None
    """Whether files differ from the commit; None where nobody can tell."""
    no_branch_reason: str = ""
    """Why there is no branch, where one would be expected."""
    pull_request: str = ""
    """The number that people see, digits only."""
    claimed_branch: str = ""
    """What a pull request's branch is called where nobody can tell whose it is."""
    is_fork: bool = False
    """Whether the files come from a repository whose owner may not publish here."""
    warning: str = ""
    """What the user should be told about running here at all."""
    lacks_secrets: bool | None = None
    """Whether the platform gives this build no secrets, by design; None where forks get none."""
    run_url: str = ""
    """Where this run can be watched."""
    repository: str = ""
    """Owner and name, with `/` between; GitLab's may have more parts."""
    starts_by_itself: bool = False
    """Whether certainly no person asked for just this run: a push or a schedule has started it, and
    it is no repetition."""


def is_branch(name: str) -> bool:
    """Whether a name can be a branch to deploy, rather than what a detached checkout is called."""
    return bool(name) and _NO_BRANCH.fullmatch(name) is None


def fork_branch(*, pull_request: str, owner: str = "", branch: str = "") -> str:
    """Return the branch as which a fork's files are deployed, or nothing where nothing is known.

    Never the fork's own name for it: that may be `main`, and would then be production.
    """
    if pull_request:
        return f"pr-{pull_request}"
    return f"{owner or 'fork'}-{branch}" if branch else ""


def is_called_like_its_target(*, pull_request: str, branch: str, target: str) -> bool:
    """Whether a pull request can only be a fork's, where the platform does not tell forks.

    No branch is to be merged into itself: one that is called like its target is somebody else's.
    """
    return bool(pull_request and branch) and branch == target


def tag_reason(tag: str) -> str:
    """Return why the build of a tag has no branch."""
    return f"this build is of the tag {tag}"


def pull_request_number(text: str) -> str:
    """Return a pull request's number, or nothing: some platforms write `false` for none."""
    return text if _NUMBER.fullmatch(text) else ""


def pull_request_of_ref(name: str) -> str:
    """Return the number of the pull request that a ref is of, such as `42/merge`, or nothing."""
    found = _PULL_REF.fullmatch(name)
    return pull_request_number(found[1]) if found else ""


def first_commit_hash(*candidates: str) -> str:
    """Return the first candidate that is a whole commit hash, or nothing."""
    return next((text for text in candidates if _COMMIT_HASH.fullmatch(text)), "")


def first(environ: Mapping[str, str], *names: str) -> str:
    """Return the first of some variables that is not empty, or nothing."""
    return next((value for name in names if (value := environ.get(name, ""))), "")


def slug_of(address: str) -> str:
    """Return owner and name of a repository from its address, in either of git's spellings."""
    path = re.sub(r"^(?:[^:/]++://[^/]*+/?+|[^/]*[^/:]:)", "", address.strip())
    return path.removesuffix("/").removesuffix(".git").strip("/")
