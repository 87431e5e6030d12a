"""A git checkout, read by hand, against checkouts that git itself has made."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import read_build
from pages_deploy.ci.git import (
    Checkout,
    is_ancestor,
    is_dirty,
    read_checkout,
    read_message,
    read_remote_ref,
    run_git,
)
from tests.ci.checkouts import fake_git_dir, git, make_repository, needs_git

if TYPE_CHECKING:
    from pathlib import Path

HASH = "1111111111111111111111111111111111111111"
OTHER = "2222222222222222222222222222222222222222"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")
LOCAL: dict[str, str] = {}
IN_CI = {"CI": "true"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch `feature/x`."""
    return make_repository(tmp_path / "repository")


def context_of(environ: dict[str, str], directory: Path) -> BuildContext:
    return with_git(read_build(environ, directory), directory, os.environ)


def test_outside_of_any_checkout_there_is_nothing(tmp_path: Path) -> None:
    assert read_checkout(tmp_path) is None
    context = context_of(LOCAL, tmp_path)
    assert (context.branch, context.commit_hash, context.commit_dirty) == ("", "", None)
    assert context.no_branch_reason == ""


@needs_git
def test_branch_and_commit_are_those_of_git(repository: Path) -> None:
    expected = Checkout(repository, "feature/x", git(repository, "rev-parse", "HEAD"))
    assert read_checkout(repository) == expected
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    assert read_checkout(below) == expected


@needs_git
def test_packed_refs_are_read(repository: Path) -> None:
    git(repository, "tag", "--annotate", "--message=x", "v1")
    git(repository, "pack-refs", "--all", "--prune")
    assert not (repository / ".git/refs/heads/feature/x").exists()
    assert read_checkout(repository) == Checkout(
        repository, "feature/x", git(repository, "rev-parse", "HEAD")
    )


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
    assert read_checkout(tree) == Checkout(tree, "side", git(tree, "rev-parse", "HEAD"))


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
    assert checkout == Checkout(
        parent / "module", "feature/x", git(repository, "rev-parse", "HEAD")
    )


@needs_git
def test_a_repository_of_the_long_hashes_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=One")
    checkout = read_checkout(tmp_path)
    assert checkout is not None
    assert len(checkout.commit_hash) == 64
    assert checkout.commit_hash == git(tmp_path, "rev-parse", "HEAD")
    assert read_message(checkout, checkout.commit_hash, os.environ) == "One"


@needs_git
def test_a_branch_without_a_commit_is_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    assert read_checkout(tmp_path) == Checkout(tmp_path, "main", "")


