"""Which platform this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.base import first, first_commit_hash, is_branch
from pages_deploy.ci.detection import NAMES, detect

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "platform", "is_ci"),
    [
        ({}, "the local git checkout", False),
        ({"CI": "false"}, "the local git checkout", False),
        ({"CI": ""}, "the local git checkout", False),
        ({"CI": "true"}, "git in CI", True),
        ({"CI": "woodpecker"}, "git in CI", True),
        ({"TF_BUILD": "True"}, "git in CI", True),
        ({"BUILDKITE": "true"}, "git in CI", True),
        ({"TEAMCITY_VERSION": "2025.03"}, "git in CI", True),
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, "GitHub Actions", True),
        ({"GITLAB_CI": "true", "CI": "true"}, "GitLab CI", True),
        ({"JENKINS_URL": "https://ci", "BUILD_ID": "1", "CI": "true"}, "Jenkins", True),
    ],
    ids=range(11),
)
def test_the_platform_is_known_by_its_marks(
    tmp_path: Path, environ: dict[str, str], platform: str, is_ci: bool
) -> None:
    context = detect(environ, tmp_path)
    assert (context.platform, context.is_ci) == (platform, is_ci)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_overrides_the_marks(tmp_path: Path, name: str) -> None:
    by_name = detect({"GITHUB_ACTIONS": "true"}, tmp_path, name=name)
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
