"""Jenkins: classic jobs, multibranch, and the plugins that build pull requests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import jenkins
from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import read_build
from tests.ci.checkouts import fake_git_dir

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "1111111111111111111111111111111111111111"
ACTUAL = "2222222222222222222222222222222222222222"
BASE = {"JENKINS_URL": "https://ci.example.test/", "BUILD_ID": "7", "GIT_COMMIT": COMMIT}


def test_it_is_known_by_its_own_variables() -> None:
    assert jenkins.PLATFORM.detect(BASE)
    assert not jenkins.PLATFORM.detect({"BUILD_ID": "7"})
    assert not jenkins.PLATFORM.detect({"JENKINS_URL": "https://ci.example.test/"})


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({"BRANCH_NAME": "feature/x", "GIT_BRANCH": "origin/other"}, "feature/x"),
        ({"GIT_BRANCH": "origin/feature/x"}, "feature/x"),
        ({"GIT_BRANCH": "upstream/main"}, "main"),
        ({"GIT_BRANCH": "refs/remotes/origin/main"}, "main"),
        ({"GIT_BRANCH": "refs/heads/main"}, "main"),
        ({"GIT_BRANCH": "main"}, "main"),
        ({"GIT_LOCAL_BRANCH": "main", "GIT_BRANCH": "origin/other"}, "main"),
        ({"BRANCH_NAME": "PR-5", "CHANGE_ID": "5", "CHANGE_BRANCH": "patch-1"}, "patch-1"),
        ({"CHANGE_ID": "5", "CHANGE_BRANCH": "main", "CHANGE_FORK": "somebody"}, "pr-5"),
        ({"BRANCH_NAME": "PR-5", "CHANGE_ID": "5"}, "pr-5"),
        ({"ghprbPullId": "5", "ghprbSourceBranch": "patch-1"}, "patch-1"),
        ({"gitlabMergeRequestIid": "5", "gitlabSourceBranch": "patch-1"}, "patch-1"),
        ({"BRANCH_NAME": "v1", "TAG_NAME": "v1"}, ""),
        ({"GIT_BRANCH": "elsewhere/feature/x"}, "elsewhere/feature/x"),
        ({"CHANGE_BRANCH": "main", "CHANGE_FORK": "somebody/site"}, "somebody-main"),
        ({"CHANGE_ID": "5", "CHANGE_BRANCH": "main", "CHANGE_TARGET": "main"}, "pr-5"),
        ({"GIT_BRANCH": "detached"}, ""),
        ({"GIT_BRANCH": "HEAD"}, ""),
        ({}, ""),
    ],
    ids=range(19),
)
def test_the_branch_is_the_source_branch(
    tmp_path: Path, environ: dict[str, str], branch: str
) -> None:
    context = read_build({**BASE, **environ}, tmp_path, name="jenkins")
    assert context.branch == branch
    assert (context.no_branch_reason != "") == ("TAG_NAME" in environ)
    assert context.is_ci
    assert context.commit_dirty is False


def test_the_commit_is_the_authors_before_the_merged_one(tmp_path: Path) -> None:
    assert read_build(BASE, tmp_path, name="jenkins").commit_hash == COMMIT
    assert (
        read_build({**BASE, "ghprbActualCommit": ACTUAL}, tmp_path, name="jenkins").commit_hash
        == ACTUAL
    )


def test_without_a_variable_the_checkout_knows_the_commit(tmp_path: Path) -> None:
    fake_git_dir(tmp_path, {"HEAD": f"{ACTUAL}\n"})
    environ = {name: value for name, value in BASE.items() if name != "GIT_COMMIT"}
    context = with_git(read_build(environ, tmp_path), tmp_path, os.environ)
    assert context.commit_hash == ACTUAL
    assert "of a commit" in context.no_branch_reason


CHANGE = {"BRANCH_NAME": "PR-5", "CHANGE_ID": "5", "CHANGE_BRANCH": "patch-1"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_change_that_the_agent_has_merged_is_of_the_commit_that_was_fetched(
    tmp_path: Path, packed: bool
) -> None:
    ref = "refs/remotes/origin/PR-5"
    refs = {"packed-refs": f"{ACTUAL} {ref}\n"} if packed else {ref: f"{ACTUAL}\n"}
    fake_git_dir(tmp_path, {"HEAD": COMMIT, **refs})
    assert read_build({**BASE, **CHANGE}, tmp_path, name="jenkins").commit_hash == ACTUAL


def test_a_change_that_is_built_by_itself_is_of_its_commit(tmp_path: Path) -> None:
    assert read_build({**BASE, **CHANGE}, tmp_path, name="jenkins").commit_hash == COMMIT
    head = {**BASE, **CHANGE, "BRANCH_NAME": "PR-5-head"}
    assert read_build(head, tmp_path, name="jenkins").commit_hash == COMMIT


def test_a_merge_that_only_the_agent_has_is_no_commit_to_name(tmp_path: Path) -> None:
    environ = {**BASE, **CHANGE, "BRANCH_NAME": "PR-5-merge"}
    fake_git_dir(tmp_path, {"HEAD": COMMIT})
    context = with_git(read_build(environ, tmp_path), tmp_path, os.environ)
    assert (context.branch, context.commit_hash) == ("patch-1", "")


@pytest.mark.parametrize(
    ("environ", "is_fork"),
    [
        ({"ghprbAuthorRepoGitUrl": "https://github.com/acme/site.git"}, False),
        ({"ghprbAuthorRepoGitUrl": "https://github.com/evil/site.git"}, True),
        ({"gitlabSourceRepoHttpUrl": "https://gitlab.com/acme/site.git"}, False),
        ({"gitlabSourceRepoHttpUrl": "https://gitlab.com/evil/site.git"}, True),
        ({}, False),
        ({"ghprbTargetBranch": "production"}, True),
    ],
    ids=range(6),
)
def test_the_plugins_of_classic_jobs_tell_forks_by_both_repositories(
    tmp_path: Path, environ: dict[str, str], is_fork: bool
) -> None:
    plugin = {
        "ghprbPullId": "5",
        "ghprbSourceBranch": "production",
        "ghprbTargetBranch": "main",
        "ghprbGhRepository": "acme/site",
        "gitlabTargetRepoHttpUrl": "https://gitlab.com/acme/site.git",
    }
    context = read_build({**BASE, **plugin, **environ}, tmp_path, name="jenkins")
    assert context.is_fork is is_fork
    assert context.branch == ("pr-5" if is_fork else "production")


def test_a_push_that_a_plugin_tells_of_is_no_forks(tmp_path: Path) -> None:
    """GitLab's plugin names the branch of a push as its source and as its target."""
    push = {"gitlabSourceBranch": "main", "gitlabTargetBranch": "main", "GIT_BRANCH": "origin/main"}
    context = read_build({**BASE, **push}, tmp_path, name="jenkins")
    assert (context.branch, context.is_fork, context.pull_request) == ("main", False, "")
