"""A checkout is data of whoever made it: asking git about it runs none of its programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.git import (
    REMOTE_VARIABLES,
    list_remote_branches,
    read_checkout,
    read_message,
)
from pages_deploy.settings import options
from pages_deploy.settings.loading import load_settings
from tests.ci.checkouts import fake_git_dir, git, make_repository, needs_git
from tests.settings.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pages_deploy.settings.settings import Settings

IN_CI = {"CI": "true"}
# Where git is, and what else of a machine it may see.
OF_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
MESSAGE = "Subject\n\nBody é"
SIGNATURE = """gpgsig -----BEGIN PGP SIGNATURE-----
\x20
 iQEzBAABCAAdFiEE
 -----END PGP SIGNATURE-----
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves the file `trapped` beside itself."""
    program = tmp_path / "trap"
    program.write_text(f"#!/bin/sh\n: > '{tmp_path}/trapped'\ncat\n")
    program.chmod(0o755)
    return program


def trapped(trap: Path) -> bool:
    return (trap.parent / "trapped").exists()


def load(directory: Path, environ: Mapping[str, str]) -> Settings:
    return load_settings(
        {},
        {**OF_MACHINE, **environ},
        current_directory=directory,
        listener=Heard(),
    )


def write_commit(repository: Path, headers: str) -> str:
    """Make a commit with more headers than git itself would write, and check it out."""
    tree, parent = git(repository, "rev-parse", "HEAD^{tree}"), git(repository, "rev-parse", "HEAD")
    person = "A <a@example.test> 1700000000 +0000"
    text = f"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n{headers}\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository,
        input=(text + MESSAGE).encode(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    git(repository, "update-ref", "HEAD", made.strip())
    return made.strip()


def verify_by_program(repository: Path, trap: Path) -> None:
    write_commit(repository, SIGNATURE)
    for name, value in (
        ("log.showSignature", "true"),
        ("gpg.program", str(trap)),
        ("gpg.openpgp.program", str(trap)),
    ):
        git(repository, "config", name, value)


def clean_by_program(repository: Path, trap: Path) -> None:
    (repository / ".gitattributes").write_text("* filter=trap diff=trap\n")
    for name in ("filter.trap.clean", "filter.trap.smudge", "filter.trap.process"):
        git(repository, "config", name, str(trap))
    git(repository, "config", "diff.trap.textconv", str(trap))
    # So that git would have to look at its content.
    (repository / "index.html").write_text("changed")


def show_by_program(repository: Path, trap: Path) -> None:
    for name in ("core.pager", "core.editor", "core.sshCommand", "diff.external", "core.askPass"):
        git(repository, "config", name, str(trap))
    for command in ("cat-file", "log", "show", "status"):
        git(repository, "config", f"alias.{command}", f"!{trap}")
        git(repository, "config", f"pager.{command}", str(trap))


def watch_by_program(repository: Path, trap: Path) -> None:
    git(repository, "config", "core.fsmonitor", str(trap))
    git(repository, "config", "core.hooksPath", str(trap.parent / "hooks"))
    hooks = trap.parent / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_bytes(trap.read_bytes())
        (hooks / name).chmod(0o755)


WAYS = [verify_by_program, clean_by_program, show_by_program, watch_by_program]


@needs_git
@pytest.mark.parametrize("prepare", WAYS, ids=lambda prepare: prepare.__name__)
def test_the_message_is_read_without_any_program_that_the_checkout_names(
    repository: Path, trap: Path, prepare: Callable[[Path, Path], None]
) -> None:
    prepare(repository, trap)
    (trap.parent / "trapped").unlink(missing_ok=True)
    settings = load(repository, IN_CI)
    assert settings.text(options.COMMIT_MESSAGE) == MESSAGE
    assert settings.text(options.COMMIT_HASH) == git(repository, "rev-parse", "HEAD")
    assert not trapped(trap)


def fetch_by_program(repository: Path, trap: Path) -> None:
    """A partial clone of a remote that a helper of the configuration's choice serves."""
    helpers = trap.parent / "helpers"
    helpers.mkdir()
    (helpers / "git-remote-evil").write_bytes(trap.read_bytes())
    (helpers / "git-remote-evil").chmod(0o755)
    for name, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("protocol.allow", "always"),
        ("protocol.evil.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("alias.remote-evil", f"!{trap}"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "evil::x"),
        ("url.ext::sh -c touch% trapped% .insteadOf", "ext:"),
    ):
        git(repository, "config", name, value)


