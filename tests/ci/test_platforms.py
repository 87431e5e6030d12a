"""Whole environments, as the vendors document them: everything that is read from each.

The documentation is named in the first lines of the platforms' modules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.detection import read_build

if TYPE_CHECKING:
    from pathlib import Path

HEAD, MERGE = "2" * 40, "1" * 40
# What is compared, all of it in every case.
FACTS = (
    "platform",
    "is_ci",
    "branch",
    "commit_hash",
    "commit_message",
    "commit_dirty",
    "no_branch_reason",
    "pull_request",
    "is_fork",
    "warning",
    "run_url",
    "repository",
)


@dataclass(frozen=True)
class Case:
    name: str
    environ: dict[str, str]
    expected: BuildContext
    event: Any = None


def facts(platform: str, **known: Any) -> BuildContext:
    return BuildContext(platform=platform, is_ci=True, commit_dirty=False, **known)


def without(environ: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in names}


GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_BASE_REF": "",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_HEAD_REF": "",
    "GITHUB_JOB": "deploy",
    "GITHUB_REF": "refs/heads/feature/x",
    "GITHUB_REF_NAME": "feature/x",
    "GITHUB_REF_PROTECTED": "false",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REPOSITORY": "acme/site",
    "GITHUB_REPOSITORY_OWNER": "acme",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_RUN_NUMBER": "3",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": HEAD,
    "GITHUB_WORKFLOW": "Deploy",
    "GITHUB_WORKSPACE": "/home/runner/work/site/site",
    "RUNNER_OS": "Linux",
}
GITHUB_PULL_REQUEST = GITHUB | {
    "GITHUB_BASE_REF": "main",
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_HEAD_REF": "patch-1",
    "GITHUB_REF": "refs/pull/42/merge",
    "GITHUB_REF_NAME": "42/merge",
    "GITHUB_SHA": MERGE,
}
github = partial(
    facts,
    "GitHub Actions",
    repository="acme/site",
    run_url="https://github.com/acme/site/actions/runs/1658821493",
)


def event_of(repository: str | None, branch: str) -> Any:
    repo = None if repository is None else {"full_name": repository, "fork": True}
    head = {"label": f"x:{branch}", "ref": branch, "sha": HEAD, "repo": repo}
    return {"action": "opened", "number": 42, "pull_request": {"number": 42, "head": head}}


GITHUB_CASES = [
    Case(
        "github-push",
        GITHUB,
        github(branch="feature/x", commit_hash=HEAD, commit_message="Fix é"),
        event={"ref": "refs/heads/feature/x", "head_commit": {"message": "Fix é"}},
    ),
    Case("github-workflow-dispatch", GITHUB, github(branch="feature/x", commit_hash=HEAD)),
    Case(
        "github-pull-request",
        GITHUB_PULL_REQUEST,
        github(branch="patch-1", commit_hash=HEAD, pull_request="42"),
        event=event_of("acme/site", "patch-1"),
    ),
    Case(
        "github-pull-request-of-a-fork",
        GITHUB_PULL_REQUEST,
        github(branch="pr-42", commit_hash=HEAD, pull_request="42", is_fork=True),
        event=event_of("bob/site", "patch-1"),
    ),
    Case(
        "github-pull-request-review",
        GITHUB_PULL_REQUEST | {"GITHUB_EVENT_NAME": "pull_request_review", "GITHUB_HEAD_REF": ""},
        github(branch="patch-1", commit_hash=HEAD, pull_request="42"),
        event=event_of("acme/site", "patch-1"),
    ),
    Case(
        "github-pull-request-that-was-merged",
        GITHUB_PULL_REQUEST | {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"},
        github(branch="patch-1", commit_hash=HEAD, pull_request="42"),
        event=event_of("acme/site", "patch-1"),
    ),
    Case(
        "github-tag",
        GITHUB | {"GITHUB_REF": "refs/tags/v1", "GITHUB_REF_NAME": "v1", "GITHUB_REF_TYPE": "tag"},
        github(commit_hash=HEAD, no_branch_reason="this build is of the tag v1"),
    ),
    Case(
        "github-without-its-refs",
        without(GITHUB, "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE", "GITHUB_SHA"),
        github(no_branch_reason="the ref of this build is not known"),
    ),
    Case(
        "github-without-its-addresses",
        without(GITHUB, "GITHUB_SERVER_URL"),
        facts("GitHub Actions", branch="feature/x", commit_hash=HEAD, repository="acme/site"),
    ),
    Case(
        "github-enterprise",
        GITHUB | {"GITHUB_SERVER_URL": "https://git.example.test/"},
        facts(
            "GitHub Actions",
            branch="feature/x",
            commit_hash=HEAD,
            repository="acme/site",
            run_url="https://git.example.test/acme/site/actions/runs/1658821493",
        ),
    ),
    Case(
        "act-push",
        GITHUB | {"ACT": "true", "GITHUB_RUN_ID": "1"},
        facts("act", branch="feature/x", commit_hash=HEAD, repository="acme/site"),
    ),
    Case(
        "gitea-pull-request",
        GITHUB_PULL_REQUEST
        | {
            "GITEA_ACTIONS": "true",
            "GITHUB_REF": "refs/pull/42/head",
            "GITHUB_REF_NAME": "42/head",
            "GITHUB_SERVER_URL": "https://gitea.example.test/",
            "GITHUB_SHA": HEAD,
        },
        facts(
            "Gitea Actions",
            branch="patch-1",
            commit_hash=HEAD,
            pull_request="42",
            repository="acme/site",
            run_url="https://gitea.example.test/acme/site/actions/runs/3",
        ),
        event=event_of("acme/site", "patch-1"),
    ),
    Case(
        "forgejo-pull-request-of-a-fork",
        GITHUB_PULL_REQUEST
        | {
            "FORGEJO_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_HEAD_REF": "main",
            "GITHUB_REF": "refs/pull/42/head",
            "GITHUB_REF_NAME": "42/head",
            "GITHUB_SERVER_URL": "https://codeberg.org",
        },
        facts(
            "Forgejo Actions",
            branch="pr-42",
            commit_hash=HEAD,
            pull_request="42",
            is_fork=True,
            repository="acme/site",
            run_url="https://codeberg.org/acme/site/actions/runs/3",
        ),
        event=event_of("bob/site", "main"),
    ),
]

GITLAB = {
    "CI": "true",
    "CI_COMMIT_REF_NAME": "feature/x",
    "CI_COMMIT_REF_SLUG": "feature-x",
    "CI_COMMIT_SHA": HEAD,
    "CI_COMMIT_SHORT_SHA": HEAD[:8],
    "CI_COMMIT_MESSAGE": "Fix\n\nBody\n",
    "CI_COMMIT_TITLE": "Fix",
    "CI_DEFAULT_BRANCH": "main",
    "CI_JOB_URL": "https://gitlab.com/acme/web/site/-/jobs/11",
    "CI_PIPELINE_SOURCE": "push",
    "CI_PIPELINE_URL": "https://gitlab.com/acme/web/site/-/pipelines/10",
    "CI_PROJECT_ID": "5",
    "CI_PROJECT_PATH": "acme/web/site",
    "CI_REPOSITORY_URL": "https://gitlab-ci-token:secret@gitlab.com/acme/web/site.git",
    "GITLAB_CI": "true",
    "GITLAB_USER_LOGIN": "alice",
}
GITLAB_MERGE_REQUEST = GITLAB | {
    "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
    "CI_MERGE_REQUEST_ID": "123456",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_PROJECT_ID": "5",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/x",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_OPEN_MERGE_REQUESTS": "acme/web/site!7,acme/web/site!9",
    "CI_PIPELINE_SOURCE": "merge_request_event",
}
gitlab = partial(
    facts,
    "GitLab CI",
    commit_hash=HEAD,
    repository="acme/web/site",
    run_url="https://gitlab.com/acme/web/site/-/jobs/11",
)
MESSAGE = "Fix\n\nBody\n"
GITLAB_CASES = [
    Case(
        "gitlab-branch",
        GITLAB | {"CI_COMMIT_BRANCH": "feature/x"},
        gitlab(branch="feature/x", commit_message=MESSAGE),
    ),
    Case(
        "gitlab-branch-with-open-merge-requests",
        GITLAB
        | {
            "CI_COMMIT_BRANCH": "feature/x",
            "CI_OPEN_MERGE_REQUESTS": "acme/web/site!33,acme/web/site!4",
        },
        gitlab(branch="feature/x", commit_message=MESSAGE, pull_request="33"),
    ),
    Case(
        "gitlab-merge-request",
        GITLAB_MERGE_REQUEST,
        gitlab(branch="feature/x", commit_message=MESSAGE, pull_request="7"),
    ),
    Case(
        "gitlab-merge-train",
        GITLAB_MERGE_REQUEST
        | {
            "CI_COMMIT_SHA": MERGE,
            "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
        },
        gitlab(branch="feature/x", pull_request="7"),
    ),
    Case(
        "gitlab-merge-request-of-a-fork",
        GITLAB_MERGE_REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "99"},
        gitlab(branch="pr-7", commit_message=MESSAGE, pull_request="7", is_fork=True),
    ),
    Case(
        "gitlab-external-pull-request",
        GITLAB
        | {
            "CI_EXTERNAL_PULL_REQUEST_IID": "8",
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": "patch-1",
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "acme/site",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "acme/site",
            "CI_PIPELINE_SOURCE": "external_pull_request_event",
        },
        gitlab(branch="patch-1", commit_message=MESSAGE, pull_request="8"),
    ),
    Case(
        "gitlab-tag",
        GITLAB | {"CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1"},
        gitlab(commit_message=MESSAGE, no_branch_reason="this build is of the tag v1"),
    ),
    Case("gitlab-bare", {"GITLAB_CI": "true"}, facts("GitLab CI")),
]

JENKINS = {
    "BUILD_ID": "12",
    "BUILD_NUMBER": "12",
    "BUILD_TAG": "jenkins-site-12",
    "BUILD_URL": "https://ci.example.test/job/site/12/",
    "GIT_COMMIT": HEAD,
    "GIT_URL": "git@github.com:acme/site.git",
    "JENKINS_HOME": "/var/jenkins_home",
    "JENKINS_URL": "https://ci.example.test/",
    "JOB_NAME": "site",
    "WORKSPACE": "/var/jenkins_home/workspace/site",
}
JENKINS_CHANGE = JENKINS | {
    "BRANCH_NAME": "PR-24",
    "CHANGE_AUTHOR": "bob",
    "CHANGE_BRANCH": "feature/x",
    "CHANGE_ID": "24",
    "CHANGE_TARGET": "main",
    "CHANGE_TITLE": "Fix",
    "CHANGE_URL": "https://github.com/acme/site/pull/24",
    "GIT_BRANCH": "PR-24",
}
jenkins = partial(
    facts,
    "Jenkins",
    commit_hash=HEAD,
    repository="acme/site",
    run_url="https://ci.example.test/job/site/12/",
)
JENKINS_CASES = [
    Case(
        "jenkins-classic", JENKINS | {"GIT_BRANCH": "origin/feature/x"}, jenkins(branch="feature/x")
    ),
    Case("jenkins-detached", JENKINS | {"GIT_BRANCH": "detached"}, jenkins()),
    Case(
        "jenkins-multibranch",
        JENKINS | {"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true", "GIT_BRANCH": "main"},
        jenkins(branch="main"),
    ),
    Case("jenkins-change", JENKINS_CHANGE, jenkins(branch="feature/x", pull_request="24")),
    Case(
        "jenkins-change-of-a-fork",
        JENKINS_CHANGE | {"CHANGE_BRANCH": "main", "CHANGE_FORK": "bob"},
        jenkins(branch="pr-24", pull_request="24", is_fork=True),
    ),
    Case(
        "jenkins-tag",
        JENKINS | {"BRANCH_NAME": "v1", "TAG_NAME": "v1", "TAG_DATE": "x", "GIT_BRANCH": "v1"},
        jenkins(no_branch_reason="this build is of the tag v1"),
    ),
    Case(
        "jenkins-scripted-without-git-variables",
        without(JENKINS, "GIT_COMMIT", "GIT_URL") | {"BRANCH_NAME": "main"},
        facts("Jenkins", branch="main", run_url="https://ci.example.test/job/site/12/"),
    ),
    Case(
        "jenkins-pull-request-builder",
        JENKINS
        | {
            "GIT_BRANCH": "origin/pr/5/merge",
            "GIT_COMMIT": MERGE,
            "ghprbActualCommit": HEAD,
            "ghprbAuthorRepoGitUrl": "https://github.com/acme/site.git",
            "ghprbGhRepository": "acme/site",
            "ghprbPullId": "5",
            "ghprbSourceBranch": "patch-1",
            "ghprbTargetBranch": "main",
        },
        jenkins(branch="patch-1", pull_request="5"),
    ),
    Case(
        "jenkins-gitlab-plugin-of-a-fork",
        JENKINS
        | {
            "GIT_COMMIT": MERGE,
            "gitlabActionType": "MERGE",
            "gitlabMergeRequestIid": "5",
            "gitlabMergeRequestLastCommit": HEAD,
            "gitlabSourceBranch": "production",
            "gitlabSourceRepoHttpUrl": "https://gitlab.com/bob/site.git",
            "gitlabTargetBranch": "main",
            "gitlabTargetRepoHttpUrl": "https://gitlab.com/acme/site.git",
        },
        jenkins(branch="pr-5", pull_request="5", is_fork=True),
    ),
]

CIRCLECI = {
    "CI": "true",
    "CIRCLECI": "true",
    "CIRCLE_BRANCH": "feature/x",
    "CIRCLE_BUILD_NUM": "77",
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/site/77",
    "CIRCLE_JOB": "deploy",
    "CIRCLE_PROJECT_REPONAME": "site",
    "CIRCLE_PROJECT_USERNAME": "acme",
    "CIRCLE_REPOSITORY_URL": "git@github.com:acme/site.git",
    "CIRCLE_SHA1": HEAD,
    "CIRCLE_USERNAME": "alice",
}
circleci = partial(
    facts,
    "CircleCI",
    commit_hash=HEAD,
    repository="acme/site",
    run_url="https://circleci.com/gh/acme/site/77",
)
CIRCLE_PULL = {"CIRCLE_PULL_REQUEST": "https://github.com/acme/site/pull/9"}
CIRCLECI_CASES = [
    Case("circleci-push", CIRCLECI, circleci(branch="feature/x")),
    Case(
        "circleci-pull-request",
        CIRCLECI | CIRCLE_PULL,
        circleci(branch="feature/x", pull_request="9"),
    ),
    Case(
        "circleci-pull-request-of-a-branch-that-is-called-like-a-forks",
        CIRCLECI | CIRCLE_PULL | {"CIRCLE_BRANCH": "pull/refactor"},
        circleci(branch="pull/refactor", pull_request="9"),
    ),
    Case(
        "circleci-pull-request-whose-number-a-config-has-set",
        CIRCLECI | {"CIRCLE_PR_NUMBER": "9"},
        circleci(branch="feature/x", pull_request="9"),
    ),
    *(
        Case(
            f"circleci-fork-{branch}",
            CIRCLECI
            | CIRCLE_PULL
            | {
                "CIRCLE_BRANCH": branch,
                "CIRCLE_PR_NUMBER": "9",
                "CIRCLE_PR_REPONAME": "site",
                "CIRCLE_PR_USERNAME": "bob",
            },
            circleci(branch="pr-9", pull_request="9", is_fork=True),
        )
        for branch in ("pull/9", "pull/9/head", "main")
    ),
    Case(
        "circleci-fork-without-a-number",
        CIRCLECI | {"CIRCLE_BRANCH": "main", "CIRCLE_PR_USERNAME": "bob"},
        circleci(branch="bob-main", is_fork=True),
    ),
    Case(
        "circleci-tag",
        without(CIRCLECI, "CIRCLE_BRANCH") | {"CIRCLE_TAG": "v1"},
        circleci(no_branch_reason="this build is of the tag v1"),
    ),
    Case("circleci-of-a-gitlab-project", {"CIRCLECI": "true"}, facts("CircleCI")),
]

BITBUCKET = {
    "BITBUCKET_BRANCH": "feature/x",
    "BITBUCKET_BUILD_NUMBER": "15",
    "BITBUCKET_COMMIT": HEAD,
    "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/acme/site",
    "BITBUCKET_REPO_FULL_NAME": "acme/site",
    "BITBUCKET_REPO_SLUG": "site",
    "BITBUCKET_STEP_TRIGGERER_UUID": "{0}",
    "BITBUCKET_WORKSPACE": "acme",
    "CI": "true",
}
bitbucket = partial(
    facts,
    "Bitbucket Pipelines",
    commit_hash=HEAD,
    repository="acme/site",
    run_url="https://bitbucket.org/acme/site/addon/pipelines/home#!/results/15",
)
BITBUCKET_PULL = {"BITBUCKET_PR_ID": "4", "BITBUCKET_PR_DESTINATION_BRANCH": "main"}
BITBUCKET_CASES = [
    Case("bitbucket-push", BITBUCKET, bitbucket(branch="feature/x")),
    Case(
        "bitbucket-pull-request",
        BITBUCKET | BITBUCKET_PULL,
        bitbucket(branch="feature/x", pull_request="4"),
    ),
    Case(
        "bitbucket-pull-request-that-can-only-be-a-forks",
        BITBUCKET | BITBUCKET_PULL | {"BITBUCKET_BRANCH": "main"},
        bitbucket(branch="pr-4", pull_request="4", is_fork=True),
    ),
    Case(
        "bitbucket-tag",
        without(BITBUCKET, "BITBUCKET_BRANCH") | {"BITBUCKET_TAG": "v1"},
        bitbucket(no_branch_reason="this build is of the tag v1"),
    ),
    Case(
        "bitbucket-custom-pipeline-of-a-commit",
        without(BITBUCKET, "BITBUCKET_BRANCH"),
        bitbucket(),
    ),
]

AZURE = {
    "BUILD_BUILDID": "99",
    "BUILD_REASON": "IndividualCI",
    "BUILD_REPOSITORY_NAME": "acme/site",
    "BUILD_REPOSITORY_PROVIDER": "GitHub",
    "BUILD_REQUESTEDFOR": "Alice",
    "BUILD_SOURCEBRANCH": "refs/heads/feature/tools",
    "BUILD_SOURCEBRANCHNAME": "tools",
    "BUILD_SOURCEVERSION": HEAD,
    "BUILD_SOURCEVERSIONMESSAGE": "Fix",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
    "SYSTEM_TEAMPROJECT": "My Site",
    "TF_BUILD": "True",
}
AZURE_PULL_REQUEST = AZURE | {
    "BUILD_REASON": "PullRequest",
    "BUILD_SOURCEBRANCH": "refs/pull/5/merge",
    "BUILD_SOURCEBRANCHNAME": "merge",
    "BUILD_SOURCEVERSION": MERGE,
    "BUILD_SOURCEVERSIONMESSAGE": "Merge pull request 5 from feature/tools into main",
    "SYSTEM_PULLREQUEST_ISFORK": "False",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "1234567",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "5",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH": "feature/tools",
    "SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD,
    "SYSTEM_PULLREQUEST_TARGETBRANCH": "main",
}
azure = partial(
    facts,
    "Azure Pipelines",
    repository="acme/site",
    run_url="https://dev.azure.com/acme/My%20Site/_build/results?buildId=99",
)
AZURE_CASES = [
    Case(
        "azure-push",
        AZURE,
        azure(branch="feature/tools", commit_hash=HEAD, commit_message="Fix"),
    ),
    Case(
        "azure-pull-request-of-github",
        AZURE_PULL_REQUEST,
        azure(branch="feature/tools", commit_hash=HEAD, pull_request="5"),
    ),
    Case(
        "azure-pull-request-of-azure-repos",
        without(AZURE_PULL_REQUEST, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")
        | {"SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/feature/tools"},
        azure(branch="feature/tools", commit_hash=HEAD, pull_request="1234567"),
    ),
    Case(
        "azure-pull-request-of-a-fork",
        AZURE_PULL_REQUEST
        | {"SYSTEM_PULLREQUEST_ISFORK": "True", "SYSTEM_PULLREQUEST_SOURCEBRANCH": "main"},
        azure(branch="pr-5", commit_hash=HEAD, pull_request="5", is_fork=True),
    ),
    Case(
        "azure-pull-request-without-its-variables",
        {n: v for n, v in AZURE_PULL_REQUEST.items() if not n.startswith("SYSTEM_PULLREQUEST")},
        azure(no_branch_reason="this build is of the ref refs/pull/5/merge"),
    ),
    Case(
        "azure-tag",
        AZURE | {"BUILD_SOURCEBRANCH": "refs/tags/v1/x", "BUILD_SOURCEBRANCHNAME": "x"},
        azure(
            commit_hash=HEAD,
            commit_message="Fix",
            no_branch_reason="this build is of the tag v1/x",
        ),
    ),
    Case("azure-bare", {"TF_BUILD": "true"}, facts("Azure Pipelines")),
]

BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_BRANCH": "feature/x",
    "BUILDKITE_BUILD_AUTHOR": "Alice",
    "BUILDKITE_BUILD_NUMBER": "3",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/site/builds/3",
    "BUILDKITE_COMMIT": HEAD,
    "BUILDKITE_JOB_ID": "0190-ab",
    "BUILDKITE_MESSAGE": "Fix",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
    "BUILDKITE_PULL_REQUEST_REPO": "",
    "BUILDKITE_REPO": "git@github.com:Acme/site.git",
    "BUILDKITE_TAG": "",
    "CI": "true",
}
BUILDKITE_PULL_REQUEST = BUILDKITE | {
    "BUILDKITE_PULL_REQUEST": "5",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
    "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/acme/site.git",
}
buildkite = partial(
    facts,
    "Buildkite",
    commit_message="Fix",
    repository="Acme/site",
    run_url="https://buildkite.com/acme/site/builds/3#0190-ab",
)
BUILDKITE_CASES = [
    Case("buildkite-push", BUILDKITE, buildkite(branch="feature/x", commit_hash=HEAD)),
    Case(
        "buildkite-by-hand",
        BUILDKITE | {"BUILDKITE_COMMIT": "HEAD"},
        buildkite(branch="feature/x"),
    ),
    Case(
        "buildkite-pull-request",
        BUILDKITE_PULL_REQUEST,
        buildkite(branch="feature/x", commit_hash=HEAD, pull_request="5"),
    ),
    Case(
        "buildkite-pull-request-of-a-fork-by-its-repository",
        BUILDKITE_PULL_REQUEST
        | {
            "BUILDKITE_BRANCH": "main",
            "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/bob/site.git",
        },
        buildkite(branch="pr-5", commit_hash=HEAD, pull_request="5", is_fork=True),
    ),
    Case(
        "buildkite-fork-by-its-branch",
        BUILDKITE | {"BUILDKITE_BRANCH": "bob:main"},
        buildkite(branch="bob-main", commit_hash=HEAD, is_fork=True),
    ),
    Case(
        "buildkite-tag",
        BUILDKITE | {"BUILDKITE_BRANCH": "v1", "BUILDKITE_TAG": "v1"},
        buildkite(commit_hash=HEAD, no_branch_reason="this build is of the tag v1"),
    ),
    Case("buildkite-bare", {"BUILDKITE": "true"}, facts("Buildkite")),
]

TRAVIS = {
    "CI": "true",
    "TRAVIS": "true",
    "TRAVIS_BRANCH": "feature/x",
    "TRAVIS_BUILD_WEB_URL": "https://app.travis-ci.com/acme/site/builds/1",
    "TRAVIS_COMMIT": HEAD,
    "TRAVIS_COMMIT_MESSAGE": "Fix",
    "TRAVIS_EVENT_TYPE": "push",
    "TRAVIS_JOB_WEB_URL": "https://app.travis-ci.com/acme/site/jobs/2",
    "TRAVIS_PULL_REQUEST": "false",
    "TRAVIS_PULL_REQUEST_BRANCH": "",
    "TRAVIS_PULL_REQUEST_SHA": "",
    "TRAVIS_PULL_REQUEST_SLUG": "",
    "TRAVIS_REPO_SLUG": "acme/site",
    "TRAVIS_TAG": "",
}
TRAVIS_PULL_REQUEST = TRAVIS | {
    "TRAVIS_BRANCH": "main",
    "TRAVIS_COMMIT": MERGE,
    "TRAVIS_COMMIT_MESSAGE": "Merge 2 into 1",
    "TRAVIS_EVENT_TYPE": "pull_request",
    "TRAVIS_PULL_REQUEST": "5",
    "TRAVIS_PULL_REQUEST_BRANCH": "feature/x",
    "TRAVIS_PULL_REQUEST_SHA": HEAD,
    "TRAVIS_PULL_REQUEST_SLUG": "acme/site",
}
travis = partial(
    facts,
    "Travis CI",
    repository="acme/site",
    run_url="https://app.travis-ci.com/acme/site/jobs/2",
)
TRAVIS_CASES = [
    Case("travis-push", TRAVIS, travis(branch="feature/x", commit_hash=HEAD, commit_message="Fix")),
    Case(
        "travis-pull-request",
        TRAVIS_PULL_REQUEST,
        travis(branch="feature/x", commit_hash=HEAD, pull_request="5"),
    ),
    Case(
        "travis-pull-request-of-a-fork",
        TRAVIS_PULL_REQUEST
        | {"TRAVIS_PULL_REQUEST_BRANCH": "main", "TRAVIS_PULL_REQUEST_SLUG": "bob/site"},
        travis(branch="pr-5", commit_hash=HEAD, pull_request="5", is_fork=True),
    ),
    Case(
        "travis-pull-request-without-its-source",
        TRAVIS | {"TRAVIS_PULL_REQUEST": "5", "TRAVIS_BRANCH": "main", "TRAVIS_COMMIT": MERGE},
        travis(branch="pr-5", pull_request="5", is_fork=True),
    ),
    Case(
        "travis-tag",
        TRAVIS | {"TRAVIS_BRANCH": "v1", "TRAVIS_TAG": "v1"},
        travis(
            commit_hash=HEAD,
            commit_message="Fix",
            no_branch_reason="this build is of the tag v1",
        ),
    ),
    Case("travis-bare", {"TRAVIS": "true"}, facts("Travis CI")),
]

DRONE = {
    "CI": "true",
    # What Drone's runner still says for plugins of before 1.0.
    "CI_BUILD_LINK": "https://drone.example.test/old",
    "CI_COMMIT_BRANCH": "main",
    "CI_COMMIT_SHA": HEAD,
    "CI_REPO": "acme/site",
    "DRONE": "true",
    "DRONE_BRANCH": "feature/x",
    "DRONE_BUILD_EVENT": "push",
    "DRONE_BUILD_LINK": "https://drone.example.test/acme/site/4",
    "DRONE_COMMIT": HEAD,
    "DRONE_COMMIT_BRANCH": "feature/x",
    "DRONE_COMMIT_MESSAGE": "Fix",
    "DRONE_COMMIT_REF": "refs/heads/feature/x",
    "DRONE_COMMIT_SHA": HEAD,
    "DRONE_REPO": "acme/site",
    "DRONE_REPO_BRANCH": "main",
    "DRONE_SOURCE_BRANCH": "feature/x",
    "DRONE_TARGET_BRANCH": "feature/x",
}
DRONE_PULL_REQUEST = DRONE | {
    "DRONE_BRANCH": "develop",
    "DRONE_BUILD_EVENT": "pull_request",
    "DRONE_COMMIT_BRANCH": "develop",
    "DRONE_COMMIT_REF": "refs/pull/6/head",
    "DRONE_PULL_REQUEST": "6",
    "DRONE_TARGET_BRANCH": "develop",
}
drone = partial(
    facts,
    "Drone",
    commit_hash=HEAD,
    commit_message="Fix",
    repository="acme/site",
    run_url="https://drone.example.test/acme/site/4",
)
DRONE_CASES = [
    Case("drone-push", DRONE, drone(branch="feature/x")),
    Case(
        "drone-push-to-the-default-branch",
        DRONE | {"DRONE_BRANCH": "main", "DRONE_SOURCE_BRANCH": "main"},
        drone(branch="main"),
    ),
    Case("drone-pull-request", DRONE_PULL_REQUEST, drone(branch="feature/x", pull_request="6")),
    Case(
        "drone-pull-request-that-can-only-be-a-forks",
        DRONE_PULL_REQUEST | {"DRONE_SOURCE_BRANCH": "develop"},
        drone(branch="pr-6", pull_request="6", is_fork=True),
    ),
    Case(
        "drone-pull-request-of-anybodys-default-branch",
        DRONE_PULL_REQUEST | {"DRONE_SOURCE_BRANCH": "main"},
        drone(branch="pr-6", pull_request="6"),
    ),
    Case(
        "drone-pull-request-of-a-forge-that-does-not-tell-its-source",
        DRONE_PULL_REQUEST | {"DRONE_SOURCE_BRANCH": ""},
        drone(branch="pr-6", pull_request="6"),
    ),
    Case(
        "drone-tag",
        DRONE | {"DRONE_BRANCH": "main", "DRONE_BUILD_EVENT": "tag", "DRONE_TAG": "v1"},
        drone(no_branch_reason="this build is of the tag v1"),
    ),
    Case("drone-bare", {"DRONE": "true"}, facts("Drone")),
]

WOODPECKER = {
    "CI": "woodpecker",
    "CI_COMMIT_BRANCH": "feature/x",
    "CI_COMMIT_MESSAGE": "Fix",
    "CI_COMMIT_PULL_REQUEST": "",
    "CI_COMMIT_REF": "refs/heads/feature/x",
    "CI_COMMIT_SHA": HEAD,
    "CI_COMMIT_SOURCE_BRANCH": "",
    "CI_COMMIT_TAG": "",
    "CI_COMMIT_TARGET_BRANCH": "",
    "CI_PIPELINE_EVENT": "push",
    "CI_PIPELINE_URL": "https://ci.codeberg.org/repos/7/pipeline/8",
    "CI_REPO": "acme/site",
    "CI_REPO_DEFAULT_BRANCH": "main",
    "CI_STEP_URL": "https://ci.codeberg.org/repos/7/pipeline/8/2",
    "CI_SYSTEM_NAME": "woodpecker",
}
WOODPECKER_PULL_REQUEST = WOODPECKER | {
    "CI_COMMIT_BRANCH": "develop",
    "CI_COMMIT_PULL_REQUEST": "6",
    "CI_COMMIT_REF": "refs/pull/6/head",
    "CI_COMMIT_SOURCE_BRANCH": "feature/x",
    "CI_COMMIT_TARGET_BRANCH": "develop",
    "CI_PIPELINE_EVENT": "pull_request",
}
woodpecker = partial(
    facts,
    "Woodpecker",
    commit_hash=HEAD,
    commit_message="Fix",
    repository="acme/site",
    run_url="https://ci.codeberg.org/repos/7/pipeline/8",
)
WOODPECKER_CASES = [
    Case("woodpecker-push", WOODPECKER, woodpecker(branch="feature/x")),
    Case(
        "woodpecker-pull-request",
        WOODPECKER_PULL_REQUEST,
        woodpecker(branch="feature/x", pull_request="6"),
    ),
    Case(
        "woodpecker-pull-request-that-can-only-be-a-forks",
        WOODPECKER_PULL_REQUEST | {"CI_COMMIT_SOURCE_BRANCH": "develop"},
        woodpecker(branch="pr-6", pull_request="6", is_fork=True),
    ),
    Case(
        "woodpecker-pull-request-of-anybodys-default-branch",
        WOODPECKER_PULL_REQUEST | {"CI_COMMIT_SOURCE_BRANCH": "main"},
        woodpecker(branch="pr-6", pull_request="6"),
    ),
    Case(
        "woodpecker-tag",
        WOODPECKER | {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_TAG": "v1"},
        woodpecker(no_branch_reason="this build is of the tag v1"),
    ),
    Case(
        "woodpecker-before-1.0",
        without(WOODPECKER, "CI_PIPELINE_URL", "CI_STEP_URL") | {"CI_BUILD_LINK": "https://old"},
        facts(
            "Woodpecker",
            branch="feature/x",
            commit_hash=HEAD,
            commit_message="Fix",
            repository="acme/site",
            run_url="https://old",
        ),
    ),
    Case("woodpecker-bare", {"CI": "woodpecker"}, facts("Woodpecker")),
]

CODEBUILD = {
    "AWS_REGION": "eu-west-1",
    "CI": "true",
    "CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:123456789012:build/site:ab-cd",
    "CODEBUILD_BUILD_ID": "site:ab-cd",
    "CODEBUILD_INITIATOR": "GitHub-Hookshot/1",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": HEAD,
    "CODEBUILD_SOURCE_REPO_URL": "https://github.com/acme/site.git",
    "CODEBUILD_SOURCE_VERSION": HEAD,
    "CODEBUILD_WEBHOOK_EVENT": "PUSH",
    "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/feature/x",
    "CODEBUILD_WEBHOOK_TRIGGER": "branch/feature/x",
}
CODEBUILD_PULL_REQUEST = CODEBUILD | {
    "CODEBUILD_SOURCE_VERSION": "pr/12",
    "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
    "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED",
    "CODEBUILD_WEBHOOK_TRIGGER": "pr/12",
}
CODEBUILD_BY_HAND = without(
    CODEBUILD,
    "CODEBUILD_WEBHOOK_EVENT",
    "CODEBUILD_WEBHOOK_HEAD_REF",
    "CODEBUILD_WEBHOOK_TRIGGER",
)
RUN = (
    "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/site/"
    "build/site%3Aab-cd"
)
codebuild = partial(facts, "AWS CodeBuild", commit_hash=HEAD, repository="acme/site", run_url=RUN)
CODEBUILD_CASES = [
    Case("codebuild-push", CODEBUILD, codebuild(branch="feature/x")),
    Case(
        "codebuild-push-by-its-trigger-alone",
        without(CODEBUILD, "CODEBUILD_WEBHOOK_HEAD_REF"),
        codebuild(branch="feature/x"),
    ),
    Case(
        "codebuild-pull-request",
        CODEBUILD_PULL_REQUEST,
        codebuild(branch="feature/x", pull_request="12"),
    ),
    Case(
        "codebuild-pull-request-that-can-only-be-a-forks",
        CODEBUILD_PULL_REQUEST | {"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main"},
        codebuild(branch="pr-12", pull_request="12", is_fork=True),
    ),
    Case(
        "codebuild-pull-request-by-hand",
        CODEBUILD_BY_HAND | {"CODEBUILD_SOURCE_VERSION": "pr/12"},
        codebuild(branch="pr-12", pull_request="12"),
    ),
    *(
        Case(
            f"codebuild-by-hand-of-{version}",
            CODEBUILD_BY_HAND | {"CODEBUILD_SOURCE_VERSION": version},
            codebuild(),
        )
        for version in ("main", "branch/main", "tag/main", HEAD, "pr/x")
    ),
    Case(
        "codebuild-tag",
        CODEBUILD
        | {
            "CODEBUILD_WEBHOOK_HEAD_REF": "refs/tags/v1",
            "CODEBUILD_WEBHOOK_TRIGGER": "tag/v1",
        },
        codebuild(no_branch_reason="this build is of the tag v1"),
    ),
    Case(
        "codebuild-under-codepipeline",
        {
            "CODEBUILD_BUILD_ARN": CODEBUILD["CODEBUILD_BUILD_ARN"],
            "CODEBUILD_BUILD_ID": "site:ab-cd",
            "CODEBUILD_INITIATOR": "codepipeline/site",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": HEAD,
            "CODEBUILD_SOURCE_VERSION": "arn:aws:s3:::codepipeline-eu-west-1/site/branch/x.zip",
        },
        facts("AWS CodeBuild", commit_hash=HEAD, run_url=RUN),
    ),
    Case("codebuild-bare", {"CODEBUILD_BUILD_ID": "site:1"}, facts("AWS CodeBuild")),
]

CLOUDFLARE_CASES = [
    Case(
        name,
        environ,
        facts(
            "Cloudflare's own builder",
            branch="main",
            commit_hash=HEAD,
            warning=(
                "This runs inside a build of Cloudflare's own, which publishes by itself what it "
                "builds: a deployment from here is mostly a mistake."
            ),
        ),
    )
    for name, environ in (
        (
            "cloudflare-pages",
            {"CF_PAGES": "1", "CF_PAGES_BRANCH": "main", "CF_PAGES_COMMIT_SHA": HEAD},
        ),
        (
            "cloudflare-workers",
            {"WORKERS_CI": "1", "WORKERS_CI_BRANCH": "main", "WORKERS_CI_COMMIT_SHA": HEAD},
        ),
    )
]

CASES = [
    *GITHUB_CASES,
    *GITLAB_CASES,
    *JENKINS_CASES,
    *CIRCLECI_CASES,
    *BITBUCKET_CASES,
    *AZURE_CASES,
    *BUILDKITE_CASES,
    *TRAVIS_CASES,
    *DRONE_CASES,
    *WOODPECKER_CASES,
    *CODEBUILD_CASES,
    *CLOUDFLARE_CASES,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_is_read_from_the_environment_that_the_vendor_documents(
    tmp_path: Path, case: Case
) -> None:
    environ = dict(case.environ)
    if case.event is not None:
        file = tmp_path / "event.json"
        file.write_text(json.dumps(case.event))
        environ["GITHUB_EVENT_PATH"] = str(file)
    context = read_build(environ, tmp_path)
    read = {name: getattr(context, name) for name in FACTS}
    assert read == {name: getattr(case.expected, name) for name in FACTS}


@pytest.mark.parametrize(
    ("repository", "actor", "lacks_secrets"),
    [
        ("acme/site", "octocat", False),
        ("bob/site", "bob", True),
        (None, "bob", True),
        ("acme/site", "dependabot[bot]", True),
    ],
    ids=["own", "fork", "deleted fork", "dependabot"],
)
def test_github_keeps_its_secrets_from_pull_requests_of_forks_and_of_dependabot(
    tmp_path: Path, repository: str | None, actor: str, lacks_secrets: bool
) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event_of(repository, "patch-1")))
    environ = GITHUB_PULL_REQUEST | {"GITHUB_ACTOR": actor, "GITHUB_EVENT_PATH": str(file)}
    assert read_build(environ, tmp_path).lacks_secrets is lacks_secrets
    assert read_build(GITHUB | {"GITHUB_ACTOR": actor}, tmp_path).lacks_secrets is False


def test_bytes_that_are_no_text_do_not_stop_an_address(tmp_path: Path) -> None:
    """Of a variable that is not UTF-8 Python makes lone surrogates."""
    azure_context = read_build(AZURE | {"SYSTEM_TEAMPROJECT": "Caf\udce9"}, tmp_path)
    assert azure_context.run_url == "https://dev.azure.com/acme/Caf%3F/_build/results?buildId=99"
    arn = "arn:aws:codebuild:eu-west-1:1:build/site:\udce9"
    codebuild_context = read_build(CODEBUILD | {"CODEBUILD_BUILD_ARN": arn}, tmp_path)
    assert codebuild_context.run_url.endswith("/projects/site/build/site%3A%3F")


def test_no_two_cases_are_called_alike() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
