"""A git checkout, read by hand, against checkouts that git itself has made."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import local, other
from pages_deploy.ci.git import Checkout, is_dirty, read_checkout, read_message, run_git

if TYPE_CHECKING:
    from pathlib import Path

HASH = "1111111111111111111111111111111111111111"
OTHER = "2222222222222222222222222222222222222222"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def git(directory: Path, *arguments: str) -> str:
    """Run git as on a machine without any configuration."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.test",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.test",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch `feature/x`."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=feature/x")
    (root / "index.html").write_text("home")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=Subject\n\nBody é")
    return root


def fake(directory: Path, files: dict[str, str]) -> Path:
    """Write files below `.git`."""
    for name, text in files.items():
        file = directory / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory


def test_outside_of_any_checkout_there_is_nothing(tmp_path: Path) -> None:
    assert read_checkout(tmp_path) is None
    context = local.build({}, tmp_path)
    assert (context.branch, context.commit_hash, context.commit_dirty) == ("", "", None)
    assert context.no_branch_reason == ""


@needs_git
def test_branch_and_commit_are_those_of_git(repository: Path) -> None:
    expected = Checkout("feature/x", git(repository, "rev-parse", "HEAD"))
    assert read_checkout(repository) == expected
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    assert read_checkout(below) == expected


@needs_git
def test_packed_refs_are_read(repository: Path) -> None:
    git(repository, "tag", "--annotate", "--message=x", "v1")
    git(repository, "pack-refs", "--all", "--prune")
    assert not (repository / ".git/refs/heads/feature/x").exists()
    assert read_checkout(repository) == Checkout("feature/x", git(repository, "rev-parse", "HEAD"))


@needs_git
def test_a_loose_ref_is_newer_than_a_packed_one(repository: Path) -> None:
    git(repository, "pack-refs", "--all", "--prune")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Two")
    checkout = read_checkout(repository)
    assert checkout is not None
    assert checkout.commit_hash == git(repository, "rev-parse", "HEAD")


@needs_git
@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree_is_read_through_its_file(
    repository: Path, tmp_path: Path, packed: bool
) -> None:
    tree = tmp_path / "tree"
    git(repository, "worktree", "add", "--quiet", "-b", "side", str(tree))
    git(tree, "commit", "--quiet", "--allow-empty", "--message=Two")
    if packed:
        git(repository, "pack-refs", "--all", "--prune")
    assert read_checkout(tree) == Checkout("side", git(tree, "rev-parse", "HEAD"))


@needs_git
def test_a_submodule_is_read_through_its_relative_file(repository: Path, tmp_path: Path) -> None:
    parent = tmp_path / "parent"
    parent.mkdir()
    git(parent, "init", "--quiet", "--initial-branch=main")
    git(
        parent,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(repository),
        "module",
    )
    checkout = read_checkout(parent / "module")
    assert checkout == Checkout("feature/x", git(repository, "rev-parse", "HEAD"))


@needs_git
def test_a_repository_of_the_long_hashes_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=One")
    checkout = read_checkout(tmp_path)
    assert checkout is not None
    assert len(checkout.commit_hash) == 64
    assert checkout.commit_hash == git(tmp_path, "rev-parse", "HEAD")
    assert read_message(tmp_path, checkout.commit_hash) == "One"


@needs_git
def test_a_branch_without_a_commit_is_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    assert read_checkout(tmp_path) == Checkout("main", "")