@needs_git
def test_a_detached_checkout_of_one_remote_branch_is_of_that_branch(
    repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    git(clone, "checkout", "--quiet", "--detach")
    commit = git(clone, "rev-parse", "HEAD")
    assert read_checkout(clone) == Checkout(clone, "", commit, ("feature/x",))
    context = context_of(IN_CI, clone)
    assert (context.branch, context.commit_hash) == ("feature/x", commit)
    assert context.commit_message == "Subject\n\nBody é"
    assert context.commit_dirty is False


def test_a_detached_checkout_of_two_remote_branches_is_of_neither(tmp_path: Path) -> None:
    fake_git_dir(
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
    assert read_checkout(tmp_path) == Checkout(tmp_path, "", HASH, ("feature/x", "main"))
    context = context_of(IN_CI, tmp_path)
    assert context.branch == ""
    assert "feature/x, main" in context.no_branch_reason


def test_a_branch_that_two_remotes_have_is_one_branch(tmp_path: Path) -> None:
    refs = {f"refs/remotes/{remote}/main": f"{HASH}\n" for remote in ("origin", "fork")}
    fake_git_dir(tmp_path, {"HEAD": HASH, **refs})
    assert context_of(LOCAL, tmp_path).branch == "main"


def test_a_loose_remote_branch_that_moved_on_is_not_taken_from_the_packed_ones(
    tmp_path: Path,
) -> None:
    fake_git_dir(
        tmp_path,
        {
            "HEAD": HASH,
            "packed-refs": f"{HASH} refs/remotes/origin/main\n",
            "refs/remotes/origin/main": OTHER,
        },
    )
    assert read_checkout(tmp_path) == Checkout(tmp_path, "", HASH, ())
    assert "of a commit" in context_of(LOCAL, tmp_path).no_branch_reason


def test_the_newer_ref_format_is_not_guessed_at(tmp_path: Path) -> None:
    fake_git_dir(
        tmp_path, {"HEAD": "ref: refs/heads/.invalid\n", "refs/heads": "this repository uses x"}
    )
    assert read_checkout(tmp_path) == Checkout(tmp_path, unreadable=True)
    context = context_of(LOCAL, tmp_path)
    assert context.branch == ""
    assert "reftable" in context.no_branch_reason


@pytest.mark.parametrize("head", ["", "nonsense", "\x00\xff", "ref: ", "ref: refs/tags/v1", "abc"])
def test_a_broken_head_is_nothing_known(tmp_path: Path, head: str) -> None:
    fake_git_dir(tmp_path, {"HEAD": head})
    checkout = read_checkout(tmp_path)
    assert checkout is not None
    assert (checkout.branch, checkout.commit_hash) == ("", "")


@needs_git
def test_files_that_differ_from_the_commit_are_noticed(repository: Path) -> None:
    checkout = read_checkout(repository)
    assert checkout is not None
    assert is_dirty(checkout, os.environ) is False
    assert context_of(LOCAL, repository).commit_dirty is False
    (repository / "new.html").write_text("new")
    assert is_dirty(checkout, os.environ) is True
    assert context_of(LOCAL, repository).commit_dirty is True
    # In CI the build's own output would always be a difference.
    assert context_of(IN_CI, repository).commit_dirty is False


@needs_git
def test_a_command_that_git_refuses_says_nothing(repository: Path, tmp_path: Path) -> None:
    assert run_git(repository, os.environ, "rev-parse", "--verify", "no-such-ref") is None
    assert read_message(Checkout(repository), OTHER, os.environ) == ""
    assert is_dirty(Checkout(tmp_path), os.environ) is None


@needs_git
def test_a_monitor_that_the_checkout_configures_is_not_run(repository: Path) -> None:
    trap = repository / "trap"
    trap.write_text("#!/bin/sh\ntouch trapped\n")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    is_dirty(Checkout(repository), os.environ)
    assert not (repository / "trapped").exists()


def test_without_git_only_what_it_alone_knows_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake_git_dir(tmp_path, {"HEAD": "ref: refs/heads/main", "refs/heads/main": HASH})
    context = context_of(LOCAL, tmp_path)
    assert (context.branch, context.commit_hash) == ("main", HASH)
    assert context.commit_message == ""
    assert context.commit_dirty is None


@needs_git
@needs_root
def test_the_checkout_of_another_user_tells_all_that_ones_own_does(repository: Path) -> None:
    """As containers have them, where the runner has made the checkout; git alone would refuse."""
    commit = git(repository, "rev-parse", "HEAD")
    for place in (repository, *repository.rglob("*")):
        os.chown(place, 65534, 65534)
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "status")
    assert context_of(LOCAL, repository) == BuildContext(
        platform="the local git checkout",
        is_ci=False,
        branch="feature/x",
        commit_hash=commit,
        commit_message="Subject\n\nBody é",
        commit_dirty=False,
    )


LATIN = "Grüße\n\nfür alle"
CYRILLIC = "Привет"


@needs_git
@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("ISO-8859-1", LATIN),
        ("latin1", LATIN),
        ("windows-1252", "„Grüße“ €"),
        ("KOI8-R", CYRILLIC),
        ("cp1251", CYRILLIC),
        ("Shift_JIS", "日本"),
        ("UTF-8", LATIN),
    ],
)
def test_a_commit_in_another_encoding_is_read_as_git_reads_it(
    repository: Path, encoding: str, message: str
) -> None:
    git(repository, "config", "i18n.commitEncoding", encoding)
    file = repository.parent / "message"
    file.write_bytes(message.encode(encoding))
    git(repository, "commit", "--quiet", "--allow-empty", f"--file={file}")
    assert git(repository, "log", "-1", "--format=%B", "--encoding=UTF-8") == message
    assert context_of(LOCAL, repository).commit_message == message


