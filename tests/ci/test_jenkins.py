"""Jenkins: classic jobs, multibranch, and the plugins that build pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import jenkins

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "1111111111111111111111111111111111111111"
ACTUAL = "2222222222222222222222222222222222222222"
BASE = {"JENKINS_URL": "https://ci.example.test/", "BUILD_ID": "7", "GIT_COMMIT": COMMIT}


def test_it_is_known_by_its_own_variables() -> None:
    assert jenkins.detect(BASE)
    assert not jenkins.detect({"BUILD_ID": "7"})
    assert not jenkins.detect({"JENKINS_URL": "https://ci.example.test/"})


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
        ({"GIT_BRANCH": "detached"}, ""),
        ({"GIT_BRANCH": "HEAD"}, ""),
        ({}, ""),
    ],
    ids=range(16),
)
def test_the_branch_is_the_source_branch(
    tmp_path: Path, environ: dict[str, str], branch: str
) -> None:
    context = jenkins.build({**BASE, **environ}, tmp_path)
    assert context.branch == branch
    assert bool(context.no_branch_reason) == (not branch)
    assert context.is_ci
    assert context.commit_dirty is False


def test_the_commit_is_the_authors_before_the_merged_one(tmp_path: Path) -> None:
    assert jenkins.build(BASE, tmp_path).commit_hash == COMMIT
    assert jenkins.build({**BASE, "ghprbActualCommit": ACTUAL}, tmp_path).commit_hash == ACTUAL


def test_without_a_variable_the_checkout_knows_the_commit(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text(f"{ACTUAL}\n")
    environ = {name: value for name, value in BASE.items() if name != "GIT_COMMIT"}
    assert jenkins.build(environ, tmp_path).commit_hash == ACTUAL