def include_by_program(repository: Path, trap: Path) -> None:
    """Settings in a file of the checkout, which the configuration includes."""
    (repository / "more").write_text(
        f'[filter "in.cluded = x"]\n\tclean = {trap}\n\tprocess = {trap}\n\trequired\n'
        f"[core]\n\tfsmonitor = {trap}\n\tattributesFile = {repository}/attributes\n"
    )
    (repository / "attributes").write_text('* "filter=in.cluded = x"\n* filter=b\n')
    git(repository, "config", "include.path", "../more")
    git(repository, "config", "filter.b.clean", str(trap))
    (repository / ".git" / "info" / "attributes").write_text("*.html filter=b\n")
    (repository / "index.html").write_text("HOME")


def watch_a_submodule_by_program(repository: Path, trap: Path) -> None:
    """A submodule's own configuration, of which git takes nothing from outside."""
    other = make_repository(trap.parent / "other")
    allowed = ("-c", "protocol.file.allow=always")
    git(repository, *allowed, "submodule", "--quiet", "add", str(other), "module")
    git(repository, "commit", "--quiet", "--message=Module")
    git(repository, "commit", "--quiet", "--amend", f"--message={MESSAGE}")
    module = repository / "module"
    clean_by_program(module, trap)
    git(module, "config", "core.fsmonitor", str(trap))


EVERY_WAY = [*WAYS, fetch_by_program, include_by_program, watch_a_submodule_by_program]


@needs_git
@pytest.mark.parametrize("prepare", EVERY_WAY, ids=lambda prepare: prepare.__name__)
def test_nothing_at_all_is_run_on_ones_own_machine_either(
    repository: Path, trap: Path, prepare: Callable[[Path, Path], None]
) -> None:
    """There git is asked, too, whether files differ from the commit."""
    prepare(repository, trap)
    commit = git(repository, "rev-parse", "HEAD")
    (trap.parent / "trapped").unlink(missing_ok=True)
    settings = load(repository, {})
    assert settings.text(options.COMMIT_MESSAGE) == MESSAGE
    assert settings.text(options.COMMIT_HASH) == commit
    assert settings.commit_dirty is (prepare in {clean_by_program, include_by_program})
    assert not trapped(trap)
    assert not (repository / "trapped").exists()


@needs_git
def test_a_missing_commit_of_a_partial_clone_is_not_fetched(repository: Path, trap: Path) -> None:
    fetch_by_program(repository, trap)
    (repository / ".git" / "refs" / "heads" / "feature" / "x").write_text(f"{'1' * 40}\n")
    for address in ("evil::x", "evil://x", "ext::sh -c touch% trapped", str(repository)):
        git(repository, "config", "remote.origin.url", address)
        settings = load(repository, {})
        assert settings.text(options.COMMIT_HASH) == "1" * 40
        assert settings.text(options.COMMIT_MESSAGE) == ""
    assert not trapped(trap)
    assert not (repository / "trapped").exists()


@needs_git
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("remote.origin.url", "ext::sh -c touch% trapped"),
        ("remote.origin.url", "evil::x"),
        ("remote.origin.url", "--upload-pack=touch trapped"),
        ("remote.origin.vcs", "evil"),
        ("remote.origin.uploadpack", "TRAP"),
        ("url.ext::sh -c touch% trapped% .insteadOf", "/"),
        ("core.sshCommand", "TRAP"),
        ("credential.helper", "!TRAP"),
        ("core.gitProxy", "TRAP"),
        ("alias.ls-remote", "!TRAP"),
        ("core.fsmonitor", "TRAP"),
    ],
)
def test_the_branches_of_a_remote_are_listed_without_any_program_of_the_checkouts(
    repository: Path, trap: Path, name: str, value: str
) -> None:
    remote = make_repository(trap.parent / "remote")
    url = "ssh://nowhere.invalid/x" if name == "core.sshCommand" else str(remote)
    git(repository, "remote", "add", "origin", url)
    for protocol in ("ext", "evil"):
        git(repository, "config", f"protocol.{protocol}.allow", "always")
    git(repository, "config", name, value.replace("TRAP", str(trap)))
    listed = list_remote_branches(repository, "origin", os.environ)
    is_readable = url == str(remote) and name != "remote.origin.url"
    assert listed == (frozenset({"feature/x"}) if is_readable else None)
    assert not trapped(trap)
    assert not (repository / "trapped").exists()