@needs_git
def test_a_detached_checkout_of_one_remote_branch_is_of_that_branch(
    repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    git(clone, "checkout", "--quiet", "--detach")
    commit = git(clone, "rev-parse", "HEAD")
    assert read_checkout(clone) == Checkout("", commit, ("feature/x",))
    context = other.build({"CI": "true"}, clone)
    assert (context.branch, context.commit_hash) == ("feature/x", commit)
    assert context.commit_message == "Subject\n\nBody é"
    assert context.commit_dirty is False


def test_a_detached_checkout_of_two_remote_branches_is_of_neither(tmp_path: Path) -> None:
    fake(
        tmp_path,
        {
            "HEAD": f"{HASH}\n",
            "packed-refs": (
                "# pack-refs with: peeled fully-peeled sorted\n"
                f"{HASH} refs/remotes/origin/main\n{OTHER} refs/remotes/origin/old\n"
                f"{OTHER} refs/tags/v1\n^{HASH}\n{HASH} refs/heads/local\n"
            ),
            "refs/remotes/origin/HEAD": "ref: refs/remotes/origin/main\n",
            "refs/remotes/origin/feature/x": f"{HASH}\n",
        },
    )
    assert read_checkout(tmp_path) == Checkout("", HASH, ("feature/x", "main"))
    context = other.build({"CI": "true"}, tmp_path)
    assert context.branch == ""
    assert "feature/x, main" in context.no_branch_reason


def test_a_branch_that_two_remotes_have_is_one_branch(tmp_path: Path) -> None:
    refs = {f"refs/remotes/{remote}/main": f"{HASH}\n" for remote in ("origin", "fork")}
    fake(tmp_path, {"HEAD": HASH, **refs})
    assert local.build({}, tmp_path).branch == "main"


def test_a_loose_remote_branch_that_moved_on_is_not_taken_from_the_packed_ones(
    tmp_path: Path,
) -> None:
    fake(
        tmp_path,
        {
            "HEAD": HASH,
            "packed-refs": f"{HASH} refs/remotes/origin/main\n",
            "refs/remotes/origin/main": OTHER,
        },
    )
    assert read_checkout(tmp_path) == Checkout("", HASH, ())
    assert "of a commit" in local.build({}, tmp_path).no_branch_reason


def test_the_newer_ref_format_is_not_guessed_at(tmp_path: Path) -> None:
    fake(tmp_path, {"HEAD": "ref: refs/heads/.invalid\n", "refs/heads": "this repository uses x"})
    assert read_checkout(tmp_path) == Checkout(unreadable=True)
    context = local.build({}, tmp_path)
    assert context.branch == ""
    assert "reftable" in context.no_branch_reason


@pytest.mark.parametrize("head", ["", "nonsense", "\x00\xff", "ref: ", "ref: refs/tags/v1", "abc"])
def test_a_broken_head_is_nothing_known(tmp_path: Path, head: str) -> None:
    fake(tmp_path, {"HEAD": head})
    checkout = read_checkout(tmp_path)
    assert checkout is not None
    assert (checkout.branch, checkout.commit_hash) == ("", "")


@needs_git
def test_files_that_differ_from_the_commit_are_noticed(repository: Path) -> None:
    assert is_dirty(repository) is False
    assert local.build({}, repository).commit_dirty is False
    (repository / "new.html").write_text("new")
    assert is_dirty(repository) is True
    assert local.build({}, repository).commit_dirty is True
    # In CI the build's own output would always be a difference.
    assert other.build({"CI": "true"}, repository).commit_dirty is False


@needs_git
def test_a_command_that_git_refuses_says_nothing(repository: Path, tmp_path: Path) -> None:
    assert run_git(repository, "rev-parse", "--verify", "no-such-ref") is None
    assert read_message(repository, OTHER) == ""
    assert is_dirty(tmp_path) is None


@needs_git
def test_a_monitor_that_the_checkout_configures_is_not_run(repository: Path) -> None:
    trap = repository / "trap"
    trap.write_text("#!/bin/sh\ntouch trapped\n")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    is_dirty(repository)
    assert not (repository / "trapped").exists()


def test_without_git_only_what_it_alone_knows_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake(tmp_path, {"HEAD": "ref: refs/heads/main", "refs/heads/main": HASH})
    context = local.build({}, tmp_path)
    assert (context.branch, context.commit_hash) == ("main", HASH)
    assert context.commit_message == ""
    assert context.commit_dirty is None
