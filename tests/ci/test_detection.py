"""Which platform this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.build_context import (
    first,
    first_commit_hash,
    fork_branch,
    is_branch,
    pull_request_number,
    slug_of,
)
from pages_deploy.ci.detection import NAMES, PLATFORMS, read_build

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.ci.platform import Platform


@pytest.mark.parametrize(
    ("environ", "platform", "is_ci"),
    [
        ({}, "the local git checkout", False),
        ({"CI": "false"}, "the local git checkout", False),
        ({"CI": ""}, "the local git checkout", False),
        ({"CI": "true"}, "git in CI", True),
        ({"CI": "0"}, "the local git checkout", False),
        ({"CI": "1"}, "git in CI", True),
        ({"CI": "woodpecker"}, "Woodpecker", True),
        ({"CI": "woodpecker", "CI_COMMIT_SHA": "a" * 40}, "Woodpecker", True),
        ({"CI": "drone", "DRONE": "true", "CI_COMMIT_SHA": "a" * 40}, "Drone", True),
        ({"TF_BUILD": "True"}, "Azure Pipelines", True),
        ({"BUILDKITE": "true", "CI": "true"}, "Buildkite", True),
        ({"BITBUCKET_BUILD_NUMBER": "1", "CI": "true"}, "Bitbucket Pipelines", True),
        ({"CIRCLECI": "true", "CI": "true"}, "CircleCI", True),
        ({"TRAVIS": "true", "CI": "true"}, "Travis CI", True),
        ({"TEAMCITY_VERSION": "2025.03"}, "TeamCity", True),
        ({"CODEBUILD_BUILD_ID": "site:1", "CI": "true"}, "AWS CodeBuild", True),
        ({"CODEBUILD_BUILD_ARN": "arn:aws:codebuild:x"}, "AWS CodeBuild", True),
        ({"CF_PAGES": "1", "CI": "true"}, "Cloudflare's own builder", True),
        ({"WORKERS_CI": "1", "CI": "true"}, "Cloudflare's own builder", True),
        ({"GITHUB_ACTIONS": "true", "ACT": "true"}, "act", True),
        ({"ACT": "true", "CI": "true"}, "git in CI", True),
        ({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"}, "Gitea Actions", True),
        (
            {"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"},
            "Forgejo Actions",
            True,
        ),
        ({"TEAMCITY_VERSION": "2025.03", "BUILD_ID": "1", "BUILD_URL": "x"}, "TeamCity", True),
        ({"BUILD_ID": "1", "BUILD_URL": "x", "JOB_NAME": "y"}, "the local git checkout", False),
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, "GitHub Actions", True),
        ({"GITLAB_CI": "true", "CI": "true"}, "GitLab CI", True),
        ({"JENKINS_URL": "https://ci", "BUILD_ID": "1", "CI": "true"}, "Jenkins", True),
    ],
    ids=range(28),
)
def test_the_platform_is_known_by_its_marks(
    tmp_path: Path, environ: dict[str, str], platform: str, is_ci: bool
) -> None:
    context = read_build(environ, tmp_path)
    assert (context.platform, context.is_ci) == (platform, is_ci)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_overrides_the_marks(tmp_path: Path, name: str) -> None:
    by_name = read_build({"GITHUB_ACTIONS": "true"}, tmp_path, name=name)
    assert by_name.is_ci == (name != "none")
    assert (by_name.platform == "GitHub Actions") == (name == "github")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main", True),
        ("feature/HEAD", True),
        ("123", True),
        ("12/merge/x", True),
        ("", False),
        ("HEAD", False),
        ("12/merge", False),
        ("12/head", False),
        ("refs/pull/12/merge", False),
        ("refs/tags/v1", False),
    ],
)
def test_what_a_branch_can_be_called(name: str, expected: bool) -> None:
    assert is_branch(name) is expected


def test_a_commit_hash_is_40_or_64_hexadecimal_digits() -> None:
    assert first_commit_hash("", "abc", "g" * 40, "a" * 41, "A1" * 20, "b" * 40) == "A1" * 20
    assert first_commit_hash("c" * 64) == "c" * 64
    assert first_commit_hash("main", "d" * 63) == ""
    assert first_commit_hash() == ""


def test_the_first_variable_that_is_not_empty_counts() -> None:
    assert first({"A": "", "B": "b", "C": "c"}, "A", "B", "C") == "b"
    assert first({}, "A") == ""


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_every_platform_can_be_chosen_without_any_of_its_variables(
    tmp_path: Path, platform: Platform
) -> None:
    context = read_build({}, tmp_path, name=platform.name)
    assert context == platform.build({})
    assert (context.branch, context.commit_hash, context.is_fork) == ("", "", False)
    assert (context.pull_request, context.repository, context.run_url) == ("", "", "")


def test_a_name_of_no_platform_is_a_bug_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        read_build({}, tmp_path, name="hudson")


def test_only_cloudflares_own_builders_are_warned_of(tmp_path: Path) -> None:
    warned = {name for name in NAMES if read_build({}, tmp_path, name=name).warning}
    assert warned == {"cloudflare"}


def test_a_pull_requests_number_is_digits() -> None:
    assert [pull_request_number(text) for text in ("1", "42", "9" * 12)] == ["1", "42", "9" * 12]
    nothing = ("", "false", "0", "042", "-1", "4 2", "42\n", "9" * 13, "\u0664\u0662", "1\u0662")
    assert not any(pull_request_number(text) for text in nothing)


def test_a_forks_branch_is_never_called_as_in_the_fork() -> None:
    assert fork_branch(pull_request="42", owner="bob", branch="main") == "pr-42"
    assert fork_branch(pull_request="", owner="bob", branch="main") == "bob-main"
    assert fork_branch(pull_request="", branch="main") == "fork-main"
    assert fork_branch(pull_request="", owner="bob") == ""


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://github.com/acme/site.git", "acme/site"),
        ("https://github.com/acme/site/", "acme/site"),
        ("https://user:secret@github.com/acme/site.git", "acme/site"),
        ("https://user:secret@github.com", ""),
        ("git+ssh://git@github.com/acme/site", "acme/site"),
        ("ssh://git@example.test:2222/group/sub/site.git", "group/sub/site"),
        ("git@github.com:acme/site.git", "acme/site"),
        ("git@ssh.dev.azure.com:v3/acme/project/site", "v3/acme/project/site"),
        ("acme/site", "acme/site"),
        ("", ""),
    ],
)
def test_the_slug_is_the_path_of_an_address_without_its_secrets(address: str, slug: str) -> None:
    assert slug_of(address) == slug