@needs_git
def test_git_sees_no_variable_but_those_it_needs(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    real = shutil.which("git")
    (programs / "git").write_text(f'#!/bin/sh\nenv >> "{tmp_path}/seen"\nexec {real} "$@"\n')
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:.:{repository}/bin::{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("CLOUDFLARE_API_TOKEN", "GITHUB_TOKEN", "GIT_DIR", "GIT_SSH_COMMAND", "LD_X"):
        monkeypatch.setenv(name, "not-for-git")
    for name in REMOTE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    load(repository, os.environ)
    list_remote_branches(repository, str(repository), os.environ)
    seen = (tmp_path / "seen").read_text()
    assert "not-for-git" not in seen
    assert f"PATH={programs}:/" in seen
    assert str(repository / "bin") not in seen
    names = {line.partition("=")[0] for line in seen.splitlines()}
    # What the shell of this test sets by itself.
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {
        *("PATH", "HOME", "GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH", "GIT_CONFIG_GLOBAL"),
        "GIT_DIR",
    }


@needs_git
def test_a_commit_that_is_missing_is_not_fetched_by_a_program_that_the_checkout_names(
    repository: Path, trap: Path
) -> None:
    """In a partial clone git fetches what it lacks, by whatever the configuration says."""
    for name, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(repository)),
        ("remote.origin.uploadpack", str(trap)),
    ):
        git(repository, "config", name, value)
    (repository / ".git" / "refs" / "heads" / "feature" / "x").write_text(f"{'1' * 40}\n")
    settings = load(repository, IN_CI)
    assert settings.text(options.COMMIT_HASH) == "1" * 40
    assert settings.text(options.COMMIT_MESSAGE) == ""
    assert not trapped(trap)


@needs_git
@pytest.mark.parametrize(
    "headers", [SIGNATURE, "encoding UTF-8\n", "mergetag object x\n type commit\n \n tag v1\n"]
)
def test_the_message_begins_after_all_headers(repository: Path, headers: str) -> None:
    commit = write_commit(repository, headers)
    checkout = read_checkout(repository)
    assert checkout is not None
    assert read_message(checkout, commit, os.environ) == MESSAGE


@needs_git
@pytest.mark.parametrize("environ", [{}, IN_CI], ids=["here", "CI"])
def test_branch_and_message_are_found_from_a_directory_below(
    repository: Path, environ: Mapping[str, str]
) -> None:
    below = repository / "packages" / "site"
    below.mkdir(parents=True)
    settings = load(below, environ)
    assert settings.branch == "feature/x"
    assert settings.text(options.COMMIT_MESSAGE) == MESSAGE
    assert settings.text(options.COMMIT_HASH) == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    "head",
    ["\x00", "ref: refs/heads/\x00", "ref: refs/heads/a\x00b", f"{'1' * 40}\x00", "ref: \x00/x"],
    ids=ascii,
)
@pytest.mark.parametrize("environ", [{}, IN_CI], ids=["here", "CI"])
def test_a_head_with_a_nul_stops_nothing(
    tmp_path: Path, head: str, environ: Mapping[str, str]
) -> None:
    fake_git_dir(tmp_path, {"HEAD": head, "packed-refs": f"{'1' * 40} refs/heads/\x00\n"})
    settings = load(tmp_path, environ)
    assert settings.text(options.COMMIT_MESSAGE) == ""