@needs_git
@pytest.mark.parametrize("encoding", ["no-such-encoding", "hex", "rot13", "undefined", "idna"])
def test_an_encoding_that_is_none_leaves_the_message_readable(
    repository: Path, encoding: str
) -> None:
    git(repository, "config", "i18n.commitEncoding", encoding)
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Grüße")
    assert context_of(LOCAL, repository).commit_message == "Grüße"


def test_a_pipe_in_place_of_a_ref_stops_nothing(tmp_path: Path) -> None:
    fake_git_dir(tmp_path, {"HEAD": "ref: refs/heads/main", "refs/heads/other": HASH})
    os.mkfifo(tmp_path / ".git/refs/heads/main")
    os.mkfifo(tmp_path / ".git/packed-refs")
    assert read_checkout(tmp_path) == Checkout(tmp_path, "main", "")


@needs_git
def test_a_shallow_clone_tells_its_message(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", str(clone))
    assert context_of(IN_CI, clone).commit_message == "Subject\n\nBody é"


@needs_git
def test_the_checkout_of_a_tag_is_of_no_branch(repository: Path) -> None:
    git(repository, "tag", "v1")
    git(repository, "checkout", "--quiet", "v1")
    context = context_of(IN_CI, repository)
    assert (context.branch, context.commit_hash) == ("", git(repository, "rev-parse", "HEAD"))
    assert "of a commit" in context.no_branch_reason


@pytest.mark.parametrize("name", ["42/merge", "42/head", "HEAD"])
def test_what_a_pull_request_is_fetched_as_is_no_branch(tmp_path: Path, name: str) -> None:
    fake_git_dir(tmp_path, {"HEAD": HASH, f"refs/remotes/pull/{name}": HASH})
    assert read_checkout(tmp_path) == Checkout(tmp_path, "", HASH)
    other = tmp_path / "other"
    fake_git_dir(other, {"HEAD": f"ref: refs/heads/{name}", f"refs/heads/{name}": HASH})
    context = context_of(LOCAL, other)
    assert (context.branch, context.commit_hash) == ("", HASH)


def test_a_remotes_ref_is_read_where_it_is(tmp_path: Path) -> None:
    assert read_remote_ref(tmp_path, "origin/PR-5") == ""
    packed = f"{HASH} refs/remotes/origin/PR-5\n{HASH} refs/remotes/origin/PR-6\n"
    fake_git_dir(tmp_path, {"packed-refs": packed, "refs/remotes/origin/PR-6": OTHER})
    assert read_remote_ref(tmp_path, "origin/PR-5") == HASH
    assert read_remote_ref(tmp_path, "origin/PR-6") == OTHER
    assert read_remote_ref(tmp_path, "origin/PR-7") == ""
    assert read_remote_ref(tmp_path, "origin/") == ""


@pytest.mark.parametrize("text", ["gitdir: ", "gitdir: nowhere", "gitdir: \x00", "other", ""])
def test_a_git_file_that_leads_nowhere_is_nothing_known(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text)
    context = context_of(IN_CI, tmp_path)
    assert (context.branch, context.commit_hash) == ("", "")


@pytest.mark.parametrize("ref", ["refs/heads/\x00", "refs/heads/" + "x" * 5000, "../../secret"])
def test_a_ref_that_is_no_file_name_is_read_without_harm(tmp_path: Path, ref: str) -> None:
    fake_git_dir(tmp_path, {"HEAD": f"ref: {ref}"})
    assert context_of(IN_CI, tmp_path).commit_hash == ""


def commit_in(repository: Path, name: str) -> str:
    (repository / name).write_text(name)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", f"--message={name}")
    return git(repository, "rev-parse", "HEAD")


@needs_git
def test_an_ancestor_is_told_from_a_descendant_and_from_a_commit_beside(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit_in(repository, "b")
    git(repository, "checkout", "--quiet", "-b", "side", first)
    side = commit_in(repository, "side")
    assert is_ancestor(repository, first, second, os.environ) is True
    assert is_ancestor(repository, first.upper(), second, os.environ) is True
    assert is_ancestor(repository / "a", first, first, os.environ) is True
    assert is_ancestor(repository, second, first, os.environ) is False
    assert is_ancestor(repository, second, side, os.environ) is False
    assert is_ancestor(repository, side, second, os.environ) is False


@needs_git
def test_a_merge_has_two_lines_of_ancestors(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "side")
    side = commit_in(repository, "side")
    git(repository, "checkout", "--quiet", "feature/x")
    other = commit_in(repository, "b")
    git(repository, "merge", "--quiet", "--no-edit", "side")
    merge = git(repository, "rev-parse", "HEAD")
    assert [is_ancestor(repository, one, merge, os.environ) for one in (first, side, other)] == [
        True
    ] * 3
    assert is_ancestor(repository, merge, side, os.environ) is False


@needs_git
def test_commits_without_a_common_history_are_no_ancestors(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "--orphan", "other")
    other = commit_in(repository, "b")
    assert is_ancestor(repository, first, other, os.environ) is False
    assert is_ancestor(repository, other, first, os.environ) is False


@needs_git
@pytest.mark.parametrize("missing", [HASH, "HEAD", "--all", "", "abc", HASH + "\n"])
def test_of_a_commit_that_is_not_there_or_is_none_nothing_is_known(
    repository: Path, missing: str
) -> None:
    here = git(repository, "rev-parse", "HEAD")
    assert is_ancestor(repository, here, missing, os.environ) is None
    assert is_ancestor(repository, missing, here, os.environ) is None


@needs_git
def test_in_a_shallow_checkout_only_an_ancestor_that_is_there_is_known(
    repository: Path, tmp_path: Path
) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second, third = commit_in(repository, "b"), commit_in(repository, "c")
    git(repository, "checkout", "--quiet", "-b", "side", first)
    side = commit_in(repository, "side")
    shallow = tmp_path / "shallow"
    source = repository.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=2", "--no-single-branch", source, str(shallow))
    assert is_ancestor(shallow, second, third, os.environ) is True
    assert is_ancestor(shallow, third, second, os.environ) is None
    # Whether they have an ancestor in common is beyond its end.
    assert is_ancestor(shallow, side, third, os.environ) is None
    assert is_ancestor(shallow, first, third, os.environ) is None


@needs_git
def test_a_worktree_of_a_shallow_checkout_is_shallow(repository: Path, tmp_path: Path) -> None:
    commit_in(repository, "b")
    third = commit_in(repository, "c")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=2", repository.as_uri(), str(shallow))
    second = git(shallow, "rev-parse", "HEAD^")
    git(shallow, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    assert is_ancestor(tmp_path / "tree", second, third, os.environ) is True
    assert is_ancestor(tmp_path / "tree", third, second, os.environ) is None


def test_outside_of_a_checkout_and_without_git_nothing_is_known(
    repository: Path, tmp_path: Path
) -> None:
    assert is_ancestor(tmp_path, HASH, OTHER, os.environ) is None
    assert is_ancestor(repository, HASH, OTHER, {"PATH": ""}) is None
