"""The state of a git checkout, read from `.git` by hand: CI images often have no git.

https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import first_commit_hash, is_branch

if TYPE_CHECKING:
    from pathlib import Path

GIT_TIMEOUT_SECONDS = 20.0
# Every transport of git's own, and the default for others.
PROTOCOLS = ("", "ext.", "file.", "ssh.", "git.", "http.", "https.")
BRANCH_PREFIX = "refs/heads/"
REMOTE_PREFIX = "refs/remotes/"


@dataclass(frozen=True)
class Checkout:
    """What `.git` says; empty where it does not."""

    top: Path
    """The top directory of the work tree."""
    branch: str = ""
    commit_hash: str = ""
    """40 or 64 hexadecimal digits."""
    remote_branches: tuple[str, ...] = ()
    """Remote branches that point at the commit, without the remote's name."""
    unreadable: bool = False
    """Whether its refs are in a form that is not read here."""


def read_checkout(directory: Path) -> Checkout | None:
    """Read the checkout that a directory is part of; None when it is part of none."""
    found = _find_git_dir(directory)
    if found is None:
        return None
    top, git_dir = found
    common = _common_dir(git_dir)
    head = _read(git_dir / "HEAD")
    if not head.startswith("ref: "):
        commit_hash = first_commit_hash(head)
        branches = _remote_branches(common, commit_hash)
        return Checkout(top, commit_hash=commit_hash, remote_branches=branches)
    ref = head.removeprefix("ref: ").strip()
    # A repository in the reftable format has this dummy; its refs are not ours to parse.
    if ref == "refs/heads/.invalid":
        return Checkout(top, unreadable=True)
    commit_hash = first_commit_hash(
        _read(git_dir / ref), _read(common / ref), _packed_refs(common).get(ref, "")
    )
    branch = ref.removeprefix(BRANCH_PREFIX) if ref.startswith(BRANCH_PREFIX) else ""
    return Checkout(top, branch, commit_hash)


def read_remote_ref(directory: Path, name: str) -> str:
    """Return the commit that a remote's ref, such as `origin/main`, points at, or nothing."""
    found = _find_git_dir(directory)
    if found is None:
        return ""
    common, ref = _common_dir(found[1]), REMOTE_PREFIX + name
    return first_commit_hash(_read(common / ref), _packed_refs(common).get(ref, ""))


def read_message(checkout: Checkout, commit_hash: str) -> str:
    """Return a commit's message through `git`; empty when git or the commit is not there.

    `cat-file` runs nothing that the repository's configuration names, so the checkout of another
    user, which git takes for a danger, is none here.
    """
    trust = ["-c", f"safe.directory={checkout.top}"]
    # A partial clone would fetch what it lacks, by a program that its configuration may name.
    for protocol in PROTOCOLS:
        trust += ["-c", f"protocol.{protocol}allow=never"]
    commit = run_git(checkout.top, *trust, "cat-file", "commit", commit_hash) or ""
    return commit.partition("\n\n")[2].strip()


def is_dirty(checkout: Checkout) -> bool | None:
    """Whether files differ from the commit, untracked ones included.

    None without git, and for another user's checkout: `status` may run programs of its choice.
    """
    status = run_git(checkout.top, "-c", "core.fsmonitor=false", "status", "--porcelain")
    return None if status is None else bool(status)


def run_git(directory: Path, *arguments: str) -> str | None:
    """Run git and return what it printed, stripped; None when it cannot be run or fails.

    It asks for no password: it has no input and no terminal.
    """
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - git, with arguments that are ours or a hash
            [git, "-c", "core.askPass=true", *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            capture_output=True,
            timeout=GIT_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def _find_git_dir(directory: Path) -> tuple[Path, Path] | None:
    """Return the top of the work tree and its git directory."""
    for folder in (directory, *directory.parents):
        dot_git = folder / ".git"
        if _is_directory(dot_git):
            return folder, dot_git
        # Worktrees and submodules have a file that names the place.
        text = _read(dot_git)
        if text.startswith("gitdir: "):
            return folder, folder / text.removeprefix("gitdir: ")
    return None


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _common_dir(git_dir: Path) -> Path:
    common = _read(git_dir / "commondir")
    return git_dir / common if common else git_dir


def _packed_refs(common: Path) -> dict[str, str]:
    refs = {}
    for line in _read(common / "packed-refs").splitlines():
        commit_hash, _, ref = line.partition(" ")
        if ref and not line.startswith(("#", "^")):
            refs[ref] = commit_hash
    return refs


def _remote_branches(common: Path, commit_hash: str) -> tuple[str, ...]:
    if not commit_hash:
        return ()
    refs = {ref: value for ref, value in _packed_refs(common).items() if ref.startswith("refs/")}
    remotes = common / "refs" / "remotes"
    if _is_directory(remotes):
        for file in sorted(remotes.rglob("*")):
            if file.is_file():
                refs[REMOTE_PREFIX + file.relative_to(remotes).as_posix()] = _read(file)
    names = {
        ref.removeprefix(REMOTE_PREFIX).partition("/")[2]
        for ref, value in refs.items()
        if ref.startswith(REMOTE_PREFIX) and value == commit_hash
    }
    return tuple(sorted(filter(is_branch, names)))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace").strip()
    except (OSError, ValueError):
        return ""
