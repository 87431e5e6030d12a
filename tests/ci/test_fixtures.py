"""The builds that a tool of this kind has to get right, one case each: the environment's essentials
and what has to be read from them.

Each case is named after the vendor's situation; cases of one number are variants of one situation.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import read_build
from tests.ci.checkouts import fake_git_dir, git, make_repository, needs_git

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.ci.build_context import BuildContext

A, B, MERGE = "a" * 40, "b" * 40, "c" * 40
REPOSITORY = "acme/site"
GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_REPOSITORY": REPOSITORY}
PULL_REQUEST = {
    **GITHUB,
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REF": "refs/pull/42/merge",
    "GITHUB_REF_NAME": "42/merge",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_HEAD_REF": "feat",
    "GITHUB_SHA": MERGE,
}
GITLAB = {"GITLAB_CI": "true", "CI": "true", "CI_COMMIT_SHA": A}
MERGE_REQUEST = {
    **GITLAB,
    "CI_MERGE_REQUEST_ID": "900001",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feat",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5",
    "CI_MERGE_REQUEST_PROJECT_ID": "5",
    "CI_COMMIT_REF_NAME": "feat",
}
JENKINS = {"JENKINS_URL": "https://ci.example.test/", "BUILD_ID": "1", "GIT_COMMIT": A}


def pull_request_event(repository: str | None, *, ref: str = "feat", number: int = 42) -> Any:
    repo = None if repository is None else {"full_name": repository}
    return {"pull_request": {"number": number, "head": {"ref": ref, "sha": B, "repo": repo}}}


def workflow_run_event(repository: str) -> Any:
    run = {"head_branch": "main", "head_sha": B, "pull_requests": []}
    return {"workflow_run": {**run, "head_repository": {"full_name": repository}}}


@dataclass(frozen=True)
class Case:
    """A fixture; what is expected is compared, the rest of the context is not."""

    name: str
    environ: dict[str, str]
    expected: dict[str, Any]
    event: Any = None
    # Files below `.git`.
    checkout: dict[str, str] = field(default_factory=dict)


CASES = [
    Case(
        "1-github-push",
        {
            **GITHUB,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REF": "refs/heads/feature/x",
            "GITHUB_REF_NAME": "feature/x",
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_SHA": A,
        },
        {"branch": "feature/x", "commit_hash": A, "commit_message": "Fix", "is_fork": False},
        event={"head_commit": {"message": "Fix"}},
    ),
    Case(
        "2-github-pull-request",
        PULL_REQUEST,
        {"branch": "feat", "commit_hash": B, "pull_request": "42", "is_fork": False},
        event=pull_request_event(REPOSITORY),
    ),
    Case(
        "3-github-pull-request-of-a-forks-main",
        {**PULL_REQUEST, "GITHUB_HEAD_REF": "main"},
        {"branch": "pr-42", "commit_hash": B, "pull_request": "42", "is_fork": True},
        event=pull_request_event("evil/site", ref="main"),
    ),
    Case(
        "4-github-pull-request-of-a-deleted-fork",
        {**PULL_REQUEST, "GITHUB_HEAD_REF": "main"},
        {"branch": "pr-42", "commit_hash": B, "is_fork": True},
        event=pull_request_event(None, ref="main"),
    ),
    Case(
        "5-github-pull-request-target",
        {
            **PULL_REQUEST,
            "GITHUB_EVENT_NAME": "pull_request_target",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_NAME": "main",
        },
        {"branch": "feat", "commit_hash": B, "pull_request": "42", "is_fork": False},
        event=pull_request_event(REPOSITORY),
    ),
    Case(
        "6-github-workflow-run-of-a-fork",
        {
            **GITHUB,
            "GITHUB_EVENT_NAME": "workflow_run",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_NAME": "main",
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_SHA": A,
        },
        {"branch": "evil-main", "commit_hash": B, "pull_request": "", "is_fork": True},
        event=workflow_run_event("evil/site"),
    ),
    Case(
        "7-github-tag",
        {
            **GITHUB,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REF": "refs/tags/v1",
            "GITHUB_REF_NAME": "v1",
            "GITHUB_REF_TYPE": "tag",
            "GITHUB_SHA": A,
        },
        {"branch": "", "commit_hash": A, "no_branch_reason": "this build is of the tag v1"},
        event={"head_commit": {"message": "Fix"}},
        # As actions/checkout leaves it: the tag's commit may be a branch's as well.
        checkout={"HEAD": A, "refs/remotes/origin/main": A},
    ),
    Case(
        "8-github-merge-group",
        {
            **GITHUB,
            "GITHUB_EVENT_NAME": "merge_group",
            "GITHUB_REF": f"refs/heads/gh-readonly-queue/main/pr-42-{A}",
            "GITHUB_REF_NAME": f"gh-readonly-queue/main/pr-42-{A}",
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_SHA": B,
        },
        {"branch": "pr-42", "commit_hash": B, "pull_request": "42", "is_fork": False},
        event={"merge_group": {"head_sha": B, "base_ref": "refs/heads/main"}},
    ),
    Case(
        "9-github-push-without-an-event",
        {**GITHUB, "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch", "GITHUB_SHA": A},
        {"branch": "main", "commit_hash": A, "commit_message": ""},
    ),
    Case(
        "9-github-push-with-a-broken-event",
        {**GITHUB, "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch", "GITHUB_SHA": A},
        {"branch": "main", "commit_hash": A, "commit_message": ""},
        event="{broken",
    ),
    Case(
        "9-github-pull-request-without-an-event",
        {**PULL_REQUEST, "GITHUB_HEAD_REF": "main"},
        {"branch": "pr-42", "commit_hash": "", "pull_request": "42", "is_fork": True},
        checkout={"HEAD": MERGE, "refs/remotes/pull/42/merge": MERGE},
    ),
    Case(
        "10-forgejo-pull-request",
        {
            **PULL_REQUEST,
            "FORGEJO_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_REF": "refs/pull/7/head",
            "GITHUB_REF_NAME": "7/head",
            "GITHUB_SHA": B,
            "GITHUB_SERVER_URL": "https://codeberg.org/",
            "GITHUB_RUN_ID": "123456",
            "GITHUB_RUN_NUMBER": "12",
        },
        {
            "platform": "Forgejo Actions",
            "branch": "feat",
            "commit_hash": B,
            "pull_request": "7",
            "run_url": "https://codeberg.org/acme/site/actions/runs/12",
        },
        event=pull_request_event(REPOSITORY, number=7),
    ),
    Case(
        "11-gitlab-branch",
        {**GITLAB, "CI_COMMIT_BRANCH": "feature/x", "CI_COMMIT_MESSAGE": "Fix\n\nBody\n"},
        {
            "platform": "GitLab CI",
            "branch": "feature/x",
            "commit_hash": A,
            "commit_message": "Fix\n\nBody\n",
            "pull_request": "",
        },
    ),
    Case(
        "12-gitlab-merge-request",
        {**MERGE_REQUEST, "CI_COMMIT_MESSAGE": "Fix"},
        {"branch": "feat", "commit_hash": A, "commit_message": "Fix", "pull_request": "7"},
    ),
    Case(
        "13-gitlab-merged-result",
        {
            **MERGE_REQUEST,
            "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": B,
            "CI_COMMIT_MESSAGE": "Merge b into main",
        },
        {"branch": "feat", "commit_hash": B, "commit_message": "", "pull_request": "7"},
    ),
    Case(
        "14-gitlab-merge-request-of-a-forks-main",
        {
            **MERGE_REQUEST,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "99",
        },
        {"branch": "pr-7", "commit_hash": A, "pull_request": "7", "is_fork": True},
    ),
    Case(
        "15-jenkins-remote-branch",
        {**JENKINS, "GIT_BRANCH": "origin/feature/x"},
        {"platform": "Jenkins", "branch": "feature/x", "commit_hash": A},
    ),
    Case(
        "16-jenkins-change-of-a-fork",
        {
            **JENKINS,
            "BRANCH_NAME": "PR-24",
            "CHANGE_ID": "24",
            "CHANGE_BRANCH": "feat",
            "CHANGE_FORK": "bob",
        },
        {"branch": "pr-24", "pull_request": "24", "is_fork": True},
    ),
    Case(
        "17-jenkins-change-without-its-branch",
        {**JENKINS, "BRANCH_NAME": "PR-24", "CHANGE_ID": "24"},
        {"branch": "pr-24", "pull_request": "24", "is_fork": False},
        # The agent's checkout is on the branch that the change is for.
        checkout={"HEAD": "ref: refs/heads/main", "refs/heads/main": A},
    ),
    Case(
        "18-circleci-fork",
        {"CIRCLECI": "true", "CI": "true", "CIRCLE_BRANCH": "pull/9", "CIRCLE_SHA1": A},
        {"platform": "CircleCI", "branch": "pr-9", "pull_request": "9", "is_fork": True},
    ),
    Case(
        "19-azure-pull-request",
        {
            "TF_BUILD": "True",
            "BUILD_SOURCEBRANCH": "refs/pull/5/merge",
            "BUILD_SOURCEBRANCHNAME": "merge",
            "BUILD_SOURCEVERSION": MERGE,
            "BUILD_SOURCEVERSIONMESSAGE": "Merge pull request 5",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "5",
            "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/feature/tools",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": B,
            "SYSTEM_PULLREQUEST_ISFORK": "False",
        },
        {
            "platform": "Azure Pipelines",
            "branch": "feature/tools",
            "commit_hash": B,
            "commit_message": "",
            "pull_request": "5",
            "is_fork": False,
        },
    ),
    Case(
        "21-buildkite-build-started-by-hand",
        {
            "BUILDKITE": "true",
            "BUILDKITE_BRANCH": "main",
            "BUILDKITE_PULL_REQUEST": "false",
            "BUILDKITE_COMMIT": "HEAD",
        },
        {"platform": "Buildkite", "branch": "main", "commit_hash": B, "pull_request": ""},
        checkout={"HEAD": B},
    ),
    Case(
        "22-buildkite-fork",
        {"BUILDKITE": "true", "BUILDKITE_BRANCH": "bob:main", "BUILDKITE_PULL_REQUEST": "false"},
        {"branch": "bob-main", "pull_request": "", "is_fork": True},
        checkout={"HEAD": "ref: refs/heads/main", "refs/heads/main": B},
    ),
    Case(
        "22-buildkite-pull-request-of-a-fork",
        {"BUILDKITE": "true", "BUILDKITE_BRANCH": "bob:main", "BUILDKITE_PULL_REQUEST": "5"},
        {"branch": "pr-5", "pull_request": "5", "is_fork": True},
    ),
    Case(
        "23-travis-pull-request",
        {
            "TRAVIS": "true",
            "TRAVIS_BRANCH": "main",
            "TRAVIS_COMMIT": MERGE,
            "TRAVIS_COMMIT_MESSAGE": "Merge b into a",
            "TRAVIS_PULL_REQUEST": "5",
            "TRAVIS_PULL_REQUEST_BRANCH": "feat",
            "TRAVIS_PULL_REQUEST_SHA": B,
            "TRAVIS_PULL_REQUEST_SLUG": REPOSITORY,
            "TRAVIS_REPO_SLUG": REPOSITORY,
        },
        {
            "platform": "Travis CI",
            "branch": "feat",
            "commit_hash": B,
            "commit_message": "",
            "pull_request": "5",
            "is_fork": False,
        },
    ),
    Case(
        "24-drone-pull-request",
        {
            "DRONE": "true",
            "CI": "true",
            "CI_COMMIT_SHA": A,
            "CI_COMMIT_BRANCH": "main",
            "DRONE_BRANCH": "main",
            "DRONE_COMMIT_BRANCH": "main",
            "DRONE_COMMIT_SHA": B,
            "DRONE_PULL_REQUEST": "6",
            "DRONE_SOURCE_BRANCH": "feat",
            "DRONE_TARGET_BRANCH": "main",
        },
        {"platform": "Drone", "branch": "feat", "commit_hash": B, "pull_request": "6"},
    ),
    Case(
        "25-woodpecker-pull-request",
        {
            "CI": "woodpecker",
            "CI_COMMIT_BRANCH": "main",
            "CI_COMMIT_PULL_REQUEST": "6",
            "CI_COMMIT_SHA": B,
            "CI_COMMIT_SOURCE_BRANCH": "feat",
            "CI_COMMIT_TARGET_BRANCH": "main",
        },
        {"platform": "Woodpecker", "branch": "feat", "commit_hash": B, "pull_request": "6"},
    ),
    Case(
        "26-bitbucket-short-hash",
        {"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_BRANCH": "main", "BITBUCKET_COMMIT": B[:12]},
        {"platform": "Bitbucket Pipelines", "branch": "main", "commit_hash": B},
        checkout={"HEAD": "ref: refs/heads/main", "refs/heads/main": B},
    ),
    Case(
        "26-bitbucket-short-hash-of-another-commit",
        {
            "BITBUCKET_BUILD_NUMBER": "3",
            "BITBUCKET_BRANCH": "feat",
            "BITBUCKET_COMMIT": B[:12],
            "BITBUCKET_PR_ID": "4",
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        },
        {"branch": "feat", "commit_hash": "", "pull_request": "4"},
        checkout={"HEAD": "ref: refs/heads/feat", "refs/heads/feat": MERGE},
    ),
    Case(
        "26-bitbucket-short-hash-without-a-checkout",
        {"BITBUCKET_BUILD_NUMBER": "3", "BITBUCKET_BRANCH": "main", "BITBUCKET_COMMIT": B[:12]},
        {"branch": "main", "commit_hash": ""},
    ),
    Case(
        "27-codebuild-pull-request",
        {
            "CODEBUILD_BUILD_ID": "site:1",
            "CODEBUILD_WEBHOOK_TRIGGER": "pr/12",
            "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/feat",
            "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
            "CODEBUILD_SOURCE_VERSION": "pr/12",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": B,
        },
        {"platform": "AWS CodeBuild", "branch": "feat", "commit_hash": B, "pull_request": "12"},
    ),
    Case(
        "29-detached-at-one-remote-branch",
        {"CI": "true"},
        {"platform": "git in CI", "branch": "x", "commit_hash": A, "commit_dirty": False},
        checkout={"HEAD": A, "refs/remotes/origin/x": A, "refs/remotes/origin/y": B},
    ),
    Case(
        "29-detached-at-two-remote-branches",
        {"CI": "true"},
        {
            "branch": "",
            "commit_hash": A,
            "no_branch_reason": "the checkout is of several branches at once (x, y)",
        },
        checkout={"HEAD": A, "refs/remotes/origin/x": A, "refs/remotes/origin/y": A},
    ),
    Case(
        "30-reftable",
        {"CI": "true"},
        {
            "branch": "",
            "commit_hash": "",
            "no_branch_reason": "the git repository keeps its refs in the reftable format",
        },
        checkout={"HEAD": "ref: refs/heads/.invalid", "refs/heads": "this repository uses x"},
    ),
]


def read(case: Case, directory: Path) -> BuildContext:
    environ = dict(case.environ)
    if case.event is not None:
        file = directory / "event.json"
        file.write_text(case.event if isinstance(case.event, str) else json.dumps(case.event))
        environ["GITHUB_EVENT_PATH"] = str(file)
    fake_git_dir(directory, case.checkout)
    return with_git(read_build(environ, directory), directory, os.environ)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_build_is_read_as_the_vendor_means_it(tmp_path: Path, case: Case) -> None:
    context = read(case, tmp_path)
    assert {name: getattr(context, name) for name in case.expected} == case.expected
    assert context.is_ci


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_branch_or_a_reason_for_none_is_told_wherever_there_is_a_checkout(
    tmp_path: Path, case: Case
) -> None:
    context = read(case, tmp_path)
    if case.checkout:
        assert bool(context.branch) != bool(context.no_branch_reason)


def test_28_teamcity_on_its_default_branch_needs_the_checkout_to_know_its_name(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.properties"
    config.write_text("teamcity.build.branch=<default>\nteamcity.build.branch.is_default=true\n")
    build = tmp_path / "build.properties"
    build.write_text(f"teamcity.configuration.properties.file={config}\n")
    environ = {
        "TEAMCITY_VERSION": "2025.03",
        "TEAMCITY_BUILD_PROPERTIES_FILE": str(build),
        "BUILD_VCS_NUMBER": A,
    }
    assert read_build(environ, tmp_path).branch == ""
    fake_git_dir(tmp_path, {"HEAD": "ref: refs/heads/main", "refs/heads/main": A})
    context = with_git(read_build(environ, tmp_path), tmp_path, os.environ)
    assert (context.platform, context.branch, context.commit_hash) == ("TeamCity", "main", A)


@needs_git
@pytest.mark.parametrize("layout", ["plain", "worktree", "packed", "sha256", "below"])
def test_30_every_layout_of_git_is_read(tmp_path: Path, layout: str) -> None:
    root = tmp_path / "repository"
    if layout == "sha256":
        root.mkdir()
        git(root, "init", "--quiet", "--object-format=sha256", "--initial-branch=feature/x")
        git(root, "commit", "--quiet", "--allow-empty", "--message=Subject")
    else:
        make_repository(root)
    place = root
    if layout == "packed":
        git(root, "pack-refs", "--all", "--prune")
    elif layout == "worktree":
        place = tmp_path / "tree"
        git(root, "checkout", "--quiet", "--detach")
        git(root, "worktree", "add", "--quiet", str(place), "feature/x")
    elif layout == "below":
        place = root / "packages" / "site"
        place.mkdir(parents=True)
    context = with_git(read_build({"CI": "true"}, place), place, os.environ)
    commit = git(root, "rev-parse", "feature/x")
    assert (context.branch, context.commit_hash) == ("feature/x", commit)
    assert context.commit_message.startswith("Subject")
