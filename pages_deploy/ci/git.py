"""The state of a git checkout, read from `.git` by hand: CI images often have no git.

https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import first_commit_hash, is_branch
from pages_deploy.ci.programs import bare_environment, find_program, run_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FLAGS = ("--no-pager", "--no-optional-locks")
SAFE = ("core.askPass=true", "core.fsmonitor=false", f"core.hooksPath={os.devnull}")
# A partial clone would fetch what it lacks, by a program that its configuration may name.
ENVIRONMENT = MappingProxyType({"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"})
REMOTE_PROTOCOLS = "https:http:ssh:git:file"
# Without these no remote is reached from behind a proxy, nor by an agent's key.
REMOTE_VARIABLES = (
    *("SSH_AUTH_SOCK", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("https_proxy", "http_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
)
_ENCODING = re.compile(rb"^encoding ([!-~]+)$", re.MULTILINE)
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


def read_message(checkout: Checkout, commit_hash: str, environ: Mapping[str, str]) -> str:
    """Return a commit's message through `git`; empty when git or the commit is not there.

    A commit that names another encoding than UTF-8 is decoded by it, as git does; by UTF-8, where
    that is none that is known.
    """
    commit = _ask_git(checkout.top, environ, "cat-file", "commit", commit_hash)
    headers, _, message = (commit or b"").partition(b"\n\n")
    found = _ENCODING.search(headers)
    encoding = found[1].decode("ascii", "replace") if found else "utf-8"
    try:
        text = message.decode(encoding, "replace")
    except (LookupError, ValueError):
        text = message.decode(errors="replace")
    return text.strip()


def is_dirty(checkout: Checkout, environ: Mapping[str, str]) -> bool | None:
    """Whether files differ from the commit, untracked ones included; None without git.

    Files are compared as they are. No filter runs, so one of a filter's (Git LFS) counts as changed
    as soon as it was touched; nor is git started in a submodule, whose configuration is its own.
    """
    names = _ask_git(
        checkout.top, environ, "config", "-z", "--name-only", "--get-regexp", r"^filter\."
    )
    drivers = {name.rpartition(b".")[0] for name in (names or b"").split(b"\0") if name}
    keys = [os.fsdecode(driver) for driver in sorted(drivers)]
    nothing = {f"{key}.{kind}": "" for key in keys for kind in ("clean", "smudge", "process")}
    settings = nothing | {f"{key}.required": "false" for key in keys}
    status = _ask_git(
        checkout.top,
        environ,
        "status",
        "--porcelain",
        "--ignore-submodules=dirty",
        settings=settings,
    )
    return None if status is None else bool(status.strip())


def is_ancestor(
    directory: Path, commit_hash: str, of: str, environ: Mapping[str, str]
) -> bool | None:
    """Whether a commit is the ancestor of another one, or the same; None where git cannot tell.

    In a shallow checkout, what is not found may be beyond the end of its history.
    """
    found = _find_git_dir(directory)
    ours, theirs = first_commit_hash(commit_hash).lower(), first_commit_hash(of).lower()
    if found is None or not ours or not theirs:
        return None
    top, git_dir = found
    if run_git(top, environ, "merge-base", ours, theirs) == ours:
        return True
    if _read(_common_dir(git_dir) / "shallow"):
        return None
    # Where both are there, the history between them is as well.
    both = run_git(top, environ, "rev-list", "--no-walk", ours, theirs)
    return None if both is None else False


def list_remote_branches(
    directory: Path, remote: str, environ: Mapping[str, str]
) -> frozenset[str] | None:
    """Return the branches of a git remote, by its name or address; None where git cannot tell.

    Only the remote's address and the header that lets CI in are taken from the checkout. The rest
    of its configuration, which could name programs, is out of sight: git runs in no repository.
    """
    checkout = read_checkout(directory)
    top = directory if checkout is None else checkout.top
    address = run_git(top, environ, "config", "--get", f"remote.{remote}.url") or remote
    header = run_git(top, environ, "config", "--get-urlmatch", "http.extraheader", address)
    listed = _ask_git(
        top,
        environ,
        *("ls-remote", "--heads", "--", address),
        settings={f"http.{address}.extraheader": header} if header else {},
        more={"GIT_DIR": os.devnull, "GIT_ALLOW_PROTOCOL": REMOTE_PROTOCOLS},
        prefixes=REMOTE_VARIABLES,
    )
    if listed is None:
        return None
    lines = listed.decode(errors="replace").splitlines()
    return frozenset(line.partition(BRANCH_PREFIX)[2] for line in lines)


def run_git(directory: Path, environ: Mapping[str, str], *arguments: str) -> str | None:
    """Run git and return what it printed, stripped; None when it cannot be run or fails."""
    printed = _ask_git(directory, environ, *arguments)
    return None if printed is None else printed.decode(errors="replace").strip()


def _ask_git(
    directory: Path,
    environ: Mapping[str, str],
    *arguments: str,
    settings: Mapping[str, str] = MappingProxyType({}),
    more: Mapping[str, str] = MappingProxyType({}),
    prefixes: Sequence[str] = (),
) -> bytes | None:
    """Run git, with settings and variables beside those that `GIT` and `ENVIRONMENT` say.

    It asks for no password: it has no input and no terminal.
    """
    outside = (directory,)
    git = find_program("git", environ, outside=outside)
    if git is None:
        return None
    kept = bare_environment(environ, outside=outside, prefixes=("GIT_CONFIG_", *prefixes))
    seen = {**kept, **ENVIRONMENT, **more}
    # By variables and not by -c: what a driver is called may have any sign in it.
    count = seen.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    for number, (key, value) in enumerate(settings.items(), first):
        seen |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        seen["GIT_CONFIG_COUNT"] = str(number + 1)
    # A checkout of another user, as containers have them, is no danger where none of its programs
    # run. Git compares with the path as it really is.
    trust = (f"safe.directory={place}" for place in (directory, os.path.realpath(directory)))
    words = itertools.chain.from_iterable(("-c", setting) for setting in (*SAFE, *trust))
    try:
        return run_program(git, *words, *FLAGS, *arguments, directory=directory, environ=seen)
    except OSError:
        return None


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
        # A pipe would be read for ever.
        return file.read_text("utf-8", errors="replace").strip() if file.is_file() else ""
    except (OSError, ValueError):
        return ""
